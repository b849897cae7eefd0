"""Signals, orders, fills and trades: the chain from a decision to its result."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.tables import Account, Id, Symbol, Table
from models.types import Word
from models.vocabulary import (
    ExitReason,
    OrderClass,
    OrderPurpose,
    OrderSide,
    OrderStatus,
    OrderType,
    Side,
    SignalStatus,
    TradeStatus,
)


class Signal(Table):
    """A candidate that the strategy wants to enter, and what became of it."""

    __tablename__ = "signals"
    __table_args__ = (
        UniqueConstraint("account", "session", "symbol"),
        Index(None, "account", "id"),
        Index(None, "session", "rank"),
        Index(None, "symbol", "session"),
        Index(None, "status", "session"),
    )

    id: Mapped[Id]
    account: Mapped[Account]
    session: Mapped[date]
    symbol: Mapped[Symbol]
    side: Mapped[Side] = mapped_column(Word(Side))
    rank: Mapped[int]
    rvol: Mapped[float]
    confidence: Mapped[float]
    entry_level: Mapped[Decimal]
    stop_distance: Mapped[Decimal]
    planned_stop: Mapped[Decimal]
    quantity: Mapped[int] = mapped_column(default=0)
    status: Mapped[SignalStatus] = mapped_column(Word(SignalStatus))
    code: Mapped[str | None] = mapped_column(String(32))
    sentence: Mapped[str | None]
    late: Mapped[bool] = mapped_column(default=False)
    feed: Mapped[str] = mapped_column(String(24))
    strategy_version: Mapped[int]
    risk_version: Mapped[int]
    correlation_id: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Trade(Table):
    """A round trip: from the first entry fill to the last exit fill."""

    __tablename__ = "trades"
    __table_args__ = (
        UniqueConstraint("account", "session", "symbol", "attempt"),
        Index(None, "account", "id"),
        Index(None, "status", "session"),
        Index(None, "session", "symbol"),
        Index(None, "symbol", "session"),
        Index(None, "signal_id"),
        Index(None, "closed_at"),
    )

    id: Mapped[Id]
    account: Mapped[Account]
    session: Mapped[date]
    symbol: Mapped[Symbol]
    attempt: Mapped[int] = mapped_column(default=1)
    signal_id: Mapped[int | None] = mapped_column(ForeignKey("signals.id"))
    side: Mapped[Side] = mapped_column(Word(Side))
    status: Mapped[TradeStatus] = mapped_column(Word(TradeStatus))
    rank: Mapped[int | None]
    rvol: Mapped[float | None]
    entry_level: Mapped[Decimal | None]
    stop_distance: Mapped[Decimal | None]
    stop_price: Mapped[Decimal | None]  # where the protection belongs, measured from the fill
    quantity: Mapped[int]  # shares entered
    open_quantity: Mapped[int]  # shares still held
    entry_price: Mapped[Decimal]  # mean of the entry fills
    exit_price: Mapped[Decimal | None]  # mean of the exit fills
    pnl: Mapped[Decimal]  # realised
    exit_reason: Mapped[ExitReason | None] = mapped_column(Word(ExitReason))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    naked_since: Mapped[datetime | None]
    naked_seconds: Mapped[float] = mapped_column(default=0.0)


class Order(Table):
    """One order, from its intent to its end."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("account", "client_order_id"),
        Index(None, "account", "id"),
        Index(None, "status", "session"),
        Index(None, "session", "symbol"),
        Index(None, "broker_order_id"),
        Index(None, "signal_id"),
        Index(None, "trade_id"),
    )

    id: Mapped[Id]
    account: Mapped[Account]
    client_order_id: Mapped[str] = mapped_column(String(128))
    broker_order_id: Mapped[str | None] = mapped_column(String(64))
    session: Mapped[date]
    symbol: Mapped[Symbol]
    purpose: Mapped[OrderPurpose] = mapped_column(Word(OrderPurpose))
    attempt: Mapped[int]
    side: Mapped[OrderSide] = mapped_column(Word(OrderSide))
    type: Mapped[OrderType] = mapped_column(Word(OrderType))
    order_class: Mapped[OrderClass] = mapped_column(Word(OrderClass))
    quantity: Mapped[int]
    filled_quantity: Mapped[int] = mapped_column(default=0)
    stop_price: Mapped[Decimal | None]
    stop_offset: Mapped[Decimal | None]  # of an attached stop: its distance from the fill
    tick_size: Mapped[Decimal] = mapped_column(default=Decimal(0))
    limit_price: Mapped[Decimal | None]
    status: Mapped[OrderStatus] = mapped_column(Word(OrderStatus))
    exit_reason: Mapped[ExitReason | None] = mapped_column(Word(ExitReason))
    code: Mapped[str | None] = mapped_column(String(32))
    sentence: Mapped[str | None]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    signal_id: Mapped[int | None] = mapped_column(ForeignKey("signals.id"))
    trade_id: Mapped[int | None] = mapped_column(ForeignKey("trades.id"))
    strategy_version: Mapped[int | None]  # what it was decided by; None: not known, or not by us
    risk_version: Mapped[int | None]
    fence: Mapped[int]  # the lease token of the engine that intended it
    correlation_id: Mapped[str] = mapped_column(String(64))
    intended_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class Fill(Table):
    """One execution. The broker's execution id makes recording it twice harmless."""

    __tablename__ = "fills"
    __table_args__ = (
        UniqueConstraint("account", "execution_id"),
        Index(None, "account", "id"),
        Index(None, "order_id"),
        Index(None, "session", "symbol"),
        Index(None, "filled_at"),
    )

    id: Mapped[Id]
    account: Mapped[Account]
    execution_id: Mapped[str] = mapped_column(String(80))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    session: Mapped[date]
    symbol: Mapped[Symbol]
    side: Mapped[OrderSide] = mapped_column(Word(OrderSide))
    quantity: Mapped[int]
    price: Mapped[Decimal]
    filled_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
