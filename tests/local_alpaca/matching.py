"""What a minute bar does to an order. Pure: an order and a bar in, a price out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from models.market import Bar
from models.vocabulary import OrderSide, OrderType
from tests.local_alpaca.orders import Order

_CENT = Decimal("0.01")
_WIDE_BELOW = Decimal(50)


@dataclass(frozen=True, slots=True)
class Touch:
    """A bar reached an order: at which price, and whether with its first trade already."""

    price: Decimal
    at_open: bool


def touch(order: Order, bar: Bar, *, banded: bool) -> Touch | None:
    """Return how a bar trades an order that was live when the bar began, None if it does not.

    A stop that was touched but whose limit was not reached is marked as triggered and rests.
    """
    if order.type in {OrderType.STOP, OrderType.STOP_LIMIT} and not order.triggered:
        return _stop(order, bar, _limit_of(order, banded=banded))
    limit = _limit_of(order, banded=banded)
    return Touch(bar.open, at_open=True) if limit is None else _limit(order.side, limit, bar)


def touch_on_entry_bar(order: Order, bar: Bar) -> Touch | None:
    """Return how the bar of the entry trades its attached stop: reached counts as touched."""
    if order.stop_price is None or not _reached(order.side, order.stop_price, bar):
        return None
    return Touch(order.stop_price, at_open=False)


def band_limit(stop: Decimal) -> Decimal:
    """Return the limit that Alpaca gives a buy stop: 4 % above, 2.5 % from $50 on."""
    factor = Decimal("1.04") if stop < _WIDE_BELOW else Decimal("1.025")
    return (stop * factor).quantize(_CENT, rounding=ROUND_HALF_UP)


def _limit_of(order: Order, *, banded: bool) -> Decimal | None:
    if order.type is OrderType.STOP and order.side is OrderSide.BUY and banded:
        return band_limit(order.stop_price or Decimal(0))
    return order.limit_price


def _stop(order: Order, bar: Bar, limit: Decimal | None) -> Touch | None:
    stop = order.stop_price or Decimal(0)
    if not _reached(order.side, stop, bar):
        return None
    order.triggered = True
    if _is_beyond(order.side, stop, bar.open):
        return Touch(bar.open, at_open=True) if limit is None else _limit(order.side, limit, bar)
    # Within the bar nobody knows what came after the touch: only a limit that the stop
    # itself satisfies is filled now, any other rests until the next bar.
    passes = limit is None or not _is_worse(order.side, stop, limit)
    return Touch(stop, at_open=False) if passes else None


def _limit(side: OrderSide, limit: Decimal, bar: Bar) -> Touch | None:
    if not _is_worse(side, bar.open, limit):
        return Touch(bar.open, at_open=True)
    best = bar.low if side is OrderSide.BUY else bar.high
    return None if _is_worse(side, best, limit) else Touch(limit, at_open=False)


def _reached(side: OrderSide, stop: Decimal, bar: Bar) -> bool:
    return _is_beyond(side, stop, bar.high if side is OrderSide.BUY else bar.low)


def _is_beyond(side: OrderSide, stop: Decimal, price: Decimal) -> bool:
    return price >= stop if side is OrderSide.BUY else price <= stop


def _is_worse(side: OrderSide, price: Decimal, limit: Decimal) -> bool:
    return price > limit if side is OrderSide.BUY else price < limit
