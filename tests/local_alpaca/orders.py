"""An order in Alpaca's words, and the groups that entries and legs form."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from models.vocabulary import OrderSide, OrderType

NONE = Decimal(0)


class Status(StrEnum):
    """Where an order is in its life, as Alpaca names it."""

    ACCEPTED = "accepted"  # queued: the market is closed
    PENDING_NEW = "pending_new"
    NEW = "new"
    HELD = "held"
    PARTIALLY_FILLED = "partially_filled"
    PENDING_CANCEL = "pending_cancel"
    PENDING_REPLACE = "pending_replace"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REPLACED = "replaced"
    REJECTED = "rejected"


TERMINAL = frozenset(
    {Status.FILLED, Status.CANCELED, Status.EXPIRED, Status.REPLACED, Status.REJECTED}
)
NOT_REPLACEABLE = TERMINAL | {
    Status.ACCEPTED,
    Status.PENDING_NEW,
    Status.PENDING_CANCEL,
    Status.PENDING_REPLACE,
}


class OrderClass(StrEnum):
    """How orders hang together."""

    SIMPLE = ""
    BRACKET = "bracket"
    OTO = "oto"
    OCO = "oco"


class Role(StrEnum):
    """What an order does in its group."""

    ENTRY = "entry"
    TAKE_PROFIT = "take_profit"
    STOP_LOSS = "stop_loss"


@dataclass(slots=True, kw_only=True, eq=False)
class Order:
    """One order. Moments are nanoseconds, quantities and prices exact."""

    number: int  # rises with every order of the account
    id: str
    client_order_id: str
    symbol: str
    side: OrderSide
    type: OrderType
    quantity: Decimal
    time_in_force: str
    created: int
    live_from: int  # bars that start earlier do not trade it
    expires: int
    opens_position: bool
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    order_class: OrderClass = OrderClass.SIMPLE
    group_id: str | None = None
    role: Role | None = None
    parent: Order | None = None
    legs: list[Order] = field(default_factory=list)
    status: Status = Status.PENDING_NEW
    armed: bool = False  # the exchange looks at it; a bracket's stop is armed although `held`
    triggered: bool = False  # a stop that was touched
    filled: Decimal = NONE
    filled_value: Decimal = NONE
    updated: int = 0
    filled_at: int | None = None
    canceled_at: int | None = None
    cancel_requested_at: int | None = None
    expired_at: int | None = None
    failed_at: int | None = None
    replaced_at: int | None = None
    replaces: str | None = None
    replaced_by: str | None = None

    @property
    def remaining(self) -> Decimal:
        """Return the shares that have not traded."""
        return self.quantity - self.filled

    @property
    def is_open(self) -> bool:
        """Say whether anything can still happen to it."""
        return self.status not in TERMINAL

    @property
    def average_price(self) -> Decimal | None:
        """Return what a share cost, None before the first fill."""
        return self.filled_value / self.filled if self.filled else None

    @property
    def group(self) -> list[Order]:
        """Return it with everything it hangs together with, the first order first."""
        head = self.parent or self
        return [head, *head.legs]

    @property
    def protects(self) -> bool:
        """Say whether it is a live stop that would close a position."""
        is_stop = self.type in {OrderType.STOP, OrderType.STOP_LIMIT}
        return is_stop and self.armed and not self.opens_position
