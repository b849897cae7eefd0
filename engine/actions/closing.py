"""Closing positions: cancel what holds the shares, wait for the confirmation, close, verify."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, bindparam, func, or_, select

from engine.actions.bookkeeping import follow, live_orders, open_trades
from engine.actions.intents import Intent, intend
from engine.actions.sending import send_and_know
from engine.actions.trading import cancel, is_stuck
from engine.desk import Desk
from engine.market_hours import Session, new_york
from engine.rules.flatten import is_time_to_flatten
from engine.rules.protection import remaining
from models.broker import Holding
from models.trading import Order, Trade
from models.vocabulary import (
    ExitReason,
    OrderPurpose,
    OrderStatus,
    OrderType,
    TradeStatus,
)

_UNSENT_EXITS = select(Order.trade_id).where(
    Order.account == bindparam("account"),
    Order.purpose == OrderPurpose.EXIT,
    Order.status == OrderStatus.INTENDED,
)
Wanted = Callable[[Trade], bool]
WantedOrder = Callable[[Order], bool]
TRY_AGAIN_AFTER = timedelta(seconds=5)
_ANSWERED_FOR = select(Trade).where(
    Trade.account == bindparam("account"),
    or_(
        Trade.status == TradeStatus.OPEN,
        Trade.session >= bindparam("session"),
        Trade.closed_at >= bindparam("opens_at"),
    ),
)


def everything(_one: Order | Trade) -> bool:
    """Choose every order and trade."""
    return True


def is_due(desk: Desk, trade: Trade) -> bool:
    """Say whether a trade must be closed because its session is ending or over."""
    session = desk.hours.session_on(trade.session)
    return session is None or is_time_to_flatten(desk.clock.now(), session.flatten_at)


def cancel_entries(desk: Desk, wanted: WantedOrder = everything) -> int:
    """Cancel the live entry orders that are wanted; return how many are still live after it."""
    entries = [o for o in _live(desk, wanted) if o.purpose is OrderPurpose.ENTRY]
    if not entries:
        return 0
    _cancel(desk, entries)
    follow(desk)
    return len([o for o in _live(desk, wanted) if o.purpose is OrderPurpose.ENTRY])


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
    blocking = _live(desk, lambda o: o.symbol in chosen and o.purpose is not OrderPurpose.EXIT)
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


def still_held(desk: Desk, wanted: Wanted = everything) -> list[str]:
    """Ask the broker which symbols it still holds that the desk answers for.

    Those are the symbols of its open trades, and of all that it traded in the session: also what
    reconciliation takes for somebody else's since, for that may be a mistake of the desk's.
    """
    held = [holding.symbol for holding in desk.broker.holdings() if holding.quantity]
    if not held:
        return []
    session = _last_session(desk)
    since = {"session": session.day, "opens_at": session.opens_at}
    with desk.db.read() as tx:
        trades = tx.scalars(_ANSWERED_FOR, {"account": desk.account, **since}).all()
    symbols = {trade.symbol for trade in trades if wanted(trade)}
    return [symbol for symbol in held if symbol in symbols]


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
    """Return the trades that can be closed now: no order holds their shares.

    A closing order that was turned away, or never arrived, is sent again under its own name by
    `follow_orders`; a second one beside it would sell the shares twice.
    """
    with desk.db.read() as tx:
        left = [t for t in open_trades(tx, desk) if wanted(t)]
        live = {o.symbol for o in live_orders(tx, desk) if o.id not in stuck}
        unsent = set(tx.scalars(_UNSENT_EXITS, {"account": desk.account}))
    free = [t for t in left if t.symbol not in live and t.id not in unsent]
    return [t for t in free if not _was_just_rejected(desk, t)]


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


def _live(desk: Desk, wanted: WantedOrder) -> list[Order]:
    with desk.db.read() as tx:
        return [order for order in live_orders(tx, desk) if wanted(order)]


def _last_session(desk: Desk) -> Session:
    """Return today's session, or the last one where there is none today."""
    today = new_york(desk.clock.now()).date()
    return desk.hours.session_on(today) or desk.hours.previous_sessions(today, 1)[-1]
