"""What the desk has decided to send, written down before it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Transaction

from engine.actions.trading_settings import Versions, versions_in_force
from engine.desk import Desk
from engine.journal import correlation
from engine.rules.identity import client_order_id
from models.trading import Order
from models.vocabulary import (
    ExitReason,
    OrderClass,
    OrderPurpose,
    OrderSide,
    OrderStatus,
    OrderType,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StopIntent:
    """The protective stop that an entry carries. `offset` is its distance from the fill."""

    stop_price: Decimal
    offset: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """An order that the desk has decided on."""

    session: date
    symbol: str
    purpose: OrderPurpose
    side: OrderSide
    type: OrderType
    quantity: int
    stop_price: Decimal | None = None
    tick_size: Decimal = Decimal(0)
    signal_id: int | None = None
    trade_id: int | None = None
    exit_reason: ExitReason | None = None
    attached: StopIntent | None = None
    beside_entry: bool = False  # a stop while part of the entry still works
    correlation_id: str = ""


def intend(
    tx: Transaction, desk: Desk, intents: Iterable[Intent], by: Versions | None = None
) -> list[Order]:
    """Write orders down, fenced by the lease; they are sent after the commit.

    Each carries the versions of the settings it was decided `by`: what is in force now, unless
    they were read before.

    Raises:
        NotTheEngineError: another engine took over.
    """
    intents = list(intents)
    fence = desk.lease.fence(tx)
    attempts = _Attempts(tx, desk, intents)
    by = by or versions_in_force(tx)
    orders = [_new_order(desk, intent, by, fence, attempts) for intent in intents]
    tx.add_all(orders)
    tx.flush()
    tx.add_all(
        _new_leg(order, intent.attached, attempts)
        for order, intent in zip(orders, intents, strict=True)
        if intent.attached is not None
    )
    return orders


class _Attempts:
    """Numbers the orders of a session, symbol and purpose, going on from those that exist."""

    def __init__(self, tx: Transaction, desk: Desk, intents: Sequence[Intent]) -> None:
        rows = tx.execute(
            select(Order.session, Order.symbol, Order.purpose, func.max(Order.attempt))
            .where(
                Order.account == desk.account,
                Order.session.in_({intent.session for intent in intents}),
                Order.symbol.in_({intent.symbol for intent in intents}),
            )
            .group_by(Order.session, Order.symbol, Order.purpose)
        ).all()
        self._last = {(session, symbol, purpose): n for session, symbol, purpose, n in rows}

    def next(self, session: date, symbol: str, purpose: OrderPurpose) -> int:
        """Return the number of the next order of this purpose."""
        key = session, symbol, purpose
        self._last[key] = self._last.get(key, 0) + 1
        return self._last[key]


def _new_order(desk: Desk, intent: Intent, by: Versions, fence: int, attempts: _Attempts) -> Order:
    now = desk.clock.now()
    attempt = attempts.next(intent.session, intent.symbol, intent.purpose)
    return Order(
        account=desk.account,
        client_order_id=client_order_id(intent.session, intent.symbol, intent.purpose, attempt),
        session=intent.session,
        symbol=intent.symbol,
        purpose=intent.purpose,
        attempt=attempt,
        side=intent.side,
        type=intent.type,
        order_class=_class_of(intent),
        quantity=intent.quantity,
        filled_quantity=0,
        stop_price=intent.stop_price,
        tick_size=intent.tick_size,
        status=OrderStatus.INTENDED,
        exit_reason=intent.exit_reason,
        signal_id=intent.signal_id,
        trade_id=intent.trade_id,
        strategy_version=by.strategy_version,
        risk_version=by.risk_version,
        fence=fence,
        correlation_id=intent.correlation_id or correlation.get(),
        intended_at=now,
        updated_at=now,
    )


def _class_of(intent: Intent) -> OrderClass:
    if intent.attached:
        return OrderClass.OTO
    return OrderClass.OCO if intent.beside_entry else OrderClass.SIMPLE


def _new_leg(entry: Order, stop: StopIntent, attempts: _Attempts) -> Order:
    attempt = attempts.next(entry.session, entry.symbol, OrderPurpose.STOP)
    return Order(
        account=entry.account,
        client_order_id=client_order_id(entry.session, entry.symbol, OrderPurpose.STOP, attempt),
        session=entry.session,
        symbol=entry.symbol,
        purpose=OrderPurpose.STOP,
        attempt=attempt,
        side=entry.side.opposite,
        type=OrderType.STOP,
        order_class=OrderClass.OTO,
        quantity=entry.quantity,
        filled_quantity=0,
        stop_price=stop.stop_price,
        stop_offset=stop.offset,
        tick_size=entry.tick_size,
        status=OrderStatus.INTENDED,
        exit_reason=ExitReason.STOP,
        parent_id=entry.id,
        signal_id=entry.signal_id,
        strategy_version=entry.strategy_version,
        risk_version=entry.risk_version,
        fence=entry.fence,
        correlation_id=entry.correlation_id,
        intended_at=entry.intended_at,
        updated_at=entry.updated_at,
    )
