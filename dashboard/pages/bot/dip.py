"""A dip bot's page: account, trades, what it missed, its brake, and how deep the dips were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components.ages import age
from dashboard.components.bots import shown, table_panel
from dashboard.components.charts import GAIN, PRIMARY, QUIET, bare_layout
from dashboard.components.figures import (
    dollars,
    duration,
    fixed,
    gain,
    percent,
    price,
    signed,
    stamp,
    tone,
)
from dashboard.components.groups import bar
from dashboard.queries.bot_cards import DipView
from dashboard.queries.bots import BotView
from dashboard.queries.dip_records import BrakeRecord, DipBucket


def figures(bot: BotView, view: DipView) -> list[Component]:
    """Return the account strip."""
    account = view.account
    if account is None:
        return [html.P("It has not told its account yet.", className="empty")]
    today = view.today
    return [
        shown("Equity", dollars(account.equity), large=True),
        shown("P&L", [gain(account.pl), html.Small(f" {percent(account.pl_part, 2)}")], large=True),
        shown("Cash", dollars(account.cash)),
        shown("Margin", _gauge(account.margin)),
        shown("Brake", _brake_mark(view)),
        shown("Trades today", f"{today.trades}" if today else "0"),
        shown("Cycle", str(bot.detail.get("cycle") or "not told")),
        shown("Market", str(bot.detail.get("market") or "not told")),
        shown("Account of", age(account.at)),
    ]


def _gauge(margin: Decimal) -> html.Div:
    part = min(max(float(margin), 0.0), 1.0)
    track = html.Div(bar("share-bar", part), className="track")
    return html.Div([percent(margin), track], className="gauge")


def _brake_mark(view: DipView) -> Component:
    if view.brake is None:
        return html.Span("off", className="brake-off")
    since: list[Any] = [
        "on, at ",
        percent(view.brake.margin),
        ", since ",
        age(view.brake.started_at),
    ]
    return html.Span(since, className="brake-on")


def body(view: DipView) -> list[Component]:
    """Return what it did and what it left."""
    return [_trades(view), _missed(view), _best(view)]


def aside(view: DipView) -> list[Component]:
    """Return what stands beside it."""
    return [_positions(view), _brakes(view), _wash_sales(view), _odd_lines(view)]


def _trades(view: DipView) -> Component:
    return table_panel(
        "Recent trades",
        ("Symbol", "Side", "Quantity", "Price", "Value", "When"),
        [
            (
                html.Strong(trade.symbol),
                trade.side,
                f"{trade.quantity.normalize():f}",
                price(trade.price),
                dollars(trade.value),
                age(trade.at),
            )
            for trade in view.trades
        ],
        empty="Its log tells of no trade.",
    )


def _missed(view: DipView) -> Component:
    return table_panel(
        "Missed opportunities",
        ("Symbol", "Dip", "Reason", "In its words", "When"),
        [
            (
                html.Strong(skip.symbol),
                percent(skip.dip, 2),
                skip.reason.replace("_", " "),
                html.Small(skip.sentence),
                age(skip.at),
            )
            for skip in view.skips
        ],
        empty="Its log tells of no dip that was left alone.",
    )


def _best(view: DipView) -> Component:
    return table_panel(
        "Best scores of 30 days",
        ("Symbol", "Dip", "Price", "Score", "Became", "When"),
        [
            (
                html.Strong(dip.symbol),
                percent(dip.dip, 2),
                price(dip.price),
                f"{fixed(dip.score)}\N{MULTIPLICATION SIGN}",
                "bought" if dip.executed else (dip.skipped_for or "nothing").replace("_", " "),
                age(dip.at),
            )
            for dip in view.best
        ],
        empty="Its log tells of no dip that was deep enough.",
    )


def _positions(view: DipView) -> Component:
    newest = max((position.at for position in view.positions), default=None)
    return table_panel(
        "Positions",
        ("Symbol", "Gain", "Value"),
        [
            (
                html.Strong(position.symbol),
                _gain_part(position.pl_part),
                dollars(position.value),
            )
            for position in view.positions
        ],
        empty="Its log tells of no winners or losers.",
        aside=age(newest) if newest else None,
    )


def _gain_part(part: Decimal) -> html.Span:
    return html.Span(signed(part, percent(part, 2)), className=tone(part))


def _brakes(view: DipView) -> Component:
    return table_panel(
        "Brake",
        ("Margin", "Began", "Lasted"),
        [(percent(brake.margin), age(brake.started_at), _lasted(brake)) for brake in view.brakes],
        empty="Its log tells of no brake.",
    )


def _lasted(brake: BrakeRecord) -> str:
    if brake.ended_at is None:
        return "it holds"
    return duration(max(0.0, (brake.ended_at - brake.started_at).total_seconds()))


def _wash_sales(view: DipView) -> Component:
    return table_panel(
        "Wash sales of 30 days",
        ("Symbol", "Blocked", "Deepest", "Last"),
        [
            (
                html.Strong(row.symbol),
                f"{row.blocked:,}",
                percent(row.deepest, 2),
                age(row.last_at),
            )
            for row in view.wash_sales
        ],
        empty="None was blocked.",
    )


def _odd_lines(view: DipView) -> Component:
    return table_panel(
        "Lines that cannot be read",
        ("Line", "Why", "Read"),
        [(html.Code(line.text), html.Small(line.reason), age(line.at)) for line in view.odd_lines],
        empty="Every line with a tag could be read.",
    )


# ------------------------------------------------------------------------------ charts
def equity_figure(points: Sequence[tuple[datetime, Decimal]]) -> dict[str, Any]:
    """Return the line of the equity."""
    layout = {**bare_layout(), "hovermode": "x"}
    layout["xaxis"] |= {"type": "date", "nticks": 8}
    layout["yaxis"] |= {"tickformat": "$,.2~f"}
    line = {
        "type": "scatter",
        "mode": "lines+markers" if len(points) == 1 else "lines",
        "x": [stamp(at) for at, _equity in points],
        "y": [float(equity) for _at, equity in points],
        "line": {"width": 2, "color": PRIMARY},
        "hovertemplate": "%{x|%b %-d %H:%M}  $%{y:,.2f}<extra></extra>",
    }
    return {"data": [line], "layout": layout}


def dips_figure(buckets: Sequence[DipBucket]) -> dict[str, Any]:
    """Return the histogram of dips: bought, and left."""
    layout = {**bare_layout(legend=True), "barmode": "stack"}
    width = max(1, len(buckets) // 6)
    layout["xaxis"] |= {"ticksuffix": "%", "tick0": 0, "dtick": width, "tickangle": 0}
    most = max((bucket.count for bucket in buckets), default=0)
    layout["yaxis"] |= {"tick0": 0, "dtick": max(1, most // 4)}
    layout["bargap"] = 0.08
    bought = [bucket.executed for bucket in buckets]
    left = [bucket.count - bucket.executed for bucket in buckets]
    data = [_bars(buckets, "bought", bought, GAIN), _bars(buckets, "left", left, QUIET)]
    return {"data": data, "layout": layout}


def _bars(
    buckets: Sequence[DipBucket], name: str, counts: Sequence[int], colour: str
) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": name,
        "x": [float(bucket.least + bucket.most) * 50 for bucket in buckets],
        "y": list(counts),
        "marker": {"color": colour, "pattern": {"shape": "" if name == "bought" else "/"}},
        "customdata": [f"{percent(b.least, 0)} to {percent(b.most, 0)}" for b in buckets],
        "hovertemplate": "%{customdata}: %{y} " + name + "<extra></extra>",
    }
