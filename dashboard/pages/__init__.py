"""The pages, in the order of the navigation."""

from dashboard.page import Page
from dashboard.pages import live, logs, position, positions, signals

PAGES: tuple[Page, ...] = (live.PAGE, signals.PAGE, positions.PAGE, position.PAGE, logs.PAGE)
