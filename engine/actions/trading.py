"""Everything that sends or cancels an order: intent -> commit -> submit -> record."""

from __future__ import annotations

from collections.abc import Sequence

from engine.actions.control import control_states
from engine.actions.transitions import adopt_answers, leg_of, move_order, note, refuse, reject
from engine.desk import Desk
from engine.errors import BrokerBusyError, BrokerRejectedError, BrokerUnavailableError
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
NOT_ATTACHABLE = frozenset({"base_price", "order_class"})


def send(desk: Desk, order: Order) -> None:
    """Send an intended order.

    1. In one transaction: the lease, the kill switch and pauses (entries only), then mark it
       as being sent. Whoever finds it like that after a crash looks it up before sending again.
    2. Ask the broker.
    3. Record the answer. Without an answer it stays `submitting` until it is known.
    """
    with desk.db.read() as tx:
        leg = leg_of(tx, order) if order.order_class is OrderClass.OTO else None
    if not _claim(desk, order):
        return
    try:
        answers = desk.broker.submit(_request(order, leg))
    except BrokerRejectedError as no:
        if no.code == DUPLICATE:  # it is there already: an answer, not an error
            _record(desk, order, leg, desk.broker.find(order.client_order_id))
            return
        if no.code in NOT_ATTACHABLE and leg is not None:
            _detach(desk, order, leg, no)
            send(desk, order)
            return
        with desk.db.write() as tx:
            reject(tx, desk, order, no.code, no.sentence)
    except BrokerBusyError as busy:
        with desk.db.write() as tx:
            note(tx, desk, order, f"Not sent: {busy}. It is sent again.", Severity.WARNING)
            move_order(tx, desk, order, OrderStatus.INTENDED)
    except BrokerUnavailableError as silence:
        with desk.db.write() as tx:
            note(tx, desk, order, f"No answer: {silence}. It is looked up.", Severity.WARNING)
    else:
        _record(desk, order, leg, answers)


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
    if not orders:
        return
    with desk.db.write() as tx:
        for order in orders:
            refuse(tx, desk, order, Refusal(code, sentence))


def _record(desk: Desk, order: Order, leg: Order | None, answers: Sequence[BrokerOrder]) -> None:
    with desk.db.write() as tx:
        adopt_answers(tx, desk, order, leg, answers)


def _detach(desk: Desk, order: Order, leg: Order, no: BrokerRejectedError) -> None:
    """Take the stop off an entry that the broker refuses with it: it is placed on the fill.

    A refused submission leaves nothing at the broker, so the same client order id goes again.
    """
    with desk.db.write() as tx:
        note(tx, desk, order, f"The stop is placed on the fill: {no.sentence}")
        move_order(tx, desk, leg, OrderStatus.CANCELLED, code=no.code, sentence=no.sentence)
        move_order(tx, desk, order, OrderStatus.INTENDED, order_class=OrderClass.SIMPLE)


def _claim(desk: Desk, order: Order) -> bool:
    """Take the right to send an order, as the last thing before sending it."""
    session = desk.hours.session_on(order.session)
    with desk.db.write() as tx:
        desk.lease.fence(tx)
        if order.purpose is OrderPurpose.ENTRY:
            states = control_states(tx, session.opens_at if session else None)
            if refusal := blocked_by_control(states, desk.mode):
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
