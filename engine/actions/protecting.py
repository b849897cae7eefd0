"""Placing protective stops for shares that have none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from engine.actions.closing import exit_at_market
from engine.actions.intents import Intent, intend
from engine.actions.sending import send_and_know
from engine.actions.side_by_side import side_by_side
from engine.actions.trading import withdraw
from engine.desk import Desk
from models.trading import Order, Trade
from models.vocabulary import ExitReason, OrderClass, OrderPurpose, OrderStatus, OrderType

BEYOND = frozenset({"stop_side", "base_price"})  # the price is where the stop belongs, or past it
PASSING = BEYOND | {"held_quantity", "duplicate", "halted"}  # refusals that say nothing of the kind

LUCKLESS = 3  # grouped stops rejected by the exchange before they are given up


@dataclass(frozen=True, slots=True)
class Missing:
    """Shares of a trade that need a stop."""

    trade: Trade
    shares: int
    beside_entry: bool = False  # part of the entry still works: only a grouped stop is taken


def stop_price_of(desk: Desk, trade: Trade) -> Decimal | None:
    """Return where the stop of a trade is once the broker has it; the books may be finer."""
    at = trade.stop_price
    return None if at is None else desk.broker.keeps_stop_at(trade.side, at)


def protect(desk: Desk, missing: Sequence[Missing]) -> int:
    """Place stops, several side by side; return how many were sent.

    1. In one commit they are intended; one that waits to be sent already is taken instead.
    2. They are sent; what is not answered is looked up at once.
    3. Where the price has gone through the stop meanwhile, the shares are closed at market.
    """
    placed = _intended(desk, missing)
    side_by_side(desk, [order for _, order in placed], send_and_know)
    for one, order in placed:
        if order.code in BEYOND:
            exit_at_market(desk, one.trade, one.shares, ExitReason.STOP)
    return len(placed)


def _intended(desk: Desk, missing: Sequence[Missing]) -> list[tuple[Missing, Order]]:
    with desk.db.read() as tx:
        wanted = [one for one in missing if not (one.beside_entry and _was_refused(tx, one.trade))]
        waiting = {one.trade.id: _waiting(tx, one.trade) for one in wanted}
    same = [
        (one, order)
        for one in wanted
        for order in waiting[one.trade.id]
        if _is_same(desk, one, order)
    ]
    usable = {one.trade.id: (one, order) for one, order in same}
    kept = {order.id for _, order in usable.values()}
    stale = [o for orders in waiting.values() for o in orders if o.id not in kept]
    withdraw(desk, stale, "superseded", "Another stop takes its place.")
    new = [one for one in wanted if one.trade.id not in usable]
    if not new:
        return list(usable.values())
    desk.lease.renew()
    with desk.db.write() as tx:
        orders = intend(tx, desk, [_intent(desk, one) for one in new])
    return [*usable.values(), *zip(new, orders, strict=True)]


def _waiting(tx: Transaction, trade: Trade) -> list[Order]:
    """Return stops of a trade that were intended and turned away, or not sent before a crash."""
    found = select(Order).where(
        Order.trade_id == trade.id,
        Order.purpose == OrderPurpose.STOP,
        Order.status == OrderStatus.INTENDED,
        Order.parent_id.is_(None),
    )
    return list(tx.scalars(found))


def _is_same(desk: Desk, one: Missing, order: Order) -> bool:
    grouped = order.order_class is OrderClass.OCO
    wanted = one.shares, stop_price_of(desk, one.trade), one.beside_entry
    return (order.quantity, order.stop_price, grouped) == wanted


def _was_refused(tx: Transaction, trade: Trade) -> bool:
    """Say whether asking for a grouped stop is no use any more for this trade.

    One that the broker did not take says that it takes none; one that was taken and rejected at the
    exchange may have had bad luck, so it is tried again.
    """
    found = select(Order.broker_order_id).where(
        Order.trade_id == trade.id,
        Order.order_class == OrderClass.OCO,
        Order.status == OrderStatus.REJECTED,
        Order.code.not_in(PASSING),
    )
    rejected = list(tx.scalars(found))
    return None in rejected or len(rejected) > LUCKLESS


def _intent(desk: Desk, one: Missing) -> Intent:
    trade = one.trade
    return Intent(
        session=trade.session,
        symbol=trade.symbol,
        purpose=OrderPurpose.STOP,
        side=trade.side.exit,
        type=OrderType.STOP,
        quantity=one.shares,
        stop_price=stop_price_of(desk, trade),
        signal_id=trade.signal_id,
        trade_id=trade.id,
        exit_reason=ExitReason.STOP,
        beside_entry=one.beside_entry,
    )
