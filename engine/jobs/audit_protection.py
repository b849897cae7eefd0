"""Match every held share with a live stop, and mend what does not match."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update

from engine.actions.bookkeeping import follow, live_orders, open_trades
from engine.actions.closing import close_trades, exit_at_market, is_due
from engine.actions.intents import Intent, intend
from engine.actions.trading import cancel, is_stuck, send
from engine.desk import Desk
from engine.errors import BrokerUnavailableError
from engine.journal import record
from engine.rules.protection import Protection, has_jumped, judge, strays
from models.trading import Order, Trade
from models.vocabulary import ExitReason, Mark, OrderPurpose, OrderType, Severity

STOP_SIDE = "stop_side"


def audit_protection(desk: Desk) -> str | None:
    """Judge each open trade's cover; cancel wrong stops, place missing ones, measure the gap."""
    with desk.db.read() as tx:
        trades = open_trades(tx, desk)
        live = live_orders(tx, desk)
    orders: dict[str, list[Order]] = defaultdict(list)
    for order in live:
        orders[order.symbol].append(order)
    mended = _cancel_strays(desk, live, {trade.symbol for trade in trades})
    for trade in trades:
        if trade.stop_price is None:
            continue
        if _has_jumped(desk, trade):
            mended += _close_jumped(desk, trade, orders[trade.symbol])
            continue
        found = judge(trade.side, trade.open_quantity, trade.stop_price, orders[trade.symbol])
        _measure(desk, trade, found)
        if not is_due(desk, trade):  # a new stop would hold the shares that are being sold
            mended += _mend(desk, trade, found, orders[trade.symbol])
    return f"mended {mended}" if mended else None


def _cancel_strays(desk: Desk, live: Sequence[Order], held: set[str]) -> int:
    """Cancel stops without a position: when they trigger they would open one."""
    ids = strays(live, held)
    cancel(desk, [order for order in live if order.id in ids])
    return len(ids)


def _has_jumped(desk: Desk, trade: Trade) -> bool:
    """Say whether the price is where the broker's own stop would not fill any more."""
    if trade.stop_price is None:
        return False
    gives_up_at = desk.broker.gives_up_at(trade.side, trade.stop_price)
    mark = _last_price(desk, trade.symbol) if gives_up_at else None
    return mark is not None and has_jumped(trade.side, mark.price, gives_up_at)


def _close_jumped(desk: Desk, trade: Trade, orders: Sequence[Order]) -> bool:
    """Close a trade whose stop was jumped, at market."""
    if not any(order.purpose is OrderPurpose.EXIT for order in orders):
        _tell_jumped(desk, trade)
    close_trades(desk, ExitReason.STOP, lambda other: other.id == trade.id)
    return True


def _tell_jumped(desk: Desk, trade: Trade) -> None:
    with desk.db.write() as tx:
        record(
            tx,
            desk.clock.now(),
            "alert",
            f"trade:{trade.id}",
            severity=Severity.CRITICAL,
            text=f"{trade.symbol}: the price has jumped the stop; closing at market",
            code="stop_jumped",
            symbol=trade.symbol,
            trade_id=trade.id,
        )


def _mend(desk: Desk, trade: Trade, found: Protection, orders: list[Order]) -> bool:
    """Cancel what is wrong; where the broker confirms at once, place what is right at once."""
    stuck = [o for o in orders if is_stuck(desk, o)]
    wrong = [o for o in orders if o.id in found.cancel] + stuck
    if wrong:
        cancel(desk, wrong)
        follow(desk)
        trade, found = _judged_again(desk, trade)
    if found.naked and trade.open_quantity and _is_beyond(desk, trade):
        close_trades(desk, ExitReason.STOP, lambda other: other.id == trade.id)
        return True
    # Behind a stuck cancel the shares may be free all the same: the broker knows, so it is tried.
    place = found.place or (found.naked if stuck and not found.cancel else 0)
    if place:
        _protect(desk, trade, place)
    return bool(wrong or place)


def _judged_again(desk: Desk, trade: Trade) -> tuple[Trade, Protection]:
    with desk.db.read() as tx:
        now = next((t for t in open_trades(tx, desk) if t.id == trade.id), None)
        live = [order for order in live_orders(tx, desk) if order.symbol == trade.symbol]
    if now is None or now.stop_price is None:
        return trade, Protection(naked=0)
    return now, judge(now.side, now.open_quantity, now.stop_price, live)


def _is_beyond(desk: Desk, trade: Trade) -> bool:
    """Say whether the price is beyond where the trade's stop belongs."""
    mark = _last_price(desk, trade.symbol)
    if mark is None or trade.stop_price is None:
        return False
    return trade.side.sign * (mark.price - trade.stop_price) <= 0


def _last_price(desk: Desk, symbol: str) -> Mark | None:
    """Return the last price; None without one: a stop is placed with or without market data."""
    try:
        return desk.data.marks([symbol]).get(symbol)
    except BrokerUnavailableError:
        return None


def _protect(desk: Desk, trade: Trade, quantity: int) -> None:
    """Place a stop; close at market if the price went through it in the meantime."""
    with desk.db.write() as tx:
        order = intend(
            tx,
            desk,
            [
                Intent(
                    session=trade.session,
                    symbol=trade.symbol,
                    purpose=OrderPurpose.STOP,
                    side=trade.side.exit,
                    type=OrderType.STOP,
                    quantity=quantity,
                    stop_price=trade.stop_price,
                    signal_id=trade.signal_id,
                    trade_id=trade.id,
                    exit_reason=ExitReason.STOP,
                )
            ],
        )[0]
    send(desk, order)
    if order.code == STOP_SIDE:
        exit_at_market(desk, trade, quantity, ExitReason.STOP)


def _measure(desk: Desk, trade: Trade, found: Protection) -> None:
    """Keep since when and for how long shares had no live stop."""
    now = desk.clock.now()
    if bool(found.naked) == (trade.naked_since is not None):
        return
    values: dict[str, datetime | float | None] = {"naked_since": now}
    if trade.naked_since is not None:
        seconds = (now - trade.naked_since).total_seconds()
        values = {"naked_since": None, "naked_seconds": trade.naked_seconds + seconds}
    with desk.db.write() as tx:
        tx.execute(update(Trade).where(Trade.id == trade.id).values(values))
        if found.naked:
            record(
                tx,
                now,
                "alert",
                f"trade:{trade.id}",
                severity=Severity.WARNING,
                text=f"{trade.symbol}: {found.naked} shares without a live stop ({found.why})",
                code="naked",
                symbol=trade.symbol,
                trade_id=trade.id,
                shares=found.naked,
            )
