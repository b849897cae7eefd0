"""When everything is closed, and what closes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from models.vocabulary import Holding, OrderSide


@dataclass(frozen=True, slots=True)
class Closing:
    """What brings one holding to zero."""

    symbol: str
    side: OrderSide
    quantity: int


def is_time_to_flatten(now: datetime, flatten_at: datetime) -> bool:
    """Say whether positions must be closed; past the bell too, for what is still held."""
    return now >= flatten_at


def closings(holdings: Iterable[Holding]) -> list[Closing]:
    """List what brings every holding to zero."""
    return [
        Closing(
            symbol=holding.symbol,
            side=OrderSide.SELL if holding.quantity > 0 else OrderSide.BUY,
            quantity=int(abs(holding.quantity)),
        )
        for holding in holdings
        if int(holding.quantity)
    ]
