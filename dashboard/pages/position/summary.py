"""The head of a position's page: what it was and what it came to."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components.figures import clock, day, duration, gain, gain_r, price
from dashboard.queries.trade_life import TradeLife
from dashboard.queries.trades import TradeLine
from models.vocabulary import Side, TradeStatus


def summary(life: TradeLife) -> list[Component]:
    """Return the figures of a position; those of an open one are of the last known price."""
    trade, now = life.trade, life.position
    arrow = "\N{UPWARDS ARROW}" if trade.side is Side.LONG else "\N{DOWNWARDS ARROW}"
    title = html.H1([f"{trade.symbol} ", html.Small(f"{arrow} {trade.side}")])
    status = html.Span(_status(life), className=f"status {trade.status}")
    head = html.Div(
        [_back(), title, html.P([day(trade.session), " · ", status, " · ", _scan(trade)])],
        className="headline",
    )
    figures = [
        _figure("P&L", gain(now.pnl if now else trade.pnl), large=True),
        _figure("In R", gain_r(now.pnl_r if now else trade.pnl_r), large=True),
        _figure("Shares", f"{trade.quantity:,}"),
        _figure("Entry", price(trade.entry_price)),
        _figure("Last", price(now.last)) if now else _figure("Exit", price(trade.exit_price)),
        _figure("Stop", price(now.stop_price if now else trade.stop_price)),
        _figure("Held", duration(trade.seconds) if trade.seconds is not None else "open"),
        _figure("Without a stop", duration(trade.naked_seconds)),
    ]
    return [head, html.Div(figures, className="figures")]


def _status(life: TradeLife) -> str:
    trade = life.trade
    if trade.status is TradeStatus.OPEN:
        return f"open since {clock(trade.opened_at)}"
    return f"closed by {trade.exit_reason} at {clock(trade.closed_at)}"


def _scan(trade: TradeLine) -> html.A:
    """Lead to what the scan said of the symbol on that day."""
    href = f"/scanner?session={trade.session}&show={trade.symbol}"
    return html.A("Its scan", href=href, className="opens-symbol")


def _back() -> html.A:
    return html.A("\N{LEFTWARDS ARROW} Positions", href="/positions", className="inside back")


def _figure(label: str, value: Any, *, large: bool = False) -> html.Div:
    parts = [html.Span(label, className="label"), html.Span(value, className="value")]
    return html.Div(parts, className="figure large" if large else "figure")
