"""How a position's P&L came about, step by step back to the bars: each figure explains itself."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dash import html
from dash.development.base_component import Component

from dashboard.components.figures import clock, dollars, duration, fixed, gain, many, percent, price
from dashboard.queries.records import CandidateRecord, SignalRecord
from dashboard.queries.trade_life import LifeFill, LifeOrder, TradeLife
from dashboard.queries.trades import TradeLine
from dashboard.wording import BASES, sentences
from models.money import ZERO
from models.vocabulary import OrderPurpose, Side

Cell = str | Component
Cells = Sequence[Cell]
TIMES = "\N{MULTIPLICATION SIGN}"


def chain(life: TradeLife, bars: int) -> list[Component]:
    """Return the steps: P&L, fills, orders, signal, opening range, bars."""
    steps: list[Component] = [_pnl(life), _fills(life.fills), _orders(life.orders)]
    steps.append(_signal(life.signal) if life.signal else _none("Signal", "none: adopted"))
    steps.append(_range(life.range, bars) if life.range else _none("Opening range", "not kept"))
    return steps


def _pnl(life: TradeLife) -> html.Details:
    trade, now = life.trade, life.position
    left = sum(fill.quantity for fill in life.fills if fill.side is trade.side.exit)
    rows = _difference(trade, left) if left else []
    if now is not None and now.pnl is not None:
        held = f"Still open: {trade.open_quantity:,} at the last price {price(now.last)}"
        rows.append((held, gain(now.pnl - trade.pnl)))
    return _step("P&L", gain(now.pnl if now else trade.pnl), _table(rows), is_open=True)


def _difference(trade: TradeLine, shares: int) -> list[Cells]:
    """Return what the shares that were left again cost and brought."""
    first, then = ("Bought", "Sold") if trade.side is Side.LONG else ("Sold", "Bought back")
    paid, received = trade.entry_price * shares, (trade.exit_price or ZERO) * shares
    return [
        (f"{first} {shares:,} {TIMES} {price(trade.entry_price)}", dollars(paid)),
        (f"{then} {shares:,} {TIMES} {price(trade.exit_price)}", dollars(received)),
        ("Difference: realised", gain(trade.pnl)),
    ]


def _fills(fills: Sequence[LifeFill]) -> html.Details:
    rows: list[Cells] = [
        (
            clock(fill.filled_at),
            fill.purpose,
            f"{fill.side} {fill.quantity:,} {TIMES} {price(fill.price)}",
            dollars(fill.price * fill.quantity),
            html.Code(fill.execution_id),
        )
        for fill in fills
    ]
    count = many(len(fills), "execution")
    return _step("Fills", count, _table(rows, "Time", "For", "Shares", "Amount", "Execution"))


def _orders(orders: Sequence[LifeOrder]) -> html.Details:
    rows = [_order(order) for order in orders]
    head = ("Order", "What", "Status", "Intended", "Sent", "Answered after", "Last change")
    return _step("Orders", f"{len(orders)}", _table(rows, *head))


def _order(order: LifeOrder) -> Cells:
    level = order.stop_price if order.stop_price is not None else order.limit_price
    what = f"{order.side} {order.quantity:,} {order.type.replace('_', ' ')}"
    answer = None
    if order.submitted_at and order.answered_at:
        answer = (order.answered_at - order.submitted_at).total_seconds()
    status: list[Cell] = [html.Span(order.status, className=f"status {order.status}")]
    if order.sentence:
        status.append(html.Small(f" {order.sentence}"))
    return (
        html.Code(order.client_order_id),
        what + (f" at {price(level)}" if level is not None else ""),
        html.Span(status),
        clock(order.intended_at),
        _sent(order),
        duration(answer),
        clock(order.updated_at),
    )


def _sent(order: LifeOrder) -> str:
    if order.submitted_at is not None:
        return clock(order.submitted_at)
    return "with its entry" if order.purpose is OrderPurpose.STOP else "never"


def _signal(signal: SignalRecord) -> html.Details:
    rows: list[Cells] = [
        ("Rank in the scan", f"{signal.rank}"),
        ("Relative volume", f"{fixed(signal.rvol)}{TIMES}"),
        ("Confidence", percent(signal.confidence, 0)),
        ("Entry level: the edge of the opening range", price(signal.entry_level)),
        ("Planned stop", price(signal.planned_stop)),
        ("Risk per share", price(abs(signal.entry_level - signal.planned_stop))),
        ("Shares", f"{signal.quantity:,}"),
        ("Planned risk", dollars(abs(signal.entry_level - signal.planned_stop) * signal.quantity)),
        ("Made at", clock(signal.created_at)),
        ("Became", html.Span(signal.status, className=f"status {signal.status}")),
    ]
    return _step("Signal", f"#{signal.rank}, {signal.side} {signal.quantity:,}", _table(rows))


def _range(found: CandidateRecord, bars: int) -> html.Details:
    basis = BASES[found.rvol_basis] if found.rvol_basis else "No history to compare with"
    rows: list[Cells] = [
        ("Open, high, low, close", " / ".join(map(price, _ohlc(found)))),
        ("Volume", f"{found.volume:,}"),
        (f"Relative volume. {basis}", f"{fixed(found.rvol)}{TIMES}"),
        ("ATR of 14 sessions", price(found.atr14)),
        ("Stop distance: a part of the ATR", price(found.stop_distance)),
        ("Filters", sentences(found.failed) or "Passed all of them."),
        ("Feed", found.feed),
        ("Minute bars of the day in the chart", f"{bars}"),
    ]
    return _step("Opening range", f"{fixed(found.rvol)}{TIMES} of its usual volume", _table(rows))


def _ohlc(found: CandidateRecord) -> tuple[Decimal | None, ...]:
    return found.open, found.high, found.low, found.close


def _none(title: str, why: str) -> html.Details:
    return _step(title, why, html.P("Nothing is known of it.", className="empty"))


def _step(title: str, fact: Cell, content: Component, *, is_open: bool = False) -> html.Details:
    head = html.Summary([html.Strong(title), html.Span(fact, className="fact")])
    return html.Details([head, html.Div(content, className="scroll")], open=is_open)


def _table(rows: Sequence[Cells], *head: str) -> html.Table:
    body = html.Tbody([html.Tr([html.Td(cell) for cell in row]) for row in rows])
    titles = [html.Thead(html.Tr([html.Th(title) for title in head]))] if head else []
    return html.Table([*titles, body], className="plain" if head else "plain pairs")
