"""How other bots look wherever they are shown: their health, their figures, their small tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components.ages import age
from dashboard.components.panels import aria, panel
from dashboard.components.tables import plain_table
from dashboard.queries.bots import BotView
from models.vocabulary import BotHealth, BotKind

KINDS = {BotKind.DIP: "Big Dipper, by its log", BotKind.FUNDING: "Delta-neutral, over HTTP"}
WORDS = {
    BotHealth.UNKNOWN: "not looked at",
    BotHealth.WELL: "well",
    BotHealth.SILENT: "silent",
    BotHealth.AWAY: "away",
}


def health(bot: BotView) -> html.Span:
    """Show how a bot was when the desk last looked: by a form, a word, and only then a colour."""
    return html.Span(
        [html.Span(className="lamp"), WORDS[bot.health]], className=f"bot-health {bot.health}"
    )


def heard(bot: BotView) -> html.P:
    """Tell when a bot was last heard of and looked at, and what is the matter with it."""
    parts: list[Any] = ["Heard of ", age(bot.heard_at), ", looked at ", age(bot.looked_at), ". "]
    return html.P([*parts, bot.sentence], className="heard")


def figures(bot: BotView, shown_figures: Sequence[Component]) -> html.Div:
    """Show a bot's figures, grey where they are not of now."""
    is_old = bot.health is not BotHealth.WELL
    return html.Div(list(shown_figures), className="figures old" if is_old else "figures")


def shown(label: str, value: Any, *, large: bool = False) -> html.Div:
    """Show a figure with its name above it."""
    parts = [html.Span(label, className="label"), html.Span(value, className="value")]
    return html.Div(parts, className="figure large" if large else "figure")


def table_panel(
    title: str,
    titles: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    empty: str,
    aside: Any = None,
) -> html.Section:
    """Show a panel with a small table, or say why it is empty."""
    if not rows:
        return panel(title, html.P(empty, className="empty"), aside=aside)
    return panel(title, region(plain_table(titles, rows), title), aside=aside)


def region(content: Component, name: str) -> html.Div:
    """Keep something long in a frame of its own, which the keyboard can scroll."""
    return html.Div(
        content,
        className="padded limited figures-list",
        tabIndex="0",
        role="region",
        **aria(label=f"{name}: rows"),  # its panel has the name itself
    )
