"""How a position's P&L came about, step by step back to the bars: each figure explains itself."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dash import html

from dashboard.components.figures import clock, dollars, fixed, hop, many, percent, price
from dashboard.pages.position.derived import in_r, pnl, size
from dashboard.pages.position.steps import OVER, TIMES, Cell, Cells, Step, exactly, table, unknown
from dashboard.queries.records import CandidateRecord, SignalRecord
from dashboard.queries.trade_life import LifeFill, LifeOrder, TradeLife
from dashboard.wording import BASES, CONFIDENCE, sentences
from models.vocabulary import OrderPurpose


def chain(life: TradeLife, bars: int) -> list[Step]:
    """Return the steps in the order of their titles: from the P&L to the bars."""
    return [
        pnl(life),
        in_r(life),
        _fills(life.fills),
        _orders(life.orders),
        _signal(life.signal) if life.signal else unknown("none: adopted"),
        size(life),
        _range(life, life.range, bars) if life.range else unknown("not kept"),
    ]


def _fills(fills: Sequence[LifeFill]) -> Step:
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
    return Step(count, table(rows, "Time", "For", "Shares", "Amount", "Execution"))


def _orders(orders: Sequence[LifeOrder]) -> Step:
    rows = [_order(order) for order in orders]
    head = (
        "Order",
        "What",
        "Status",
        "Intended",
        "Sent",
        "Answered after",
        "Last change",
        "Settings",
    )
    return Step(f"{len(orders)}", table(rows, *head))


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
        hop(answer),
        clock(order.updated_at),
        _decided_by(order),
    )


def _decided_by(order: LifeOrder) -> str:
    """Name the versions of the settings in force when the order was decided."""
    if order.strategy_version is None or order.risk_version is None:
        return "not known"
    return f"strategy {order.strategy_version}, risk {order.risk_version}"


def _sent(order: LifeOrder) -> str:
    if order.submitted_at is not None:
        return clock(order.submitted_at)
    return "with its entry" if order.purpose is OrderPurpose.STOP else "never"


def _signal(signal: SignalRecord) -> Step:
    rows: list[Cells] = [
        ("Rank in the scan", f"{signal.rank}"),
        ("Relative volume", f"{fixed(signal.rvol)}{TIMES}"),
        (f"Confidence: {CONFIDENCE}", percent(signal.confidence, 0)),
        ("Entry level: the edge of the opening range", price(signal.entry_level)),
        ("Planned stop", price(signal.planned_stop)),
        ("Stop distance: the risk per share, before rounding", exactly(signal.stop_distance)),
        ("Shares", f"{signal.quantity:,}"),
        ("Planned risk", dollars(signal.stop_distance * signal.quantity)),
        ("Made at", clock(signal.created_at)),
        ("Settings", _versions(signal)),
        ("Became", html.Span(signal.status, className=f"status {signal.status}")),
    ]
    return Step(f"#{signal.rank}, {signal.side} {signal.quantity:,}", table(rows))


def _versions(signal: SignalRecord) -> html.A:
    words = f"strategy version {signal.strategy_version}, risk version {signal.risk_version}"
    return html.A(words, href="/settings", className="inside")


def _range(life: TradeLife, found: CandidateRecord, bars: int) -> Step:
    basis = BASES[found.rvol_basis] if found.rvol_basis else "No history to compare with"
    rows: list[Cells] = [
        ("Open, high, low, close", " / ".join(map(price, _ohlc(found)))),
        ("Volume", f"{found.volume:,}"),
        *_usual(found, life.sources.usual_volume),
        (f"Relative volume. {basis}", f"{fixed(found.rvol)}{TIMES}"),
        ("ATR of 14 sessions", price(found.atr14)),
        ("Stop distance: a part of the ATR", price(found.stop_distance)),
        ("Filters", sentences(found.failed) or "Passed all of them."),
        ("Feed", found.feed),
        ("Minute bars of the day in the chart", f"{bars}"),
    ]
    return Step(f"{fixed(found.rvol)}{TIMES} of its usual volume", table(rows))


def _usual(found: CandidateRecord, usual: float | None) -> list[Cells]:
    """Show what the volume was divided by, or that it is gone."""
    if not usual:
        gone = "not kept any more" if found.rvol_basis else "not known"
        return [("Usual volume of an opening range", gone)]
    return [
        ("Usual volume of an opening range", fixed(usual, 0)),
        (f"{found.volume:,} {OVER} {fixed(usual, 0)}", f"{fixed(found.volume / usual)}{TIMES}"),
    ]


def _ohlc(found: CandidateRecord) -> tuple[Decimal | None, ...]:
    return found.open, found.high, found.low, found.close
