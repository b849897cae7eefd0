"""How orders and their signals move through their lives; every step is journalled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Update, bindparam, select, update
from sqlalchemy.orm import Session as Transaction
from sqlalchemy.sql.dml import ReturningUpdate

from engine.actions.raising import raise_alert
from engine.desk import Desk
from engine.journal import record
from models.broker import BrokerOrder, Refusal
from models.statuses import NEXT_ORDER_STATUSES, signals_before
from models.tables import rows
from models.trading import Order, Signal
from models.vocabulary import OrderPurpose, OrderStatus, Severity, SignalStatus

_ORDERS = rows(Order)
_SIGNALS = rows(Signal)
_LEG = select(Order).where(Order.parent_id == bindparam("parent"))


def leg_of(tx: Transaction, order: Order) -> Order | None:
    """Return the attached stop of an entry, apart from the transaction."""
    leg = tx.scalars(_LEG, {"parent": order.id}).first()
    if leg is not None:
        tx.expunge(leg)
    return leg


def adopt_answers(
    tx: Transaction, desk: Desk, order: Order, leg: Order | None, answers: Sequence[BrokerOrder]
) -> None:
    """Store what the broker says of an order and its attached stop."""
    for answer in answers:
        mine = order if answer.parent_id is None else leg
        if mine is None:
            continue
        unheard = mine is leg and leg.status is OrderStatus.INTENDED
        if unheard and answer.status is not OrderStatus.HELD:
            move_order(tx, desk, mine, OrderStatus.HELD)  # it went live before we heard of it
        adopt_answer(tx, desk, mine, answer)


def adopt_answer(tx: Transaction, desk: Desk, order: Order, answer: BrokerOrder) -> None:
    """Bring an order's row up to what the broker says, fills excepted: those come one by one."""
    status = answer.status
    if status in {OrderStatus.FILLED, OrderStatus.PARTIALLY_FILLED}:
        status = OrderStatus.WORKING  # the executions will say the rest
    news = _news(desk, order, answer)
    if status is OrderStatus.REJECTED:
        reject(tx, desk, order, "broker", answer.reason or "The broker rejected it later.")
    elif not move_order(tx, desk, order, status, **news) and news:
        tx.execute(update(_ORDERS).where(_ORDERS.c.id == order.id).values(news))
        for name, value in news.items():
            setattr(order, name, value)


def _news(desk: Desk, order: Order, answer: BrokerOrder) -> dict[str, Any]:
    """Return what the broker tells besides the status: its id, and where the stop really is."""
    news: dict[str, Any] = {}
    if order.broker_order_id is None:
        news |= {"broker_order_id": answer.broker_order_id, "answered_at": desk.clock.now()}
    if answer.stop_price is not None and answer.stop_price != order.stop_price:
        news["stop_price"] = answer.stop_price
    return news


def move_order(tx: Transaction, desk: Desk, order: Order, status: OrderStatus, **news: Any) -> bool:
    """Take an order to its next status, if the table of next statuses allows it.

    `news` are other columns that change with it. An order that somebody else moved meanwhile is
    left as it is.
    """
    if status not in NEXT_ORDER_STATUSES[order.status] or status is order.status:
        return False
    changes = {"status": status, "updated_at": desk.clock.now(), **news}
    moved = tx.connection().execute(
        _moving(tuple(changes)),
        {"of_id": order.id, "was": order.status} | {f"new_{k}": v for k, v in changes.items()},
    )
    if not moved.rowcount:
        return False
    for name, value in changes.items():
        setattr(order, name, value)
    note(tx, desk, order, f"{_label(order)} is {status.replace('_', ' ')}")
    if order.purpose is OrderPurpose.ENTRY:
        _move_signal(tx, desk, order)
    return True


@lru_cache
def _moving(names: tuple[str, ...]) -> Update:
    """Return the compare-and-set that changes these columns; built once, for it is the hot path."""
    return (
        update(_ORDERS)
        .where(_ORDERS.c.id == bindparam("of_id"), _ORDERS.c.status == bindparam("was"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )


def reject(tx: Transaction, desk: Desk, order: Order, code: str, sentence: str) -> None:
    """Record that the broker said no; an attached stop dies with its entry."""
    _end(tx, desk, order, OrderStatus.REJECTED, Refusal(code, sentence))


def refuse(tx: Transaction, desk: Desk, order: Order, refusal: Refusal) -> None:
    """Record that the desk's own rules stopped an order before it was sent."""
    _end(tx, desk, order, OrderStatus.REFUSED, refusal)


def refuse_signal(tx: Transaction, desk: Desk, signal_id: int, refusal: Refusal) -> None:
    """Record why a signal is not followed."""
    _set_signal(tx, desk, signal_id, SignalStatus.REFUSED, refusal)


def _end(tx: Transaction, desk: Desk, order: Order, status: OrderStatus, refusal: Refusal) -> None:
    order.code, order.sentence = refusal.code, refusal.sentence
    move_order(tx, desk, order, status, code=refusal.code, sentence=refusal.sentence)
    if (leg := leg_of(tx, order)) is not None:
        move_order(tx, desk, leg, OrderStatus.CANCELLED)


_SIGNAL_OF: Mapping[OrderStatus, SignalStatus] = {
    OrderStatus.WORKING: SignalStatus.WORKING,
    OrderStatus.FILLED: SignalStatus.FILLED,
    OrderStatus.CANCELLED: SignalStatus.CANCELLED,
    OrderStatus.REJECTED: SignalStatus.REJECTED,
    OrderStatus.REFUSED: SignalStatus.REFUSED,
    OrderStatus.EXPIRED: SignalStatus.EXPIRED,
}


def _move_signal(tx: Transaction, desk: Desk, order: Order) -> None:
    status = _SIGNAL_OF.get(order.status)
    if order.signal_id is None or status is None:
        return
    if order.filled_quantity:  # part of it was filled before the rest was cancelled
        status = SignalStatus.FILLED
    refusal = Refusal(order.code, order.sentence or "") if order.code else None
    _set_signal(tx, desk, order.signal_id, status, refusal)


def _set_signal(
    tx: Transaction, desk: Desk, signal_id: int, status: SignalStatus, refusal: Refusal | None
) -> None:
    now = desk.clock.now()
    values = {"new_status": status, "new_updated_at": now}
    if refusal is not None:
        values |= {"new_code": refusal.code, "new_sentence": refusal.sentence}
    moving = _moving_signal(status, with_reason=refusal is not None)
    symbol = tx.connection().scalar(moving, values | {"of_id": signal_id})
    if symbol is None:
        return
    why = f": {refusal.sentence}" if refusal else ""
    record(
        tx,
        now,
        "signal",
        f"signal:{signal_id}",
        severity=Severity.WARNING if refusal else Severity.INFO,
        text=f"{symbol} signal {status}{why}",
        signal_id=signal_id,
        symbol=symbol,
        status=status,
        code=refusal.code if refusal else None,
    )


@lru_cache
def _moving_signal(status: SignalStatus, *, with_reason: bool) -> ReturningUpdate[tuple[str]]:
    """Return the compare-and-set that takes a signal to a status; built once for each."""
    names = ("status", "updated_at", *(("code", "sentence") if with_reason else ()))
    return (
        update(_SIGNALS)
        .where(_SIGNALS.c.id == bindparam("of_id"), _SIGNALS.c.status.in_(signals_before(status)))
        .values({name: bindparam(f"new_{name}") for name in names})
        .returning(_SIGNALS.c.symbol)
    )


def _label(order: Order) -> str:
    return f"{order.symbol} {order.purpose} {order.side} {order.quantity:,}"


def note(
    tx: Transaction, desk: Desk, order: Order, text: str, severity: Severity | None = None
) -> None:
    """Write a fact about an order into the journal."""
    bad = order.status is OrderStatus.REJECTED
    record(
        tx,
        desk.clock.now(),
        "order",
        f"order:{order.id}",
        severity=severity or (Severity.WARNING if bad else Severity.INFO),
        text=f"{text}: {order.sentence}" if order.sentence else text,
        order_id=order.id,
        client_order_id=order.client_order_id,
        symbol=order.symbol,
        status=order.status,
        code=order.code,
    )
    if bad:
        _raise(tx, desk, order, text)


def _raise(tx: Transaction, desk: Desk, order: Order, text: str) -> None:
    """Tell of a rejection; one that leaves a position open or bare is the graver."""
    is_entry = order.purpose is OrderPurpose.ENTRY
    raise_alert(
        tx,
        desk,
        "order_rejected",
        f"{order.symbol} {order.purpose}",  # every attempt about the same is the same alert
        f"{text}: {order.sentence}" if order.sentence else text,
        severity=Severity.WARNING if is_entry else Severity.CRITICAL,
        symbol=order.symbol,
        order_id=order.id,
    )
