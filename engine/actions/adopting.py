"""Fills that somebody else made in a symbol of ours: adopted when they close our trade."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from engine.actions.bookkeeping import live_orders, open_trades
from engine.actions.trades import update_trade
from engine.actions.trading import cancel
from engine.actions.transitions import move_order, note
from engine.desk import Desk
from engine.journal import record
from engine.rules.identity import is_ours
from models.broker import BrokerOrder, Execution
from models.trading import Fill, Order, Trade
from models.vocabulary import ExitReason, OrderClass, OrderPurpose, OrderStatus, OrderType, Severity

OUTSIDE = "outside-"
BELIEVED_LOST = (OrderStatus.REFUSED, OrderStatus.CANCELLED)  # without ever having been answered


def adopt_outside_fills(desk: Desk) -> int:
    """Record fills that closed a trade of ours from outside; return how many.

    Only fills on the closing side, of orders that are not ours, and for no more than is open: what
    somebody else does beyond that is his.
    """
    with desk.db.read() as tx:  # whose order nobody could look up yet, its fills may be ours
        unknown = {o.symbol for o in live_orders(tx, desk) if o.broker_order_id is None}
        trades = [trade for trade in open_trades(tx, desk) if trade.symbol not in unknown]
    held = {h.symbol: int(h.quantity) for h in desk.broker.holdings()} if trades else {}
    adopted = 0
    for trade in trades:
        missing = trade.open_quantity - trade.side.sign * held.get(trade.symbol, 0)
        if missing > 0:
            adopted += _adopt(desk, trade, missing)
    return adopted


def adopt_late_orders(desk: Desk) -> int:
    """Take over open orders that carry our names and that we had given up; return how many.

    A submission without an answer can arrive after it was believed lost and refused. Unknown to
    our books, its fill would be a position without a stop.
    """
    adopted = 0
    for answer in desk.broker.open_orders():
        if answer.parent_id is None and is_ours(answer.client_order_id):
            adopted += _adopt_late(desk, answer)
    return adopted


def give_up_missing_orders(desk: Desk) -> int:
    """End live orders that the broker knows neither by its id nor by ours; return how many.

    A stop that exists in our books alone protects nothing; ended, it is placed anew.
    """
    with desk.db.read() as tx:
        live = [o for o in live_orders(tx, desk) if o.broker_order_id is not None]
    given_up = 0
    known = {o.broker_order_id for o in desk.broker.orders([o.broker_order_id or "" for o in live])}
    for order in live:
        if order.broker_order_id in known or desk.broker.find(order.client_order_id):
            continue
        with desk.db.write() as tx:
            sentence = "The broker does not know this order any more."
            note(tx, desk, order, f"{order.client_order_id}: {sentence}", Severity.ERROR)
            given_up += move_order(
                tx, desk, order, OrderStatus.CANCELLED, code="missing", sentence=sentence
            )
    return given_up


def _adopt_late(desk: Desk, answer: BrokerOrder) -> bool:
    with desk.db.write() as tx:
        order = tx.scalars(
            select(Order).where(
                Order.account == desk.account,
                Order.client_order_id == answer.client_order_id,
                Order.broker_order_id.is_(None),
                Order.status.in_(BELIEVED_LOST),
            )
        ).first()
        if order is None:
            return False
        tx.expunge(order)
        note(tx, desk, order, "It reached the broker after all; it is cancelled", Severity.WARNING)
        move_order(tx, desk, order, OrderStatus.WORKING, broker_order_id=answer.broker_order_id)
    cancel(desk, [order])
    return True


def _adopt(desk: Desk, trade: Trade, missing: int) -> int:
    adopted = 0
    for execution in desk.broker.executions(trade.opened_at):
        closes = execution.symbol == trade.symbol and execution.side is trade.side.exit
        if closes and execution.quantity <= missing and _record(desk, trade, execution):
            missing -= execution.quantity
            adopted += 1
    return adopted


def _record(desk: Desk, trade: Trade, execution: Execution) -> bool:
    """Write an outside order and its fill, unless we know the fill or the order."""
    with desk.db.write() as tx:
        if _is_known(tx, desk, execution):
            return False
        order = _order_of(tx, desk, execution)
        if order is not None and not _is_outside(order):
            return False
        if order is None:
            order = _outside_order(desk, trade, execution)
            tx.add(order)
        else:
            order.quantity += execution.quantity
            order.filled_quantity += execution.quantity
        tx.flush()
        tx.add(_outside_fill(desk, order, execution))
        tx.flush()
        update_trade(tx, desk, order)
        record(
            tx,
            desk.clock.now(),
            "alert",
            f"trade:{trade.id}",
            severity=Severity.WARNING,
            text=f"{trade.symbol}: {execution.quantity:,} shares were closed outside the desk",
            code="external",
            symbol=trade.symbol,
        )
    return True


def _is_known(tx: Transaction, desk: Desk, execution: Execution) -> bool:
    found = select(Fill.id).where(
        Fill.account == desk.account, Fill.execution_id == execution.execution_id
    )
    return tx.scalar(found) is not None


def _order_of(tx: Transaction, desk: Desk, execution: Execution) -> Order | None:
    found = select(Order).where(
        Order.account == desk.account, Order.broker_order_id == execution.broker_order_id
    )
    return tx.scalars(found).first()


def _is_outside(order: Order) -> bool:
    return order.client_order_id.startswith(OUTSIDE)


def _outside_order(desk: Desk, trade: Trade, execution: Execution) -> Order:
    now = desk.clock.now()
    return Order(
        account=desk.account,
        client_order_id=f"{OUTSIDE}{execution.broker_order_id}",
        broker_order_id=execution.broker_order_id,
        session=trade.session,
        symbol=trade.symbol,
        purpose=OrderPurpose.EXIT,
        attempt=0,
        side=execution.side,
        type=OrderType.MARKET,
        order_class=OrderClass.SIMPLE,
        quantity=execution.quantity,
        filled_quantity=execution.quantity,
        status=OrderStatus.FILLED,
        exit_reason=ExitReason.EXTERNAL,
        signal_id=trade.signal_id,
        trade_id=trade.id,
        fence=desk.lease.token,
        correlation_id="",
        intended_at=now,
        updated_at=now,
    )


def _outside_fill(desk: Desk, order: Order, execution: Execution) -> Fill:
    return Fill(
        account=desk.account,
        execution_id=execution.execution_id,
        order_id=order.id,
        session=order.session,
        symbol=order.symbol,
        side=execution.side,
        quantity=execution.quantity,
        price=execution.price,
        filled_at=execution.filled_at,
        recorded_at=desk.clock.now(),
    )
