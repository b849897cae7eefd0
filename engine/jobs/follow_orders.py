"""Bring the books up to what the broker says, and send what was intended before a crash."""

from __future__ import annotations

from sqlalchemy import select

from engine.actions.bookkeeping import follow
from engine.actions.trading import send
from engine.desk import Desk
from models.trading import Order
from models.vocabulary import OrderPurpose, OrderStatus


def follow_orders(desk: Desk) -> str | None:
    """Record what happened to our orders; send stops and exits that were intended and not sent.

    Entries that were intended are sent by `place_entries`, which asks again whether they may be.
    """
    follow(desk)
    with desk.db.read() as tx:
        unsent = tx.scalars(
            select(Order).where(
                Order.account == desk.account,
                Order.status == OrderStatus.INTENDED,
                Order.purpose != OrderPurpose.ENTRY,
                Order.parent_id.is_(None),
            )
        ).all()
    for order in unsent:
        send(desk, order)
    return f"sent {len(unsent)} orders intended before" if unsent else None
