"""Closing positions: cancel what holds the shares, wait for the confirmation, close, verify."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select

from engine.actions.bookkeeping import follow, live_orders, open_trades
from engine.actions.intents import Intent, intend
from engine.actions.sending import send_and_know
from engine.actions.trading import cancel, is_stuck
from engine.desk import Desk
from engine.rules.flatten import is_time_to_flatten
from engine.rules.protection import remaining
from models.broker import Holding
from models.trading import Order, Trade
from models.vocabulary import ExitReason, OrderPurpose, OrderStatus, OrderType

Wanted = Callable[[Trade], bool]
TRY_AGAIN_AFTER = timedelta(seconds=5)


def everything(_trade: Trade) -> bool:
    """Choose every trade."""
    return True


def is_due(desk: Desk, trade: Trade) -> bool:
    """Say whether a trade must be closed because its session is ending or over."""
    session = desk.hours.session_on(trade.session)
    return session is None or is_time_to_flatten(desk.clock.now(), session.flatten_at)


def cancel_entries(desk: Desk, *, symbols: Collection[str] | None = None) -> int:
    """Cancel the live entry orders (of some symbols); return how many are still live after it."""
    entries = [o for o in _live(desk, symbols) if o.purpose is OrderPurpose.ENTRY]
    if not entries:
        return 0
    _cancel(desk, entries)
    follow(desk)
    return len([o for o in _live(desk, symbols) if o.purpose is OrderPurpose.ENTRY])


def close_trades(desk: Desk, reason: ExitReason, wanted: Wanted = everything) -> int:
    """Take one step towards closing trades; return how many are still open after it.

    1. Cancel their entries and stops: working orders hold the shares.
    2. Follow, so that fills which beat the cancels are known.
    3. For each trade without a live order, send a closing order for what the broker holds. A
       cancel that is stuck does not keep it from trying.

    Called again until it returns 0. Nothing that blocks entries blocks this.
    """
    with desk.db.read() as tx:
        chosen = {t.symbol for t in open_trades(tx, desk) if wanted(t)}
    if not chosen:
        return 0
    blocking = [o for o in _live(desk, chosen) if o.purpose is not OrderPurpose.EXIT]
    stuck = {o.id for o in blocking if is_stuck(desk, o)}
    _cancel(desk, blocking)
    follow(desk)
    if _ready(desk, wanted, stuck):  # the broker's limit is not spent on waiting
        follow(desk, thorough=True)
        held = {holding.symbol: holding for holding in desk.broker.holdings()}
        for trade in _ready(desk, wanted, stuck):
            _send_exit(desk, trade, held.get(trade.symbol), reason)
    with desk.db.read() as tx:
        return len([t for t in open_trades(tx, desk) if wanted(t)])


def still_held(desk: Desk) -> list[str]:
    """Ask the broker which symbols that the desk traded it still holds."""
    held = [holding.symbol for holding in desk.broker.holdings() if holding.quantity]
    if not held:
        return []
    with desk.db.read() as tx:
        mine = set(
            tx.scalars(
                select(Trade.symbol).where(Trade.account == desk.account, Trade.symbol.in_(held))
            )
        )
    return [symbol for symbol in held if symbol in mine]


def exit_at_market(desk: Desk, trade: Trade, quantity: int, reason: ExitReason) -> None:
    """Send a closing order for part or all of a trade."""
    desk.lease.renew()
    with desk.db.write() as tx:
        order = intend(
            tx,
            desk,
            [
                Intent(
                    session=trade.session,
                    symbol=trade.symbol,
                    purpose=OrderPurpose.EXIT,
                    side=trade.side.exit,
                    type=OrderType.MARKET,
                    quantity=quantity,
                    signal_id=trade.signal_id,
                    trade_id=trade.id,
                    exit_reason=reason,
                )
            ],
        )[0]
    send_and_know(desk, order)


def _ready(desk: Desk, wanted: Wanted, stuck: Collection[int]) -> list[Trade]:
    """Return the trades that can be closed now: no order holds their shares."""
    with desk.db.read() as tx:
        left = [t for t in open_trades(tx, desk) if wanted(t)]
        live = {o.symbol for o in live_orders(tx, desk) if o.id not in stuck}
    return [t for t in left if t.symbol not in live and not _was_just_rejected(desk, t)]


def _was_just_rejected(desk: Desk, trade: Trade) -> bool:
    """Say whether the broker has just refused to close, and no stop has let shares go since.

    Asking each second would not help.
    """
    with desk.db.read() as tx:
        rejected_at = tx.scalar(_last(trade, OrderPurpose.EXIT, OrderStatus.REJECTED))
        freed_at = tx.scalar(_last(trade, OrderPurpose.STOP, OrderStatus.CANCELLED))
    if rejected_at is None or (freed_at is not None and freed_at > rejected_at):
        return False
    return desk.clock.now() - rejected_at < TRY_AGAIN_AFTER


def _last(trade: Trade, purpose: OrderPurpose, status: OrderStatus) -> Select[datetime]:
    """Return the question when an order of a trade last came to a status."""
    return select(func.max(Order.updated_at)).where(
        Order.trade_id == trade.id, Order.purpose == purpose, Order.status == status
    )


def _send_exit(desk: Desk, trade: Trade, holding: Holding | None, reason: ExitReason) -> None:
    """Close what the broker holds of a trade, never more: a wrong book must not open a position."""
    signed = int(holding.quantity if holding else 0) * trade.side.sign
    quantity = min(trade.open_quantity, signed)
    if quantity > 0:
        exit_at_market(desk, trade, quantity, reason)


def _cancel(desk: Desk, orders: Sequence[Order]) -> None:
    cancel(desk, [o for o in orders if remaining(o) and _wants_cancel(desk, o)])


def _wants_cancel(desk: Desk, order: Order) -> bool:
    return order.status is not OrderStatus.CANCELLING or is_stuck(desk, order)


def _live(desk: Desk, symbols: Collection[str] | None) -> list[Order]:
    with desk.db.read() as tx:
        live = live_orders(tx, desk)
    return [o for o in live if symbols is None or o.symbol in symbols]
