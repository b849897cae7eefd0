"""The simulated exchange's own books, apart from the desk's: it is another party."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.tables import Account, Id, Symbol, Table
from models.types import Word
from models.vocabulary import OrderSide, OrderStatus, OrderType


class SimulatedAccount(Table):
    """One account at the simulated exchange, and how far its market has been played."""

    __tablename__ = "simulated_accounts"

    account: Mapped[Account] = mapped_column(primary_key=True)
    cash: Mapped[Decimal]
    multiplier: Mapped[Decimal]  # buying power = multiplier x equity
    played_until: Mapped[datetime]  # bars that end by then have acted
    next_number: Mapped[int]  # of the next order or execution


class SimulatedMarket(Table):
    """Which market is played, and its clock: now = start + speed x (wall clock - epoch)."""

    __tablename__ = "simulated_markets"

    account: Mapped[Account] = mapped_column(primary_key=True)
    seed: Mapped[int]
    first_session: Mapped[date]  # with which the playing began
    session: Mapped[date]  # which is played now
    start: Mapped[datetime]
    speed: Mapped[float]  # 0 = paused
    epoch: Mapped[datetime]


class SimulatedOrder(Table):
    """One order as the simulated exchange knows it."""

    __tablename__ = "simulated_orders"
    __table_args__ = (
        Index(None, "account", "client_order_id", unique=True),
        Index(None, "account", "session"),
    )

    account: Mapped[Account] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int]  # its place in time
    client_order_id: Mapped[str] = mapped_column(String(128))
    parent_id: Mapped[str | None] = mapped_column(String(32))
    session: Mapped[date]
    symbol: Mapped[Symbol]
    side: Mapped[OrderSide] = mapped_column(Word(OrderSide))
    type: Mapped[OrderType] = mapped_column(Word(OrderType))
    quantity: Mapped[int]
    filled_quantity: Mapped[int]
    stop_price: Mapped[Decimal | None]
    limit_price: Mapped[Decimal | None]
    stop_offset: Mapped[Decimal | None]  # measure the stop from the parent's fill
    stop_tick: Mapped[Decimal]
    first_fill: Mapped[float]  # part of the quantity that the next touch fills
    triggered: Mapped[bool]  # a stop-limit whose stop was touched
    status: Mapped[OrderStatus] = mapped_column(Word(OrderStatus))
    reason: Mapped[str | None]
    live_at: Mapped[datetime]  # bars that start before then do not trade it
    updated_at: Mapped[datetime]


class SimulatedExecution(Table):
    """One fill at the simulated exchange."""

    __tablename__ = "simulated_executions"
    __table_args__ = (Index(None, "account", "number", unique=True), Index(None, "order_id"))

    account: Mapped[Account] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int]
    order_id: Mapped[str] = mapped_column(String(32))
    client_order_id: Mapped[str] = mapped_column(String(128))
    symbol: Mapped[Symbol]
    side: Mapped[OrderSide] = mapped_column(Word(OrderSide))
    quantity: Mapped[int]
    price: Mapped[Decimal]
    filled_at: Mapped[datetime]  # start of the bar that acted


class SimulatedFault(Table):
    """Trouble asked for: what the exchange does with the next order of a symbol."""

    __tablename__ = "simulated_faults"

    id: Mapped[Id]
    account: Mapped[Account]
    symbol: Mapped[Symbol]
    kind: Mapped[str] = mapped_column(String(16))  # partial | reject | delay
    amount: Mapped[float]  # partial: part filled first; delay: seconds until live
    used: Mapped[bool] = mapped_column(default=False)
