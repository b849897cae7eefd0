"""What passes between the desk and a broker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from models.vocabulary import (
    OrderSide,
    OrderStatus,
    OrderType,
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A no from the desk's own rules: a code for programs, a sentence for people."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedStop:
    """A protective stop that goes live when its entry is filled.

    `offset` asks a venue that can do it (the simulated exchange) to measure the stop from the
    fill; others use `stop_price`, and the desk corrects it after the fill.
    """

    client_order_id: str
    stop_price: Decimal
    offset: Decimal
    tick_size: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """What the desk asks a broker to do. `client_order_id` makes asking twice harmless."""

    client_order_id: str
    symbol: str
    side: OrderSide
    quantity: int
    type: OrderType
    stop_price: Decimal | None = None
    limit_price: Decimal | None = None
    attached_stop: AttachedStop | None = None
    beside_entry: bool = False  # a stop for part of an entry whose rest still works


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerOrder:
    """What a broker says of one order. Legs are rows of their own with `parent_id`."""

    client_order_id: str
    broker_order_id: str
    symbol: str
    side: OrderSide
    type: OrderType
    quantity: int
    filled_quantity: int
    status: OrderStatus
    stop_price: Decimal | None = None
    limit_price: Decimal | None = None
    parent_id: str | None = None
    reason: str | None = None
    submitted_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One fill as the broker reports it. `execution_id` is unique for ever."""

    execution_id: str
    broker_order_id: str
    client_order_id: str
    symbol: str
    side: OrderSide
    quantity: int
    price: Decimal
    filled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """How much of a symbol the account holds; negative when short, broken if somebody's is."""

    symbol: str
    quantity: Decimal
    average_price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """The account as the broker sees it now."""

    equity: Decimal
    cash: Decimal
    buying_power: Decimal
    long_value: Decimal
    short_value: Decimal
    can_trade: bool = True
    shorting_enabled: bool = True
    missing: tuple[str, ...] = ()  # amounts that the broker did not tell
    number: str = ""  # the broker's name for it; empty where it has none


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The last known price of a symbol and the moment it is from."""

    symbol: str
    price: Decimal
    at: datetime
