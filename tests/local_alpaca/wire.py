"""How values look on the wire: money as strings without trailing zeros, JSON as bytes."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import orjson

_PRICE_GRAIN = Decimal("0.000001")


def plain(value: Decimal) -> str:
    """Write a number without exponent and without trailing zeros."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def plain_or_none(value: Decimal | None) -> str | None:
    """Write a number, or nothing where there is none."""
    return None if value is None else plain(value)


def rounded(value: Decimal) -> str:
    """Write a computed number with at most six decimals."""
    return plain(value.quantize(_PRICE_GRAIN, rounding=ROUND_HALF_EVEN))


def to_json(value: Any) -> bytes:
    """Write a body."""
    return orjson.dumps(value)
