"""Entries that were intended and not sent: judged anew before they are."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import bindparam, select

from engine.actions.side_by_side import side_by_side
from engine.actions.trading import send, withdraw
from engine.actions.trading_settings import settings_in_force
from engine.desk import Desk
from engine.market_hours import Session
from engine.rules.risk import LATE_AFTER, ran_away
from models.broker import Mark, Refusal
from models.tables import rows
from models.trading import Order, Signal
from models.vocabulary import OrderPurpose, OrderStatus

_ORDERS = rows(Order)
IS_WAITING = (
    _ORDERS.c.account == bindparam("account"),
    _ORDERS.c.purpose == OrderPurpose.ENTRY,
    _ORDERS.c.status == OrderStatus.INTENDED,
)
_WAITING = select(Order).where(*IS_WAITING).order_by(_ORDERS.c.id)


def send_waiting(desk: Desk, session: Session) -> int:
    """Send the entries that wait; return how many.

    After a crash, or turned away for long, one may be of a session that is over, or its price may
    have run: its level and its size are those of then.
    """
    with desk.db.read() as tx:
        waiting = tx.scalars(_WAITING, {"account": desk.account}).all()
    now = desk.clock.now()
    is_over = now >= session.entries_until
    ended = [order for order in waiting if is_over or order.session != session.day]
    withdraw(desk, ended, "too_late", "The session's entries have ended.")
    left = [order for order in waiting if order not in ended]
    if left and now - session.scan_at > LATE_AFTER:
        left = _within_reach(desk, left)
    side_by_side(desk, left, send)
    return len(left)


def judge_price(signal: Signal, mark: Mark, fraction: Decimal) -> Refusal | None:
    """Refuse a late entry whose price has run beyond its level by a part of the stop distance."""
    return ran_away(signal.side, signal.entry_level, mark.price, signal.stop_distance, fraction)


def _within_reach(desk: Desk, waiting: Sequence[Order]) -> list[Order]:
    """Withdraw the entries whose price has run away; return the others."""
    marks = desk.data.marks([order.symbol for order in waiting])
    with desk.db.read() as tx:
        fraction = settings_in_force(tx).strategy.ran_away_fraction
        signals = {order.id: tx.get(Signal, order.signal_id) for order in waiting}
    left = []
    for order in waiting:
        signal, mark = signals[order.id], marks.get(order.symbol)
        refusal = judge_price(signal, mark, fraction) if signal and mark else None
        if refusal is None:
            left.append(order)
        else:
            withdraw(desk, [order], refusal.code, refusal.sentence)
    return left
