"""The pages, in the order of the navigation."""

from dashboard.page import Page
from dashboard.pages import (
    alerts,
    analytics,
    audit,
    bot,
    bots,
    history,
    live,
    logs,
    position,
    positions,
    reconciliation,
    scanner,
    settings,
    signals,
)

PAGES: tuple[Page, ...] = (
    live.PAGE,
    scanner.PAGE,
    signals.PAGE,
    positions.PAGE,
    position.PAGE,
    history.PAGE,
    analytics.PAGE,
    alerts.PAGE,
    bots.PAGE,
    bot.PAGE,
    logs.PAGE,
    reconciliation.PAGE,
    audit.PAGE,
    settings.PAGE,
)
