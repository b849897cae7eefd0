"""Everything that sends or cancels an order: intent -> commit -> submit -> record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session as Transaction

from engine.actions.control import control_states
from engine.actions.side_by_side import side_by_side
from engine.actions.transitions import adopt_answers, leg_of, move_order, note, refuse, reject
from engine.desk import Desk
from engine.errors import BrokerBusyError, BrokerRejectedError, BrokerUnavailableError
from engine.journal import take_turn
from engine.rules.risk import blocked_by_control
from models.broker import AttachedStop, BrokerOrder, OrderRequest, Refusal
from models.statuses import LIVE_ORDER_STATUSES
from models.trading import Order, Trade
from models.vocabulary import OrderClass, OrderPurpose, OrderStatus, Severity, TradeStatus

DUPLICATE = "duplicate"
NOT_ATTACHABLE = frozenset({"base_price", "order_class"})
_HELD = select(Trade.open_quantity).where(
    Trade.id == bindparam("of_trade"), Trade.status == TradeStatus.OPEN
)
_ON_THEIR_WAY = select(func.sum(Order.quantity - Order.filled_quantity)).where(
    Order.trade_id == bindparam("of_trade"),
    Order.id != bindparam("but"),
    Order.purpose == OrderPurpose.EXIT,
    Order.status.in_(LIVE_ORDER_STATUSES),
)
STUCK_AFTER = timedelta(seconds=5)  # a cancel that is not confirmed by then is asked for again


def send(desk: Desk, order: Order) -> None:
    """Send an intended order.

    1. In one transaction: the lease, the kill switch and pauses (entries only), then mark it
       as being sent. Whoever finds it like that after a crash looks it up before sending again.
    2. Ask the broker.
    3. Record the answer. Without an answer it stays `submitting` until it is known.
    """
    claim = _claim(desk, order)
    if claim is None:
        return
    leg = claim.leg
    try:
        answers = desk.broker.submit(_request(order, leg))
    except BrokerRejectedError as no:
        if no.code == DUPLICATE:  # it is there already: an answer, not an error
            _adopt_duplicate(desk, order, leg)
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
    """Ask the broker to cancel orders; what came of it is seen by following them.

    They are asked for side by side: one that hangs keeps none of the others waiting.
    """
    side_by_side(desk, orders, _cancel)


def is_stuck(desk: Desk, order: Order) -> bool:
    """Say whether a cancel was asked for some time ago and is still not confirmed."""
    asked = order.status is OrderStatus.CANCELLING and order.broker_order_id is not None
    return asked and desk.clock.now() - order.updated_at >= STUCK_AFTER


def withdraw(desk: Desk, orders: Sequence[Order], code: str, sentence: str) -> None:
    """Refuse orders that were intended and never sent."""
    if not orders:
        return
    with desk.db.write() as tx:
        for order in orders:
            refuse(tx, desk, order, Refusal(code, sentence))


def _cancel(desk: Desk, order: Order) -> None:
    """Ask the broker to cancel an order.

    One whose submission was not answered has no id to cancel by: it is looked up, and cancelled
    when it is found.
    """
    if not _mark_cancelling(desk, order) or order.broker_order_id is None:
        return
    try:
        desk.broker.cancel(order.broker_order_id)
    except BrokerUnavailableError as silence:
        with desk.db.write() as tx:
            note(tx, desk, order, f"Cancel not answered: {silence}", Severity.WARNING)


def _mark_cancelling(desk: Desk, order: Order) -> bool:
    """Write down, as the engine, that a cancel is asked for; anew if the last one is stuck."""
    desk.lease.renew()  # the cancel before it may have hung
    with desk.db.write() as tx:
        desk.lease.fence(tx)
        if not is_stuck(desk, order):
            return move_order(tx, desk, order, OrderStatus.CANCELLING)
        note(tx, desk, order, "The cancel is not confirmed; it is asked for again")
        order.updated_at = desk.clock.now()
        tx.execute(update(Order).where(Order.id == order.id).values(updated_at=order.updated_at))
        return True


def _adopt_duplicate(desk: Desk, order: Order, leg: Order | None) -> None:
    """Take over the order that is there already; if it cannot be asked for, it stays unknown."""
    try:
        answers = desk.broker.find(order.client_order_id)
    except BrokerUnavailableError as silence:
        with desk.db.write() as tx:
            note(tx, desk, order, f"No answer: {silence}. It is looked up.", Severity.WARNING)
        return
    _record(desk, order, leg, answers)


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


@dataclass(frozen=True, slots=True)
class _Claim:
    """The right to send an order, with the stop that is attached to it."""

    leg: Order | None


def _claim(desk: Desk, order: Order) -> _Claim | None:
    """Take the right to send an order, as the last thing before sending it."""
    session = desk.hours.session_on(order.session)
    desk.lease.renew()
    with desk.db.write() as tx:
        desk.lease.fence(tx)
        if order.purpose is OrderPurpose.ENTRY:
            take_turn(tx)  # a kill that is being committed is seen, not overtaken
            states = control_states(tx, session.opens_at if session else None)
            if refusal := blocked_by_control(states, desk.mode):
                refuse(tx, desk, order, refusal)
                return None
        elif not _is_held(tx, order):
            refuse(tx, desk, order, Refusal("not_held", "The trade no longer holds these shares."))
            return None
        leg = leg_of(tx, order) if order.order_class is OrderClass.OTO else None
        now = desk.clock.now()
        if not move_order(tx, desk, order, OrderStatus.SUBMITTING, submitted_at=now):
            return None
    return _Claim(leg)


def _is_held(tx: Transaction, order: Order) -> bool:
    """Say whether an exit or stop still has its shares: without them it would open a position.

    It may have been intended before a crash, or turned away, and its trade closed since. What
    another closing order has yet to fill is no longer there for this one.
    """
    held = tx.scalar(_HELD, {"of_trade": order.trade_id}) or 0
    if order.purpose is OrderPurpose.EXIT:
        held -= tx.scalar(_ON_THEIR_WAY, {"of_trade": order.trade_id, "but": order.id}) or 0
    return held >= order.quantity


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
        beside_entry=order.order_class is OrderClass.OCO,
    )
