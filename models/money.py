"""Exact money: decimals with six places, and the whole numbers they are stored as."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

PLACES = 6
QUANTUM = Decimal(1).scaleb(-PLACES)
ZERO = Decimal(0)


def exact(value: Decimal) -> Decimal:
    """Round a computed amount to the six places that the desk stores."""
    return value.quantize(QUANTUM, rounding=ROUND_HALF_EVEN)


def to_micros(value: Decimal) -> int:
    """Return an amount as whole millionths.

    Raises:
        ValueError: the amount has more than six places, so storing it would lose money.
    """
    micros = int(value.scaleb(PLACES))
    if from_micros(micros) != value:  # not the scaled amount: scaling drops digits past the 28th
        raise ValueError(f"{value} has more than {PLACES} decimal places")
    return micros


def from_micros(micros: int) -> Decimal:
    """Return whole millionths as an amount."""
    return Decimal(int(micros)) * QUANTUM


def round_down(price: Decimal, tick: Decimal) -> Decimal:
    """Round a price down to a multiple of the tick; a tick of 0 leaves it as it is."""
    return _round(price, tick, ROUND_FLOOR)


def round_up(price: Decimal, tick: Decimal) -> Decimal:
    """Round a price up to a multiple of the tick; a tick of 0 leaves it as it is."""
    return _round(price, tick, ROUND_CEILING)


def _round(price: Decimal, tick: Decimal, rounding: str) -> Decimal:
    if not tick:
        return exact(price)
    return exact((price / tick).to_integral_value(rounding=rounding) * tick)
