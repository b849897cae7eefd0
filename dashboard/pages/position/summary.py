"""The head of a position's page: what it was and what it came to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components.figures import clock, day, duration, gain, gain_r, price
from dashboard.components.panels import data
from dashboard.queries.positions import PositionRow
from dashboard.queries.trade_life import TradeLife
from dashboard.queries.trades import TradeLine
from dashboard.wire import moment_text
from models.vocabulary import Side, TradeStatus

WORTH_A_WORD = 1.0  # seconds without a stop that are worth a word: an attached one is live in less


def summary(life: TradeLife, at: datetime) -> list[Component]:
    """Return the figures of a position; those of an open one are of the last known price.

    What grows older by the second is written as of `at`; the browser goes on (assets/position.js).
    """
    trade, now = life.trade, life.position
    arrow = "\N{UPWARDS ARROW}" if trade.side is Side.LONG else "\N{DOWNWARDS ARROW}"
    title = html.H1([f"{trade.symbol} ", html.Small(f"{arrow} {trade.side}")])
    status = html.Span(_status(life), className=f"status {trade.status}")
    head = html.Div(
        [
            _back(),
            title,
            html.P([day(trade.session), " · ", status, " · ", _scan(trade)]),
            *([_protection(now, at), _price_age(now, at)] if now else _later(life)),
        ],
        className="headline",
    )
    figures = [
        _figure("P&L", gain(now.pnl if now else trade.pnl), "large priced"),
        _figure("In R", gain_r(now.pnl_r if now else trade.pnl_r), "large priced"),
        _figure("Shares", f"{trade.quantity:,}"),
        _figure("Entry", price(trade.entry_price)),
        *(_of_open(now) if now else _of_closed(trade)),
    ]
    return [head, html.Div(figures, className="figures")]


def _of_open(now: PositionRow) -> list[html.Div]:
    mark = "" if now.stop_is_live else " planned, not live"
    stop = html.Span([price(now.stop_price), html.Small(mark)])
    return [_figure("Last", price(now.last), "priced"), _figure("Stop", stop)]


def _of_closed(trade: TradeLine) -> list[html.Div]:
    return [
        _figure("Exit", price(trade.exit_price)),
        _figure("Stop", price(trade.stop_price)),
        _figure("Held", duration(trade.seconds)),
        _figure("Without a stop", duration(trade.naked_seconds)),
    ]


def _protection(now: PositionRow, at: datetime) -> html.P:
    """Say whether a live stop covers every share, and since when none does."""
    if not now.is_protected:
        return html.P(_naked(now, at))
    if now.is_closing:
        return html.P("Closing: what is on its way covers it")
    gap = now.naked_seconds
    before = f" ({duration(gap)} without one)" if gap >= WORTH_A_WORD else ""
    return html.P(f"\N{CHECK MARK} Covered by a live stop{before}")


def _naked(now: PositionRow, at: datetime) -> html.Span:
    what = "A part has no live stop" if now.stop_is_live else "No live stop"
    said = [html.Span(f"\N{BALLOT X} {what}")]
    if now.naked_since:
        said += [html.Span(" for "), _since(now.naked_since, at)]
    return html.Span(said, className="naked")


def _price_age(now: PositionRow, at: datetime) -> html.P:
    if now.last_at is None:
        return html.P("No price has been seen yet")
    said = [html.Span(f"Price of {clock(now.last_at)}, "), _since(now.last_at, at)]
    return html.P([*said, html.Span(" old")], **data(price=moment_text(now.last_at)))


def _since(moment: datetime, at: datetime) -> html.Span:
    return html.Span(duration((at - moment).total_seconds()), **data(since=moment_text(moment)))


def _status(life: TradeLife) -> str:
    trade = life.trade
    if trade.status is TradeStatus.OPEN:
        return f"open since {clock(trade.opened_at)}"
    return f"closed by {trade.exit_reason} at {clock(trade.closed_at)}"


def _later(life: TradeLife) -> list[html.P]:
    """Say when the desk heard of the last fill: a broker tells later than its exchange acts."""
    known = clock(max((fill.recorded_at for fill in life.fills), default=None))
    if not life.fills or known == clock(life.trade.closed_at):
        return []
    return [html.P(f"Known to the desk at {known}")]


def _scan(trade: TradeLine) -> html.A:
    """Lead to what the scan said of the symbol on that day."""
    href = f"/scanner?session={trade.session}&show={trade.symbol}"
    return html.A("Its scan", href=href, className="opens-symbol")


def _back() -> html.A:
    return html.A("\N{LEFTWARDS ARROW} Positions", href="/positions", className="inside back")


def _figure(label: str, value: Any, kind: str = "") -> html.Div:
    parts = [html.Span(label, className="label"), html.Span(value, className="value")]
    return html.Div(parts, className=f"figure {kind}".strip())
