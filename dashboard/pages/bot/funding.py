"""A funding bot's page: positions with both legs, what funding came to, what it says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components.ages import age
from dashboard.components.bots import shown, table_panel
from dashboard.components.figures import dollars, fixed, gain, percent
from dashboard.queries.bot_cards import total
from dashboard.queries.bots import BotView
from dashboard.queries.funding import FundingPositionRecord, FundingRecord

Positions = Sequence[FundingPositionRecord]


def figures(bot: BotView, held: Positions) -> list[Component]:
    """Return the strip."""
    if bot.heard_at is None:
        return [html.P("It has not answered yet.", className="empty")]
    return [
        shown("P&L", gain(total([position.total_pnl for position in held])), large=True),
        shown("Funding", gain(total([position.funding_pnl for position in held])), large=True),
        shown("Deployed", dollars(total([position.deployed for position in held]))),
        shown("Positions", f"{len(held)}"),
        shown("State", str(bot.detail.get("state") or "not told")),
        shown("Answer of", age(bot.heard_at)),
    ]


def body(held: Positions, points: Sequence[FundingRecord], bot: BotView) -> list[Component]:
    """Return positions and funding."""
    return [_positions(held), _funding(points, bot)]


def aside(bot: BotView) -> list[Component]:
    """Return what it says of itself."""
    stats = bot.detail.get("stats") or {}
    rows = [(name.replace("_", " "), _plain(value)) for name, value in stats.items()]
    empty = "It has told no figures of itself."
    said = table_panel("What it says of itself", ("Name", "Value"), rows, empty=empty)
    return [said]


def _positions(held: Positions) -> Component:
    titles = ("Asset", "Status", "Long", "Short", "Delta", "Health", "Margin", "Funding", "P&L")
    return table_panel(
        "Positions",
        (*titles, "Told"),
        [
            (
                html.Strong(position.asset),
                position.status,
                dollars(position.long_value),
                dollars(position.short_value),
                _delta(position),
                fixed(position.health_factor),
                fixed(position.margin_fraction),
                gain(position.funding_pnl),
                gain(position.total_pnl),
                age(position.at),
            )
            for position in held
        ],
        empty="It holds no position, or has told of none.",
    )


def _delta(position: FundingPositionRecord) -> str:
    ratio = percent(position.delta_ratio, 2)
    return f"{dollars(position.delta)} ({ratio})"


def _funding(points: Sequence[FundingRecord], bot: BotView) -> Component:
    tells = bot.detail.get("tells_funding", True)
    empty = "It has told of no funding yet."
    return table_panel(
        "Funding",
        ("Asset", "Venue or position", "Rate", "Came to", "When"),
        [
            (
                html.Strong(point.asset),
                html.Small(point.venue or point.position_id),
                percent(point.rate, 4),
                gain(point.funding_pnl),
                age(point.at),
            )
            for point in points
        ],
        empty=empty,
        aside=None if tells else "It tells no rates: what funding came to is shown",
    )


def _plain(value: Any) -> str:
    if isinstance(value, dict | list):
        return f"{len(value)} entries"
    return fixed(Decimal(str(value))) if isinstance(value, float) else str(value)
