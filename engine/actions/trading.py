"""Everything that sends or cancels an order: intent -> commit -> submit -> record."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from engine.actions.control import control_states
from engine.actions.transitions import adopt_answer, move_order, note, refuse, reject
from engine.desk import Desk
from engine.errors import BrokerRejectedError, BrokerUnavailableError
from engine.rules.risk import blocked_by_control
from models.trading import Order
from models.vocabulary import (
    AttachedStop,
    BrokerOrder,
    OrderClass,
    OrderPurpose,
    OrderRequest,
    OrderStatus,
    Refusal,
    Severity,
)

DUPLICATE = "duplicate"


def send(desk: Desk, order: Order) -> None:
    """Send an intended order.

    1. In one transaction: the lease, the kill switch and pauses (entries only), then mark it
       as being sent. Whoever finds it like that after a crash looks it up before sending again.
    2. Ask the broker.
    3. Record the answer. Without an answer it stays `submitting` until it is known.
    """
    leg = _leg_of(desk, order)
    if not _claim(desk, order):
        return
    try:
        answers = desk.broker.submit(_request(order, leg))
    except BrokerRejectedError as no:
        if no.code == DUPLICATE:  # it is there already: an answer, not an error
            answers = desk.broker.find(order.client_order_id)
            record_answers(desk, order, answers)
            return
        with desk.db.write() as tx:
            reject(tx, desk, order, no.code, no.sentence)
    except BrokerUnavailableError as silence:
        with desk.db.write() as tx:
            note(tx, desk, order, f"No answer: {silence}. It is looked up.", Severity.WARNING)
    else:
        record_answers(desk, order, answers)


def cancel(desk: Desk, orders: Sequence[Order]) -> None:
    """Ask the broker to cancel orders; what came of it is seen by following them."""
    for order in orders:
        with desk.db.write() as tx:
            asked = move_order(tx, desk, order, OrderStatus.CANCELLING)
        if not asked or order.broker_order_id is None:
            continue
        try:
            desk.broker.cancel(order.broker_order_id)
        except BrokerUnavailableError as silence:
            with desk.db.write() as tx:
                note(tx, desk, order, f"Cancel not answered: {silence}", Severity.WARNING)


def withdraw(desk: Desk, orders: Sequence[Order], code: str, sentence: str) -> None:
    """Refuse orders that were intended and never sent."""
    with desk.db.write() as tx:
        for order in orders:
            refuse(tx, desk, order, Refusal(code, sentence))


def record_answers(desk: Desk, order: Order, answers: Sequence[BrokerOrder]) -> None:
    """Store what the broker said of an order and its legs."""
    with desk.db.write() as tx:
        for answer in answers:
            mine = order if answer.parent_id is None else _leg_row(tx, order, answer)
            if mine is not None:
                adopt_answer(tx, desk, mine, answer)


def _claim(desk: Desk, order: Order) -> bool:
    """Take the right to send an order, as the last thing before sending it."""
    session = desk.hours.session_on(order.session)
    with desk.db.write() as tx:
        desk.lease.fence(tx)
        if order.purpose is OrderPurpose.ENTRY:
            states = control_states(tx, session.opens_at if session else None)
            if refusal := blocked_by_control(states):
                refuse(tx, desk, order, refusal)
                return False
        return move_order(tx, desk, order, OrderStatus.SUBMITTING, submitted_at=desk.clock.now())


def _request(order: Order, leg: Order | None) -> OrderRequest:
    attached = None
    if leg is not None and leg.stop_price is not None and leg.stop_offset is not None:
        attached = AttachedStop(
            client_order_id=leg.client_order_id,
            stop_price=leg.stop_price,
            offset=leg.stop_offset,
            tick_size=leg.tick_size,
        )
    return OrderRequest(
        client_order_id=order.client_order_id,
        symbol=order.symbol,
        side=order.side,
        quantity=order.quantity,
        type=order.type,
        stop_price=order.stop_price,
        limit_price=order.limit_price,
        attached_stop=attached,
    )


def _leg_of(desk: Desk, order: Order) -> Order | None:
    if order.order_class is not OrderClass.OTO or order.parent_id is not None:
        return None
    with desk.db.read() as tx:
        return tx.scalars(select(Order).where(Order.parent_id == order.id)).first()


def _leg_row(tx: Transaction, order: Order, answer: BrokerOrder) -> Order | None:
    return tx.scalars(
        select(Order).where(Order.parent_id == order.id, Order.quantity == answer.quantity)
    ).first()
