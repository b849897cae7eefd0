"""From what the broker reports to the desk's own books: fills, orders, trades."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.orm import Session as Transaction

from engine.actions.trades import update_trade
from engine.actions.transitions import adopt_answer, adopt_answers, leg_of, move_order, note
from engine.desk import Desk
from engine.errors import BrokerUnavailableError
from engine.journal import record
from engine.rules.amounts import price
from models.broker import BrokerOrder, Execution
from models.statuses import LIVE_ORDER_STATUSES
from models.tables import rows
from models.trading import Fill, Order, Trade
from models.vocabulary import OrderPurpose, OrderStatus, TradeStatus

Line = Row[*tuple[Any, ...]]  # a live order, as `_LINES` reads it
_ORDERS = rows(Order)
_LIVE = (
    select(Order)
    .where(Order.account == bindparam("account"), Order.status.in_(LIVE_ORDER_STATUSES))
    .order_by(Order.id)
)
_LINES = (
    select(
        _ORDERS.c.id,
        _ORDERS.c.session,
        _ORDERS.c.status,
        _ORDERS.c.broker_order_id,
        _ORDERS.c.filled_quantity,
        _ORDERS.c.stop_price,
    )
    .where(_ORDERS.c.account == bindparam("account"), _ORDERS.c.status.in_(LIVE_ORDER_STATUSES))
    .order_by(_ORDERS.c.id)
)
_WITH = (
    select(Order)
    .where(
        Order.account == bindparam("account"),
        Order.broker_order_id.in_(bindparam("ids", expanding=True)),
    )
    .order_by(Order.id)
)
_KNOWN = select(Fill.execution_id).where(
    Fill.account == bindparam("account"), Fill.filled_at >= bindparam("since")
)
_ADD_FILL = insert(rows(Fill))
_OLDEST = select(func.min(Trade.session)).where(
    Trade.account == bindparam("account"), Trade.status == TradeStatus.OPEN
)
_OPEN = (
    select(Trade)
    .where(Trade.account == bindparam("account"), Trade.status == TradeStatus.OPEN)
    .order_by(Trade.id)
)


def live_orders(tx: Transaction, desk: Desk) -> list[Order]:
    """Return this account's orders that the broker may have, oldest first."""
    return list(tx.scalars(_LIVE, {"account": desk.account}))


def open_trades(tx: Transaction, desk: Desk) -> list[Trade]:
    """Return this account's open trades, oldest first."""
    return list(tx.scalars(_OPEN, {"account": desk.account}))


def follow(desk: Desk, *, thorough: bool = False) -> int:
    """Bring orders, fills and trades up to what the broker says; return the number of new fills.

    1. Unknown outcomes are looked up first.
    2. Executions are recorded by their id: seeing one twice changes nothing.
    3. An order's end is believed only when all of its fills are recorded.

    A thorough run asks for executions even if no order of ours shows one: a fill can come after
    the end of its order.
    """
    with desk.db.read() as tx:
        live = tx.execute(_LINES, {"account": desk.account}).all()
        since = _since(tx, desk, live)
    look_up(desk, _orders(desk, [line.id for line in live if _is_unknown(line)]))
    if since is None:
        return 0
    ids = [line.broker_order_id for line in live if line.broker_order_id is not None]
    seen = {o.broker_order_id: o for o in desk.broker.orders(ids)} if ids else {}
    wanted = thorough or _has_new_fills(live, seen)
    new = _unrecorded(desk, desk.broker.executions(since), since) if wanted else []
    changed = _changed(live, seen) | {execution.broker_order_id for execution in new}
    if not changed:
        return 0
    if desk.stream is not None:
        desk.stream.poll_saw_a_change()
    with desk.db.write() as tx:
        orders = _orders_with(tx, desk, changed)
        _record_fills(tx, desk, new, orders)
        for broker_order_id, order in orders.items():
            if (answer := seen.get(broker_order_id)) is not None:
                _believe(tx, desk, order, answer)
    return len(new)


def _since(tx: Transaction, desk: Desk, live: Sequence[Line]) -> datetime | None:
    """Return the open of the oldest session that may still bring fills."""
    today = desk.session()
    days = [order.session for order in live]
    oldest = tx.scalar(_OLDEST, {"account": desk.account})
    if oldest is not None:
        days.append(oldest)
    if today is not None and today.opens_at <= desk.clock.now():
        days.append(today.day)
    session = desk.hours.session_on(min(days)) if days else None
    return session.opens_at if session else None


def look_up(desk: Desk, unknown: Iterable[Order]) -> None:
    """Settle orders whose outcome is unknown: adopt them, or let them be sent again.

    An entry that is not found counts as lost only after the broker has had time to settle: the
    first submission may still be on its way.
    """
    for order in unknown:
        desk.lease.renew()  # the question before it may have hung
        try:
            answers = desk.broker.find(order.client_order_id)
        except BrokerUnavailableError:
            continue  # asked again with the next poll; the other orders must not wait for it
        with desk.db.write() as tx:
            adopt_answers(tx, desk, order, leg_of(tx, order), answers)
            if not answers and _is_settled(desk, order):
                note(tx, desk, order, f"{order.client_order_id} never reached the broker")
                _never_sent(tx, desk, order)


def _orders(desk: Desk, ids: Sequence[int]) -> Sequence[Order]:
    if not ids:
        return []
    with desk.db.read() as tx:
        return tx.scalars(select(Order).where(Order.id.in_(ids)).order_by(Order.id)).all()


def _is_unknown(line: Line) -> bool:
    """Say whether nobody knows if the broker has it; it may have been cancelled meanwhile."""
    return line.status is OrderStatus.SUBMITTING or line.broker_order_id is None


def _never_sent(tx: Transaction, desk: Desk, order: Order) -> None:
    """Let an order be sent again; one that was to be cancelled is, with its stop."""
    if order.status is not OrderStatus.CANCELLING:
        move_order(tx, desk, order, OrderStatus.INTENDED)
        return
    move_order(tx, desk, order, OrderStatus.CANCELLED)
    if (leg := leg_of(tx, order)) is not None:
        move_order(tx, desk, leg, OrderStatus.CANCELLED)


def _is_settled(desk: Desk, order: Order) -> bool:
    """Say whether a submission that is not found will not come any more.

    What protects or closes does not wait: sent again under the same name it cannot be placed
    twice. An entry that is believed lost may be refused next, so it waits until that is sure.
    """
    if order.purpose is not OrderPurpose.ENTRY and order.status is OrderStatus.SUBMITTING:
        return True
    patience = desk.broker.settles_after * max(1.0, desk.clock.speed)
    return desk.clock.now() - (order.submitted_at or order.intended_at) >= patience


def _has_new_fills(live: Sequence[Line], seen: Mapping[str, BrokerOrder]) -> bool:
    """Say whether the broker filled more of any order than is recorded."""
    for line in live:
        answer = seen.get(line.broker_order_id)
        if answer is not None and answer.filled_quantity > line.filled_quantity:
            return True
    return False


def _changed(live: Sequence[Line], seen: Mapping[str, BrokerOrder]) -> set[str]:
    """Return the broker's ids of the orders whose answer differs from their row."""
    return {
        answer.broker_order_id
        for line in live
        if (answer := seen.get(line.broker_order_id)) is not None
        and (answer.status is not line.status or answer.stop_price != line.stop_price)
    }


def _unrecorded(desk: Desk, executions: Sequence[Execution], since: datetime) -> list[Execution]:
    if not executions:
        return []
    with desk.db.read() as tx:
        known = set(tx.scalars(_KNOWN, {"account": desk.account, "since": since}))
    return [e for e in executions if e.execution_id not in known]


def _record_fills(
    tx: Transaction, desk: Desk, executions: Sequence[Execution], orders: Mapping[str, Order]
) -> None:
    known = [(orders[e.broker_order_id], e) for e in executions if e.broker_order_id in orders]
    # A fill of somebody else's order is reconciliation's affair. Entries go before their exits.
    for order, execution in sorted(known, key=_in_order):
        _record_fill(tx, desk, order, execution)


def _orders_with(tx: Transaction, desk: Desk, ids: Collection[str]) -> dict[str, Order]:
    """Return orders by the broker's id, oldest first; ended ones too, for a fill can come late."""
    found = tx.scalars(_WITH, {"account": desk.account, "ids": list(ids)}).all()
    for order in found:
        tx.expunge(order)
    return {order.broker_order_id: order for order in found if order.broker_order_id is not None}


def _in_order(pair: tuple[Order, Execution]) -> tuple[datetime, bool]:
    order, execution = pair
    return execution.filled_at, order.purpose is not OrderPurpose.ENTRY


def _record_fill(tx: Transaction, desk: Desk, order: Order, execution: Execution) -> None:
    now = desk.clock.now()
    tx.connection().execute(
        _ADD_FILL,
        {
            "account": desk.account,
            "execution_id": execution.execution_id,
            "order_id": order.id,
            "session": order.session,
            "symbol": order.symbol,
            "side": order.side,
            "quantity": execution.quantity,
            "price": execution.price,
            "filled_at": execution.filled_at,
            "recorded_at": now,
        },
    )
    order.filled_quantity += execution.quantity
    record(
        tx,
        now,
        "fill",
        f"order:{order.id}",
        text=f"{order.symbol} {order.purpose} {order.side} {execution.quantity:,} "
        f"filled at {price(execution.price)}",
        symbol=order.symbol,
        order_id=order.id,
        quantity=execution.quantity,
        price=execution.price,
        filled_at=execution.filled_at,
        execution_id=execution.execution_id,
    )
    complete = order.filled_quantity >= order.quantity
    status = OrderStatus.FILLED if complete else OrderStatus.PARTIALLY_FILLED
    news = {"filled_quantity": order.filled_quantity}
    if not move_order(tx, desk, order, status, **news):
        tx.execute(update(_ORDERS).where(_ORDERS.c.id == order.id).values(news))
    update_trade(tx, desk, order)


def _believe(tx: Transaction, desk: Desk, order: Order, answer: BrokerOrder) -> None:
    """Take over an order's state, but not an end whose fills have not all been seen."""
    if order.filled_quantity < answer.filled_quantity:
        return
    partial = answer.status is OrderStatus.WORKING and order.filled_quantity > 0
    same = answer.status is order.status and answer.stop_price == order.stop_price
    if not partial and not same:
        adopt_answer(tx, desk, order, answer)
