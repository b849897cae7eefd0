"""Open positions with their price, their stop and whether it covers them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session as Transaction

from engine.desk import Desk
from engine.rules.positions import unrealised
from engine.rules.protection import closes, judge, remaining
from models.market_data import LastPrice
from models.money import ZERO
from models.statuses import OPEN_ORDER_STATUSES
from models.trading import Order, Trade
from models.vocabulary import OrderPurpose, Side, TradeStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionRow:
    """One open position as the screen shows it; distances in R, the first risk per share."""

    id: int
    symbol: str
    side: Side
    quantity: int
    entry_price: Decimal
    last: Decimal | None
    last_at: datetime | None
    stop_price: Decimal | None
    stop_is_live: bool  # else its price is only where one belongs
    stop_r: Decimal | None  # from the last price to the stop
    pnl: Decimal | None  # realised and open
    unrealised: Decimal | None  # of the shares that are still held
    pnl_r: Decimal | None
    opened_at: datetime
    is_protected: bool
    is_closing: bool  # orders are on their way that end it, and cover it as its stop did
    naked_since: datetime | None
    naked_seconds: float  # before `naked_since`


def open_trades(tx: Transaction, desk: Desk) -> Sequence[Trade]:
    """Return the trades that still hold shares, whichever session they are from."""
    chosen = select(Trade).where(Trade.status == TradeStatus.OPEN, Trade.account == desk.account)
    return tx.scalars(chosen.order_by(Trade.symbol)).all()


def position_rows(tx: Transaction, trades: Sequence[Trade]) -> list[PositionRow]:
    """Return a row for each open trade."""
    if not trades:
        return []
    prices = _last_prices(tx, [trade.symbol for trade in trades])
    orders = _orders_by_trade(tx, trades)
    return [_row(trade, prices.get(trade.symbol), orders[trade.id]) for trade in trades]


def _last_prices(tx: Transaction, symbols: Sequence[str]) -> Mapping[str, LastPrice]:
    found = tx.scalars(select(LastPrice).where(LastPrice.symbol.in_(symbols)))
    return {price.symbol: price for price in found}


def _orders_by_trade(tx: Transaction, trades: Sequence[Trade]) -> Mapping[int, list[Order]]:
    """Return each trade's open orders; an attached stop knows its trade only by its signal."""
    by_signal = {trade.signal_id: trade.id for trade in trades if trade.signal_id is not None}
    mine = or_(Order.trade_id.in_([trade.id for trade in trades]), Order.signal_id.in_(by_signal))
    grouped: defaultdict[int, list[Order]] = defaultdict(list)
    for order in tx.scalars(select(Order).where(mine, Order.status.in_(OPEN_ORDER_STATUSES))):
        owner = order.trade_id or (order.signal_id and by_signal.get(order.signal_id))
        if owner:
            grouped[owner].append(order)
    return grouped


def _row(trade: Trade, price: LastPrice | None, orders: Sequence[Order]) -> PositionRow:
    last = price.price if price else None
    live = [order for order in orders if closes(order, trade.side, OrderPurpose.STOP)]
    stop = _stop_of(live) or _stop_of(orders) or trade.stop_price
    held = None if last is None else _open_pnl(trade, last)
    gain = None if held is None else trade.pnl + held
    return PositionRow(
        id=trade.id,
        symbol=trade.symbol,
        side=trade.side,
        quantity=trade.open_quantity,
        entry_price=trade.entry_price,
        last=last,
        last_at=price.at if price else None,
        stop_price=stop,
        stop_is_live=bool(live),
        stop_r=_stop_distance(trade, last, stop),
        pnl=gain,
        unrealised=held,
        pnl_r=_in_r(gain, trade.stop_distance, trade.quantity),
        opened_at=trade.opened_at,
        is_protected=not judge(trade.side, trade.open_quantity, stop or ZERO, orders).naked,
        is_closing=0 < trade.open_quantity <= _leaving(trade.side, orders),
        naked_since=trade.naked_since,
        naked_seconds=trade.naked_seconds,
    )


def _leaving(side: Side, orders: Sequence[Order]) -> int:
    """Return the shares that exits on their way can still close."""
    return sum(remaining(order) for order in orders if closes(order, side, OrderPurpose.EXIT))


def _open_pnl(trade: Trade, last: Decimal) -> Decimal:
    return unrealised(trade.side, trade.open_quantity, trade.entry_price, last)


def _stop_of(orders: Sequence[Order]) -> Decimal | None:
    stops = (order.stop_price for order in orders if order.purpose is OrderPurpose.STOP)
    return next((price for price in stops if price is not None), None)


def _stop_distance(trade: Trade, last: Decimal | None, stop: Decimal | None) -> Decimal | None:
    if last is None or stop is None:
        return None
    return _in_r(trade.side.sign * (last - stop), trade.stop_distance, 1)


def _in_r(amount: Decimal | None, risk_per_share: Decimal | None, shares: int) -> Decimal | None:
    if amount is None or not risk_per_share or not shares:
        return None
    return round(amount / (risk_per_share * shares), 2)
