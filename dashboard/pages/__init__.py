"""The pages, in the order of the navigation."""

from dashboard.page import Page
from dashboard.pages import live, signals

PAGES: tuple[Page, ...] = (live.PAGE, signals.PAGE)
