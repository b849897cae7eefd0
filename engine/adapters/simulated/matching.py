"""Which order trades next, and what one bar does to a symbol's orders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from engine.adapters.simulated.orders import TRADABLE, ExchangeOrder, fill_price, first_touch
from models.market import BAR_SECONDS, BarColumns, moment
from models.vocabulary import Intrabar, OrderStatus

BAR = timedelta(seconds=BAR_SECONDS)


@dataclass(frozen=True, slots=True)
class Touch:
    """A bar that does something to an order. `index` is its place in `bars`."""

    at: datetime  # start of the bar
    order: ExchangeOrder
    bars: BarColumns
    index: int

    @property
    def acts_at(self) -> datetime:
        """Return when the bar has closed: nobody knows before."""
        return self.at + BAR


@dataclass(frozen=True, slots=True)
class Deal:
    """What one order gets from one bar."""

    order: ExchangeOrder
    quantity: int
    price: Decimal
    at: datetime


def touch_of(order: ExchangeOrder, bars: BarColumns) -> Touch | None:
    """Return the first bar that trades an order, among bars it may trade in."""
    index = first_touch(order, bars)
    if index is None:
        return None
    return Touch(moment(int(bars.start[index])), order, bars, index)


def deals(
    touch: Touch,
    legs_of: Callable[[ExchangeOrder], list[ExchangeOrder]],
    intrabar: Intrabar,
) -> Iterator[Deal]:
    """Let a bar trade an order and, when that fills it, wake its attached stop.

    The order's books (filled quantity, status, legs) are brought up to date on the way.
    """
    deal = _trade(touch, touch.order, entered_here=False)
    if deal is None:
        return
    yield deal
    if touch.order.status is not OrderStatus.FILLED:
        return
    for leg in legs_of(touch.order):
        _wake(leg, deal.price, touch, intrabar)
        if leg.live_at > touch.at or first_touch(leg, _only(touch)) is None:
            continue
        stopped = _trade(touch, leg, entered_here=True)
        if stopped is not None:
            yield stopped


def _only(touch: Touch) -> BarColumns:
    return touch.bars.slice(touch.index, touch.index + 1)


def _wake(leg: ExchangeOrder, entry: Decimal, touch: Touch, intrabar: Intrabar) -> None:
    leg.measure_stop_from(entry)
    leg.status = OrderStatus.WORKING
    leg.updated_at = touch.acts_at
    leg.live_at = touch.at if intrabar is Intrabar.CONSERVATIVE else touch.acts_at


def _trade(touch: Touch, order: ExchangeOrder, *, entered_here: bool) -> Deal | None:
    if order.status not in TRADABLE:
        return None
    price = fill_price(order, touch.bars, touch.index, entered_here=entered_here)
    order.updated_at = touch.acts_at
    if price is None:  # a stop-limit that was triggered beyond its limit
        order.live_at = touch.acts_at
        return None
    quantity = _share(order)
    order.filled_quantity += quantity
    order.status = OrderStatus.PARTIALLY_FILLED if order.remaining else OrderStatus.FILLED
    order.live_at = touch.acts_at
    return Deal(order, quantity, price, touch.at)


def _share(order: ExchangeOrder) -> int:
    """Return the shares that this touch fills: all, unless a partial fill was asked for."""
    part, order.first_fill = order.first_fill, 1.0
    return min(order.remaining, max(1, int(order.remaining * part)))
