"""Match every held share with a live stop, and mend what does not match."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import update

from engine.actions.bookkeeping import live_orders, open_trades
from engine.actions.closing import exit_at_market, is_due
from engine.actions.intents import Intent, intend
from engine.actions.trading import cancel, send
from engine.actions.trading_settings import settings_in_force
from engine.desk import Desk
from engine.journal import record
from engine.rules.protection import Protection, judge
from models.trading import Order, Trade
from models.vocabulary import ExitReason, OrderPurpose, OrderType, Severity


def audit_protection(desk: Desk) -> str | None:
    """Judge each open trade's cover; cancel wrong stops, place missing ones, measure the gap."""
    with desk.db.read() as tx:
        trades = open_trades(tx, desk)
        orders: dict[str, list[Order]] = defaultdict(list)
        for order in live_orders(tx, desk) if trades else ():
            orders[order.symbol].append(order)
        tick = settings_in_force(tx).strategy.tick_size if trades else None
    mended = 0
    for trade in trades:
        if trade.stop_price is None or tick is None:
            continue
        found = judge(trade.side, trade.open_quantity, trade.stop_price, orders[trade.symbol])
        _measure(desk, trade, found)
        if not is_due(desk, trade):  # a new stop would hold the shares that are being sold
            mended += _mend(desk, trade, found, orders[trade.symbol])
    return f"mended {mended}" if mended else None


def _mend(desk: Desk, trade: Trade, found: Protection, orders: list[Order]) -> bool:
    if found.cancel:
        cancel(desk, [order for order in orders if order.id in found.cancel])
    elif found.place:
        _protect(desk, trade, found.place)
    return bool(found.cancel or found.place)


def _protect(desk: Desk, trade: Trade, quantity: int) -> None:
    """Place a stop, or close at market where the price is beyond it already."""
    mark = desk.data.marks([trade.symbol]).get(trade.symbol)
    if trade.stop_price is None:
        return
    if mark and trade.side.sign * (mark.price - trade.stop_price) <= 0:
        exit_at_market(desk, trade, quantity, ExitReason.STOP)
        return
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
