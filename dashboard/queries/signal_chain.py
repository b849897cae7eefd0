"""Signals of any session with what each of them became: order, answer, fill, exit, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.trades import LINES, TradeLine, begins, day_of, line, word_of
from engine.desk import Desk
from models.trading import Fill, Order, Signal, Trade
from models.vocabulary import ExitReason, OrderPurpose, OrderStatus, Side, SignalStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalFilter:
    """Which signals somebody wants to see. Without any day, those of the present session."""

    symbol: str = ""  # the beginning of it
    side: Side | None = None
    status: SignalStatus | None = None
    first: date | None = None
    last: date | None = None

    @property
    def is_today(self) -> bool:
        """Say whether it is about the present session."""
        return self.first is None and self.last is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainRow:
    """One signal and what followed it; the hops are seconds from one step to the next."""

    id: int
    session: date
    rank: int
    symbol: str
    side: Side
    status: SignalStatus
    rvol: float
    confidence: float
    entry_level: Decimal
    planned_stop: Decimal
    quantity: int
    code: str | None
    sentence: str | None
    late: bool
    created_at: datetime
    order_status: OrderStatus | None
    to_order: float | None
    to_answer: float | None
    to_fill: float | None
    to_exit: float | None
    filled_at: datetime | None
    trade_id: int | None
    entry_price: Decimal | None
    exit_reason: ExitReason | None
    pnl: Decimal | None
    pnl_r: Decimal | None
    strategy_version: int
    risk_version: int


@dataclass(frozen=True, slots=True)
class _After:
    """What followed some signals, by the signal's number."""

    orders: Mapping[int, Order]
    filled: Mapping[int, datetime]  # the first fill, by the order's number
    trades: Mapping[int, TradeLine]


def read_signal_filter(words: Mapping[str, str | None]) -> SignalFilter:
    """Read a filter from the words of an address; what makes no sense leaves nothing out.

    One day alone, the last, is that day; the first alone is everything since.
    """
    last = day_of(words.get("last"))
    return SignalFilter(
        symbol=(words.get("symbol") or "").strip().upper(),
        side=word_of(Side, words.get("side")),
        status=word_of(SignalStatus, words.get("status")),
        first=day_of(words.get("first")) or last,
        last=last,
    )


def count_signals(tx: Transaction, desk: Desk, wanted: SignalFilter) -> int:
    """Return how many signals a filter leaves."""
    return tx.scalar(select(func.count(Signal.id)).where(*_matching(desk, wanted))) or 0


def chain_rows(
    tx: Transaction, desk: Desk, wanted: SignalFilter, *, offset: int = 0, limit: int | None = None
) -> list[ChainRow]:
    """Return signals with what followed them: the newest session first, in it by rank."""
    chosen = (
        select(Signal)
        .where(*_matching(desk, wanted))
        .order_by(Signal.session.desc(), Signal.rank, Signal.id)
    )
    signals = tx.scalars(chosen.offset(offset).limit(limit)).all()
    after = _after(tx, [signal.id for signal in signals])
    return [_row(signal, after) for signal in signals]


def _matching(desk: Desk, wanted: SignalFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Signal.account == desk.account]
    if wanted.is_today:
        session = desk.session()
        conditions.append(Signal.session == (session.day if session else None))
    if wanted.first is not None:
        conditions.append(Signal.session >= wanted.first)
    if wanted.last is not None:
        conditions.append(Signal.session <= wanted.last)
    if wanted.symbol:
        conditions.append(begins(desk, Signal.symbol, wanted.symbol))
    for column, value in ((Signal.side, wanted.side), (Signal.status, wanted.status)):
        if value is not None:
            conditions.append(column == value)
    return conditions


def _after(tx: Transaction, signals: Sequence[int]) -> _After:
    entries = select(Order).where(Order.signal_id.in_(signals), Order.purpose == OrderPurpose.ENTRY)
    orders = {order.signal_id or 0: order for order in tx.scalars(entries.order_by(Order.id))}
    numbers = [order.id for order in orders.values()]
    fills = (
        select(Fill.order_id, func.min(Fill.filled_at).label("first"))
        .where(Fill.order_id.in_(numbers))
        .group_by(Fill.order_id)
    )
    trades = tx.execute(LINES.where(Trade.signal_id.in_(signals)))
    return _After(
        orders=orders,
        filled={row.order_id: row.first for row in tx.execute(fills)},
        trades={row.Trade.signal_id or 0: line(*row) for row in trades},
    )


def _row(signal: Signal, after: _After) -> ChainRow:
    order, trade = after.orders.get(signal.id), after.trades.get(signal.id)
    filled_at = after.filled.get(order.id) if order else None
    sent_at = order.submitted_at if order else None
    return ChainRow(
        id=signal.id,
        session=signal.session,
        rank=signal.rank,
        symbol=signal.symbol,
        side=signal.side,
        status=signal.status,
        rvol=signal.rvol,
        confidence=signal.confidence,
        entry_level=signal.entry_level,
        planned_stop=signal.planned_stop,
        quantity=signal.quantity,
        code=signal.code or (order.code if order else None),
        sentence=signal.sentence or (order.sentence if order else None),
        late=signal.late,
        created_at=signal.created_at,
        order_status=order.status if order else None,
        to_order=_hop(signal.created_at, sent_at),
        to_answer=_hop(sent_at, order.answered_at if order else None),
        to_fill=_hop(sent_at, filled_at),
        to_exit=_hop(filled_at, trade.closed_at if trade else None),
        filled_at=filled_at,
        trade_id=trade.id if trade else None,
        entry_price=trade.entry_price if trade else None,
        exit_reason=trade.exit_reason if trade else None,
        pnl=trade.pnl if trade and trade.closed_at else None,
        pnl_r=trade.pnl_r if trade and trade.closed_at else None,
        strategy_version=signal.strategy_version,
        risk_version=signal.risk_version,
    )


def _hop(since: datetime | None, until: datetime | None) -> float | None:
    return round((until - since).total_seconds(), 3) if since and until else None
