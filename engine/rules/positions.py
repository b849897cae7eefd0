"""From fills to a round trip: the one place where quantities and P&L are computed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from models.money import ZERO, exact
from models.vocabulary import OrderSide, Side


class FillLike(Protocol):
    """What a fill needs to have to be counted."""

    @property
    def side(self) -> OrderSide:
        """Return which way it traded."""
        ...

    @property
    def quantity(self) -> int:
        """Return the shares."""
        ...

    @property
    def price(self) -> Decimal:
        """Return the price per share."""
        ...

    @property
    def filled_at(self) -> datetime:
        """Return the moment."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrip:
    """What a symbol's fills of one trade come to."""

    side: Side
    quantity: int  # entered
    open_quantity: int  # entered and not left; negative when more was left than entered
    entry_price: Decimal
    exit_price: Decimal | None
    pnl: Decimal  # realised, on the mean entry price
    opened_at: datetime
    last_at: datetime

    @property
    def is_closed(self) -> bool:
        """Say whether nothing of it is held any more."""
        return self.open_quantity == 0


def round_trip(side: Side, fills: Sequence[FillLike]) -> RoundTrip:
    """Count the fills of one trade; at least one of them is an entry fill."""
    entries = [fill for fill in fills if fill.side is side.entry]
    exits = [fill for fill in fills if fill.side is side.exit]
    entered, paid = _totals(entries)
    left, received = _totals(exits)
    return RoundTrip(
        side=side,
        quantity=entered,
        open_quantity=entered - left,
        entry_price=exact(paid / entered),
        exit_price=exact(received / left) if left else None,
        pnl=exact(side.sign * (received - paid * left / entered)),
        opened_at=min(fill.filled_at for fill in entries),
        last_at=max(fill.filled_at for fill in fills),
    )


def unrealised(side: Side, quantity: int, entry_price: Decimal, price: Decimal) -> Decimal:
    """Return what an open quantity would gain if it were closed at a price."""
    return exact(side.sign * quantity * (price - entry_price))


def _totals(fills: Iterable[FillLike]) -> tuple[int, Decimal]:
    quantity, notional = 0, ZERO
    for fill in fills:
        quantity += fill.quantity
        notional += fill.quantity * fill.price
    return quantity, notional
