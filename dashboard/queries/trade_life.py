"""One round trip from the opening range to its last fill: everything that explains its P&L."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.journal import Fact, Told
from dashboard.queries.positions import PositionRow, position_rows
from dashboard.queries.records import CandidateRecord, SignalRecord
from dashboard.queries.signals import range_of, signal_record
from dashboard.queries.trade_facts import facts_of, scans_of
from dashboard.queries.trade_sources import Sources, sources_of
from dashboard.queries.trades import TradeLine, line
from engine.desk import Desk
from models.statuses import OPEN_ORDER_STATUSES
from models.trading import Fill, Order, Signal, Trade
from models.vocabulary import (
    ExitReason,
    OrderPurpose,
    OrderSide,
    OrderStatus,
    OrderType,
    TradeStatus,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeOrder:
    """One order of a trade, with the moments of its life."""

    id: int
    client_order_id: str
    broker_order_id: str | None
    purpose: OrderPurpose
    side: OrderSide
    type: OrderType
    quantity: int
    filled_quantity: int
    stop_price: Decimal | None
    limit_price: Decimal | None
    status: OrderStatus
    code: str | None
    sentence: str | None
    exit_reason: ExitReason | None
    strategy_version: int | None  # what it was decided by, None if that is not known
    risk_version: int | None
    intended_at: datetime
    submitted_at: datetime | None
    answered_at: datetime | None
    updated_at: datetime

    @property
    def ended_at(self) -> datetime | None:
        """Return when it could no longer trade, None while it can."""
        return None if self.status in OPEN_ORDER_STATUSES else self.updated_at


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeFill:
    """One fill of a trade."""

    execution_id: str
    client_order_id: str
    purpose: OrderPurpose
    side: OrderSide
    quantity: int
    price: Decimal
    filled_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeLife:
    """A trade and everything it came from, each in the order of time."""

    trade: TradeLine
    position: PositionRow | None  # while it is open
    signal: SignalRecord | None
    range: CandidateRecord | None
    orders: Sequence[LifeOrder]
    fills: Sequence[LifeFill]
    facts: Told
    scans: Sequence[Fact]  # that found its symbol
    sources: Sources


def trade_life(tx: Transaction, desk: Desk, number: int) -> TradeLife | None:
    """Return one trade's life, None if this account has no such trade."""
    trade = tx.get(Trade, number)
    if trade is None or trade.account != desk.account:
        return None
    orders = _orders(tx, trade)
    signal = tx.get(Signal, trade.signal_id) if trade.signal_id is not None else None
    is_open = trade.status is TradeStatus.OPEN
    return TradeLife(
        trade=line(
            trade,
            signal.strategy_version if signal else None,
            signal.risk_version if signal else None,
        ),
        position=position_rows(tx, [trade])[0] if is_open else None,
        signal=signal_record(signal) if signal else None,
        range=range_of(tx, trade.session, trade.symbol),
        orders=[_order(order) for order in orders],
        fills=_fills(tx, orders),
        facts=facts_of(tx, trade, orders),
        scans=scans_of(tx, trade),
        sources=sources_of(tx, desk, trade, signal, _entry(orders)),
    )


def _entry(orders: Sequence[Order]) -> Order | None:
    return next((order for order in orders if order.purpose is OrderPurpose.ENTRY), None)


def _orders(tx: Transaction, trade: Trade) -> Sequence[Order]:
    """Return the trade's orders; an attached stop knows its trade only by its signal."""
    mine = Order.trade_id == trade.id
    if trade.signal_id is not None:
        mine = or_(mine, (Order.signal_id == trade.signal_id) & Order.trade_id.is_(None))
    return tx.scalars(select(Order).where(mine).order_by(Order.intended_at, Order.id)).all()


def _fills(tx: Transaction, orders: Sequence[Order]) -> list[LifeFill]:
    by_id = {order.id: order for order in orders}
    chosen = select(Fill).where(Fill.order_id.in_(by_id)).order_by(Fill.filled_at, Fill.id)
    return [_fill(fill, by_id[fill.order_id]) for fill in tx.scalars(chosen)]


def _order(row: Order) -> LifeOrder:
    return LifeOrder(
        id=row.id,
        client_order_id=row.client_order_id,
        broker_order_id=row.broker_order_id,
        purpose=row.purpose,
        side=row.side,
        type=row.type,
        quantity=row.quantity,
        filled_quantity=row.filled_quantity,
        stop_price=row.stop_price,
        limit_price=row.limit_price,
        status=row.status,
        code=row.code,
        sentence=row.sentence,
        exit_reason=row.exit_reason,
        strategy_version=row.strategy_version,
        risk_version=row.risk_version,
        intended_at=row.intended_at,
        submitted_at=row.submitted_at,
        answered_at=row.answered_at,
        updated_at=row.updated_at,
    )


def _fill(row: Fill, order: Order) -> LifeFill:
    return LifeFill(
        execution_id=row.execution_id,
        client_order_id=order.client_order_id,
        purpose=order.purpose,
        side=row.side,
        quantity=row.quantity,
        price=row.price,
        filled_at=row.filled_at,
        recorded_at=row.recorded_at,
    )
