"""Ticks: prices as a broker takes them."""

from __future__ import annotations

from decimal import Decimal

from models.money import exact, round_down, round_up
from models.vocabulary import OrderSide, Side

ONE_DOLLAR = Decimal(1)
SMALL_TICK = Decimal("0.0001")  # below one dollar


def tick_for(price: Decimal, tick_size: Decimal) -> Decimal:
    """Return the tick at a price; 0 means that prices are not rounded (research)."""
    return min(tick_size, SMALL_TICK) if price < ONE_DOLLAR else tick_size


def stop_order_price(price: Decimal, side: OrderSide, tick_size: Decimal) -> Decimal:
    """Round a stop order's price away from the market: a sell stop down, a buy stop up."""
    tick = tick_for(price, tick_size)
    return round_up(price, tick) if side is OrderSide.BUY else round_down(price, tick)


def protective_stop(
    side: Side, entry: Decimal, stop_distance: Decimal, tick_size: Decimal
) -> Decimal:
    """Return where the protection of an entry at `entry` belongs (contracts, Entry)."""
    return stop_order_price(exact(entry - side.sign * stop_distance), side.exit, tick_size)
