"""The account over time: its current state, snapshots and daily results."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.tables import Account, Id, Symbol, Table
from models.types import Word
from models.vocabulary import TradingMode


class StoredAccount(Table):
    """One account that the desk may trade, as its broker last told of it. Keys are never here.

    Which of them is traded stands in the engine's lease, where every order is fenced by it.
    """

    __tablename__ = "accounts"

    account: Mapped[Account] = mapped_column(primary_key=True)  # the name of its books
    mode: Mapped[TradingMode] = mapped_column(Word(TradingMode))
    has_keys: Mapped[bool]  # where the engine runs, at its last look
    number: Mapped[str | None] = mapped_column(String(32))  # the broker's
    equity: Mapped[Decimal | None]
    seen_at: Mapped[datetime | None]
    trouble: Mapped[str | None]  # why it was not seen at the last look


class AccountNow(Table):
    """The account as last seen at the broker; one row per account."""

    __tablename__ = "accounts_now"

    account: Mapped[Account] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    session: Mapped[date | None]
    equity: Mapped[Decimal]
    cash: Mapped[Decimal]
    buying_power: Mapped[Decimal]
    long_value: Mapped[Decimal]
    short_value: Mapped[Decimal]
    starting_equity: Mapped[Decimal]  # at the open of the session


class AccountSnapshot(Table):
    """The account at one moment; a point of the equity curve."""

    __tablename__ = "account_snapshots"
    __table_args__ = (
        Index(None, "account", "session", "at", unique=True),
        Index(None, "account", "at"),
        Index(None, "at"),
    )

    id: Mapped[Id]
    account: Mapped[Account]
    session: Mapped[date]
    at: Mapped[datetime]
    equity: Mapped[Decimal]
    cash: Mapped[Decimal]
    buying_power: Mapped[Decimal]
    day_pnl: Mapped[Decimal]
    open_positions: Mapped[int]


class PositionSnapshot(Table):
    """One open position at one moment."""

    __tablename__ = "position_snapshots"
    __table_args__ = (
        Index(None, "trade_id", "at", unique=True),
        Index(None, "at"),
    )

    id: Mapped[Id]
    trade_id: Mapped[int] = mapped_column(ForeignKey("trades.id"))
    symbol: Mapped[Symbol]
    at: Mapped[datetime]
    quantity: Mapped[int]  # signed
    price: Mapped[Decimal]
    stop_price: Mapped[Decimal | None]
    unrealised: Mapped[Decimal]


class DailyMetrics(Table):
    """What one session came to; written when it is over and the account is known to be flat."""

    __tablename__ = "daily_metrics"

    account: Mapped[Account] = mapped_column(primary_key=True)
    session: Mapped[date] = mapped_column(primary_key=True)
    starting_equity: Mapped[Decimal]
    ending_equity: Mapped[Decimal]
    pnl: Mapped[Decimal]  # from the desk's own fills
    residual: Mapped[Decimal]  # change of the broker's equity that the fills do not explain
    trades: Mapped[int]
    winners: Mapped[int]
    losers: Mapped[int]
    max_drawdown: Mapped[Decimal]
    signals: Mapped[int]
    naked_seconds: Mapped[float]
    flat: Mapped[bool]
    flat_at: Mapped[datetime | None]
    reconciled: Mapped[bool]
    closed_at: Mapped[datetime]
