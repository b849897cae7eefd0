"""What can go wrong inside the exchange; by itself it is well behaved."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from tests.local_alpaca.orders import Order


class Trouble(Protocol):
    """Decides about orders one by one."""

    def rejects(self, order: Order, /) -> bool:
        """Say whether an accepted order is rejected afterwards."""
        ...

    def sticks(self, order: Order, /) -> bool:
        """Say whether a cancel stays pending for ever."""
        ...

    def shares_filled(self, order: Order, /) -> Decimal:
        """Return how many of the remaining shares trade now."""
        ...


class NoTrouble:
    """Every order is taken, cancelled and filled as it should be."""

    def rejects(self, _order: Order, /) -> bool:
        """Never."""
        return False

    def sticks(self, _order: Order, /) -> bool:
        """Never."""
        return False

    def shares_filled(self, order: Order, /) -> Decimal:
        """All of them."""
        return order.remaining
