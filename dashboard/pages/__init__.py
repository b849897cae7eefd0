"""The pages, in the order of the navigation."""

from dashboard.page import Page
from dashboard.pages import history, live, logs, position, positions, settings, signals

PAGES: tuple[Page, ...] = (
    live.PAGE,
    signals.PAGE,
    positions.PAGE,
    position.PAGE,
    history.PAGE,
    logs.PAGE,
    settings.PAGE,
)
