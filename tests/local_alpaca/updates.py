"""What the exchange tells whoever listens: one update per change of an order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from models.vocabulary import OrderSide
from tests.local_alpaca.orders import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One fill."""

    id: str
    order_id: str
    client_order_id: str
    symbol: str
    side: OrderSide
    quantity: Decimal
    price: Decimal
    cumulative: Decimal
    leaves: Decimal
    filled_at: int  # the moment that Alpaca reports
    booked_at: int  # the exchange's time when it happened: a bar acts when it has closed
    position_after: Decimal

    @property
    def is_partial(self) -> bool:
        """Say whether the order wants more."""
        return self.leaves > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """An order changed. `event` is Alpaca's word for how."""

    event: str
    order: Order
    moment: int
    execution: Execution | None = None


Listener = Callable[[Update], None]
