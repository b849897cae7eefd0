"""One order at the simulated exchange, and how a bar trades it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from models.broker import BrokerOrder
from models.market import BarColumns
from models.money import exact, from_micros, round_down, round_up, to_micros
from models.vocabulary import OrderSide, OrderStatus, OrderType

TRADABLE = frozenset({OrderStatus.WORKING, OrderStatus.PARTIALLY_FILLED})
OPEN = TRADABLE | {OrderStatus.HELD}


@dataclass(slots=True, kw_only=True)
class ExchangeOrder:
    """An order as the exchange keeps it. `number` is its place in time."""

    id: str
    number: int
    client_order_id: str
    parent_id: str | None
    session: date
    symbol: str
    side: OrderSide
    type: OrderType
    quantity: int
    filled_quantity: int
    stop_price: Decimal | None
    limit_price: Decimal | None
    stop_offset: Decimal | None
    stop_tick: Decimal
    triggered: bool
    status: OrderStatus
    reason: str | None
    live_at: datetime
    updated_at: datetime
    first_fill: float = 1.0  # part of the quantity that the next touch fills (a fault asked for)

    @property
    def remaining(self) -> int:
        """Return the shares that it can still trade."""
        return self.quantity - self.filled_quantity

    @property
    def is_open(self) -> bool:
        """Say whether it may trade now or later."""
        return self.status in OPEN

    @property
    def reserve_price(self) -> Decimal | None:
        """Return the price at which it reserves buying power; None for a market order."""
        return self.limit_price or self.stop_price

    def measure_stop_from(self, entry: Decimal) -> None:
        """Put an attached stop where it belongs, now that its entry's fill is known."""
        if self.stop_offset is None:
            return
        price = exact(entry + self.side.sign * self.stop_offset)
        rounded = round_up if self.side is OrderSide.BUY else round_down
        self.stop_price = rounded(price, self.stop_tick)

    def seen_by(self, now: datetime) -> BrokerOrder:
        """Return what the exchange tells its customer."""
        pending = self.status is OrderStatus.WORKING and self.live_at > now
        return BrokerOrder(
            client_order_id=self.client_order_id,
            broker_order_id=self.id,
            symbol=self.symbol,
            side=self.side,
            type=self.type,
            quantity=self.quantity,
            filled_quantity=self.filled_quantity,
            status=OrderStatus.SUBMITTING if pending else self.status,
            stop_price=self.stop_price,
            limit_price=self.limit_price,
            parent_id=self.parent_id,
            reason=self.reason,
            updated_at=self.updated_at,
        )


def first_touch(order: ExchangeOrder, bars: BarColumns) -> int | None:
    """Return the position of the first bar that does something to an order, None if no bar does."""
    hits = _touches(order, bars)
    first = int(np.argmax(hits)) if len(hits) else 0
    return first if len(hits) and hits[first] else None


def fill_price(
    order: ExchangeOrder, bars: BarColumns, index: int, *, entered_here: bool
) -> Decimal | None:
    """Return at which price a touching bar fills an order (contracts, Simulated broker).

    A stop fills at its price, or at the bar's open if that is beyond it. A stop whose entry was
    filled in this very bar fills at its price: the open came before the entry.
    """
    open_ = from_micros(bars.open[index])
    if order.type is OrderType.MARKET:
        return open_
    worse = max if order.side is OrderSide.BUY else min
    if order.type is OrderType.STOP and order.stop_price is not None:
        return order.stop_price if entered_here else worse(open_, order.stop_price)
    if order.limit_price is None:
        return None
    better = min if order.side is OrderSide.BUY else max
    if order.type is OrderType.LIMIT or order.triggered:
        return better(open_, order.limit_price)
    return _stop_limit_price(order, open_)


def _stop_limit_price(order: ExchangeOrder, open_: Decimal) -> Decimal | None:
    """Trigger a stop-limit; it fills in the same bar if its price is within the limit there."""
    order.triggered = True
    if order.stop_price is None or order.limit_price is None:
        return None
    worse = max if order.side is OrderSide.BUY else min
    at = worse(open_, order.stop_price)
    within = order.side.sign * (order.limit_price - at) >= 0
    return at if within else None


def _touches(order: ExchangeOrder, bars: BarColumns) -> NDArray[np.bool_]:
    rising = order.side is OrderSide.BUY
    if order.type in {OrderType.STOP, OrderType.STOP_LIMIT} and not order.triggered:
        level = to_micros(order.stop_price) if order.stop_price is not None else 0
        return bars.high >= level if rising else bars.low <= level
    if order.type is OrderType.MARKET or order.limit_price is None:
        return np.ones(len(bars), dtype=np.bool_)
    limit = to_micros(order.limit_price)
    return bars.low <= limit if rising else bars.high >= limit
