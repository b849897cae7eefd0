"""The pages, in the order of the navigation."""

from dashboard.page import Page
from dashboard.pages import audit, live, signals

PAGES: tuple[Page, ...] = (live.PAGE, signals.PAGE, audit.PAGE)
