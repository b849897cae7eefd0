"""Bring the books up to what the broker says, and send what was intended before a crash."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from engine.actions.bookkeeping import follow
from engine.actions.trading import send, withdraw
from engine.desk import Desk
from models.trading import Order
from models.vocabulary import OrderPurpose, OrderStatus

_UNSENT = select(Order).where(
    Order.account == bindparam("account"),
    Order.status == OrderStatus.INTENDED,
    Order.purpose != OrderPurpose.ENTRY,
    Order.parent_id.is_(None),
)


def follow_orders(desk: Desk) -> str | None:
    """Record what happened to our orders; send stops and exits that were intended and not sent.

    The broker is asked first whether it still holds the shares: while the desk was away somebody
    may have sold them, and a closing order would open a position. Entries that were
    intended are sent by `place_entries`, which asks again whether they may be.
    """
    follow(desk)
    with desk.db.read() as tx:
        unsent = tx.scalars(_UNSENT, {"account": desk.account}).all()
    if not unsent:
        return None
    held = {holding.symbol: holding.quantity for holding in desk.broker.holdings()}
    gone = [o for o in unsent if -o.side.sign * held.get(o.symbol, 0) < o.quantity]
    withdraw(desk, gone, "not_held", "The broker does not hold these shares any more.")
    for order in unsent:
        if order not in gone:
            send(desk, order)
    return f"sent {len(unsent) - len(gone)} of {len(unsent)} orders intended before"
