"""Round trips: made of the fills of their orders, counted again with every fill."""

from __future__ import annotations

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session as Transaction

from engine.desk import Desk
from engine.journal import record
from engine.rules.amounts import gain
from engine.rules.positions import RoundTrip, round_trip
from engine.rules.prices import protective_stop
from models.money import ZERO
from models.tables import rows
from models.trading import Fill, Order, Signal, Trade
from models.vocabulary import ExitReason, OrderPurpose, Side, TradeStatus

_ORDERS = rows(Order)
_TRADE = select(Trade).where(
    Trade.account == bindparam("account"),
    Trade.session == bindparam("session"),
    Trade.symbol == bindparam("symbol"),
)
_FAMILY = (
    update(_ORDERS)
    .where(or_(_ORDERS.c.id == bindparam("entry"), _ORDERS.c.parent_id == bindparam("entry")))
    .values(trade_id=bindparam("trade"))
)
_FILLS = (
    select(Fill.side, Fill.quantity, Fill.price, Fill.filled_at)
    .join(Order, Order.id == Fill.order_id)
    .where(
        Order.account == bindparam("account"),
        Order.session == bindparam("session"),
        Order.symbol == bindparam("symbol"),
    )
)


def update_trade(tx: Transaction, desk: Desk, order: Order) -> None:
    """Count the trade that an order belongs to again, from all its fills."""
    which = {"account": desk.account, "session": order.session, "symbol": order.symbol}
    trade = tx.scalars(_TRADE, which).first()
    fills = tx.execute(_FILLS, which).all()
    side = trade.side if trade else _side_of(order)
    trip = round_trip(side, fills)
    if trade is not None:
        _count(trade, trip, order)
        tx.flush()
    else:
        trade = _new_trade(tx, desk, order, trip)
        _count(trade, trip, order)
        tx.add(trade)
        tx.flush()
        tx.execute(_FAMILY, {"entry": order.id, "trade": trade.id})
    _tell(tx, desk, trade)


def _side_of(order: Order) -> Side:
    """Return the side of the trade that an entry order opens."""
    return Side.LONG if order.side is Side.LONG.entry else Side.SHORT


def _new_trade(tx: Transaction, desk: Desk, order: Order, trip: RoundTrip) -> Trade:
    signal = tx.get(Signal, order.signal_id) if order.signal_id else None
    return Trade(
        account=desk.account,
        session=order.session,
        symbol=order.symbol,
        signal_id=order.signal_id,
        side=trip.side,
        status=TradeStatus.OPEN,
        rank=signal.rank if signal else None,
        rvol=signal.rvol if signal else None,
        entry_level=signal.entry_level if signal else None,
        stop_distance=signal.stop_distance if signal else None,
        quantity=0,
        open_quantity=0,
        entry_price=trip.entry_price,
        pnl=ZERO,
        opened_at=trip.opened_at,
        naked_seconds=0.0,
    )


def _count(trade: Trade, trip: RoundTrip, order: Order) -> None:
    entered = order.purpose is OrderPurpose.ENTRY
    trade.quantity = trip.quantity
    trade.open_quantity = trip.open_quantity
    trade.entry_price = trip.entry_price
    trade.exit_price = trip.exit_price
    trade.pnl = trip.pnl
    if entered and trade.stop_distance is not None:
        trade.stop_price = protective_stop(
            trade.side, trip.entry_price, trade.stop_distance, order.tick_size
        )
    if trip.is_closed:
        trade.status = TradeStatus.CLOSED
        trade.closed_at = trip.last_at
        trade.exit_reason = order.exit_reason or ExitReason.EXTERNAL
    elif trip.open_quantity > 0:  # also again: the rest of an entry may fill after its stop did
        trade.status = TradeStatus.OPEN
        trade.closed_at = trade.exit_reason = None


def _tell(tx: Transaction, desk: Desk, trade: Trade) -> None:
    closed = trade.status is TradeStatus.CLOSED
    end = f"closed by {trade.exit_reason}, P&L {gain(trade.pnl)}" if closed else "open"
    record(
        tx,
        desk.clock.now(),
        "trade",
        f"trade:{trade.id}",
        text=f"{trade.symbol} {trade.side} {trade.quantity:,} {end}",
        trade_id=trade.id,
        symbol=trade.symbol,
        status=trade.status,
        open_quantity=trade.open_quantity,
        entry_price=trade.entry_price,
        exit_price=trade.exit_price,
        exit_reason=trade.exit_reason,
        pnl=trade.pnl,
    )
