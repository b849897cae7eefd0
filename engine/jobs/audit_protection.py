"""Match every held share with a live stop, and mend what does not match."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from engine.actions.bookkeeping import follow, live_orders, open_trades
from engine.actions.closing import close_trades, is_due
from engine.actions.protecting import Missing, protect, stop_price_of
from engine.actions.trading import cancel, is_stuck
from engine.desk import Desk
from engine.errors import BrokerUnavailableError
from engine.journal import record
from engine.rules.protection import Protection, has_jumped, judge, strays
from models.broker import Mark
from models.trading import Order, Trade
from models.vocabulary import ExitReason, OrderPurpose, Severity


@dataclass(frozen=True, slots=True)
class _Watched:
    """An open trade, its live orders, and what was found."""

    trade: Trade
    orders: Sequence[Order]
    found: Protection


def audit_protection(desk: Desk) -> str | None:
    """Judge each open trade's cover, measure the gaps, and mend them.

    1. Stops without a position are cancelled, trades whose stop was jumped are closed.
    2. What is wrong or stuck is cancelled, for all trades at once; then the broker is asked.
    3. What is missing after that is placed, for all trades at once.

    A trade that is due to be closed gets no new stop: it would hold the shares that are being sold.
    """
    with desk.db.read() as tx:
        trades, live = open_trades(tx, desk), live_orders(tx, desk)
    mended = _cancel_strays(desk, live, {trade.symbol for trade in trades})
    jumped = _close_jumped(desk, trades, live)
    watched = _watch(desk, trades, live, jumped)
    for one in watched:
        _measure(desk, one.trade, one.found)
    mended += len(jumped) + _mend(desk, watched, jumped)
    return f"mended {mended}" if mended else None


def _watch(
    desk: Desk,
    trades: Sequence[Trade],
    live: Sequence[Order],
    jumped: Collection[int],
    ending: Collection[int] = (),
) -> list[_Watched]:
    orders: dict[str, list[Order]] = defaultdict(list)
    for order in live:
        orders[order.symbol].append(order)
    return [
        _Watched(
            trade,
            orders[trade.symbol],
            judge(trade.side, trade.open_quantity, stop_price, orders[trade.symbol], ending),
        )
        for trade in trades
        if (stop_price := stop_price_of(desk, trade)) is not None and trade.id not in jumped
    ]


def _mend(desk: Desk, watched: Sequence[_Watched], jumped: Collection[int]) -> int:
    """Cancel what is wrong, and place what is missing then; return how many trades it was.

    An entry whose cancel comes to nothing is asked for again: no filled share waits for that.
    """
    watched = [one for one in watched if not is_due(desk, one.trade)]
    stuck = {o.id for one in watched for o in one.orders if is_stuck(desk, o)}
    wrong = [o for one in watched for o in one.orders if o.id in {*one.found.cancel, *stuck}]
    if wrong:
        cancel(desk, wrong)
        follow(desk)
        due = {one.trade.id for one in watched}
        ending = {order.id for order in wrong}
        with desk.db.read() as tx:
            trades, live = open_trades(tx, desk), live_orders(tx, desk)
        watched = _watch(desk, trades, live, jumped, ending)
        watched = [one for one in watched if one.trade.id in due]
    naked = [one for one in watched if one.found.naked]
    beyond = _close_beyond(desk, naked)
    missing = [_missing(desk, one, stuck) for one in naked if one.trade.id not in beyond]
    placed = protect(desk, [one for one in missing if one is not None])
    return len({order.symbol for order in wrong}) + len(beyond) + placed


def _missing(desk: Desk, one: _Watched, stuck: Collection[int]) -> Missing | None:
    """Return what is to be placed for a trade.

    Behind a stuck cancel the shares may be free all the same: the broker knows, so it is tried.
    """
    found = one.found
    if found.beside_entry and not desk.broker.guards_beside_entries:
        return None
    tried = any(o.id in stuck for o in one.orders) and not found.cancel
    shares = found.place or (found.naked if tried else 0)
    return Missing(one.trade, shares, found.beside_entry) if shares else None


def _close_beyond(desk: Desk, naked: Sequence[_Watched]) -> set[int]:
    """Close naked trades whose price is beyond where their stop belongs; return which."""
    marks = _last_prices(desk, [one.trade.symbol for one in naked])
    beyond = {one.trade.id for one in naked if _is_beyond(one.trade, marks)}
    if beyond:
        close_trades(desk, ExitReason.STOP, lambda trade: trade.id in beyond)
    return beyond


def _is_beyond(trade: Trade, marks: Mapping[str, Mark]) -> bool:
    mark = marks.get(trade.symbol)
    if mark is None or trade.stop_price is None:
        return False
    return trade.side.sign * (mark.price - trade.stop_price) <= 0


def _cancel_strays(desk: Desk, live: Sequence[Order], held: set[str]) -> int:
    """Cancel stops without a position: when they trigger they would open one."""
    ids = strays(live, held)
    cancel(desk, [order for order in live if order.id in ids])
    return len(ids)


def _close_jumped(desk: Desk, trades: Sequence[Trade], live: Sequence[Order]) -> set[int]:
    """Close at market the trades whose broker's stop would not fill any more; return which."""
    gives_up_at = {
        trade.id: limit
        for trade in trades
        if trade.stop_price is not None
        and (limit := desk.broker.gives_up_at(trade.side, trade.stop_price)) is not None
    }
    watched = [trade for trade in trades if trade.id in gives_up_at]
    marks = _last_prices(desk, [trade.symbol for trade in watched])
    jumped = {
        trade.id
        for trade in watched
        if (mark := marks.get(trade.symbol)) is not None
        and has_jumped(trade.side, mark.price, gives_up_at[trade.id])
    }
    if jumped:
        exiting = {order.symbol for order in live if order.purpose is OrderPurpose.EXIT}
        for trade in watched:
            if trade.id in jumped and trade.symbol not in exiting:
                _tell_jumped(desk, trade)
        close_trades(desk, ExitReason.STOP, lambda trade: trade.id in jumped)
    return jumped


def _last_prices(desk: Desk, symbols: Sequence[str]) -> Mapping[str, Mark]:
    """Return last prices, none without market data: a stop is placed with or without them."""
    if not symbols:
        return {}
    try:
        return desk.data.marks(symbols)
    except BrokerUnavailableError:
        return {}


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
                text=f"{trade.symbol}: {found.naked:,} shares without a live stop ({found.why})",
                code="naked",
                symbol=trade.symbol,
                trade_id=trade.id,
                shares=found.naked,
            )
