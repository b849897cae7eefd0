"""What Big Dipper's log tells (specification D 2.2). Parts of one, not percentages."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.bots import BotId, OneBot
from models.tables import Id, Symbol, Table
from models.types import Word
from models.vocabulary import OrderSide


class DipTrade(Table):
    """Something that the bot bought or sold."""

    __tablename__ = "dip_trades"
    __table_args__ = (Index(None, "bot_id", "id"), Index(None, "bot_id", "symbol", "id"))

    id: Mapped[Id]
    bot_id: Mapped[BotId]
    at: Mapped[datetime]
    symbol: Mapped[Symbol]
    side: Mapped[OrderSide] = mapped_column(Word(OrderSide))
    quantity: Mapped[Decimal]
    price: Mapped[Decimal]
    value: Mapped[Decimal]
    order_id: Mapped[str | None] = mapped_column(String(64))


class DipOpportunity(Table):
    """A dip that was deep enough, and what became of it as far as the log says."""

    __tablename__ = "dip_opportunities"
    __table_args__ = (
        Index(None, "bot_id", "id"),
        Index(None, "bot_id", "symbol", "id"),
        Index(None, "bot_id", "at"),
    )

    id: Mapped[Id]
    bot_id: Mapped[BotId]
    at: Mapped[datetime]
    symbol: Mapped[Symbol]
    dip: Mapped[Decimal]
    price: Mapped[Decimal]
    score: Mapped[Decimal]
    executed: Mapped[bool] = mapped_column(default=False)
    skipped_for: Mapped[str | None] = mapped_column(String(32))


class DipSkip(Table):
    """A dip that the bot left alone, and why."""

    __tablename__ = "dip_skips"
    __table_args__ = (
        Index(None, "bot_id", "id"),
        Index(None, "bot_id", "reason", "id"),
        Index(None, "bot_id", "symbol", "id"),
    )

    id: Mapped[Id]
    bot_id: Mapped[BotId]
    at: Mapped[datetime]
    symbol: Mapped[Symbol]
    reason: Mapped[str] = mapped_column(String(32))
    sentence: Mapped[str]
    dip: Mapped[Decimal | None]


class DipBrake(Table):
    """A time during which the bot bought nothing because it owed too much."""

    __tablename__ = "dip_brakes"
    __table_args__ = (Index(None, "bot_id", "id"),)

    id: Mapped[Id]
    bot_id: Mapped[BotId]
    started_at: Mapped[datetime]
    told_at: Mapped[datetime]  # the last line of the brake
    quiet_since: Mapped[datetime | None]  # an account line came without one
    ended_at: Mapped[datetime | None]
    cycle: Mapped[int | None]
    margin: Mapped[Decimal]  # the greatest
    equity: Mapped[Decimal | None]


class DipAccount(Table):
    """The bot's account in one of its cycles."""

    __tablename__ = "dip_accounts"
    __table_args__ = (Index(None, "bot_id", "id"), Index(None, "bot_id", "at"))

    id: Mapped[Id]
    bot_id: Mapped[BotId]
    at: Mapped[datetime]
    cycle: Mapped[int | None]
    equity: Mapped[Decimal]
    cash: Mapped[Decimal]
    margin: Mapped[Decimal]
    pl: Mapped[Decimal]
    pl_part: Mapped[Decimal]
    market: Mapped[str | None] = mapped_column(String(24))


class DipPosition(Table):
    """One position at one moment, from the lists of winners and losers."""

    __tablename__ = "dip_positions"
    __table_args__ = (Index(None, "bot_id", "at"),)

    id: Mapped[Id]
    bot_id: Mapped[BotId]
    at: Mapped[datetime]
    symbol: Mapped[Symbol]
    pl_part: Mapped[Decimal]
    value: Mapped[Decimal | None]


class DipDay(Table):
    """What one of the bot's days came to."""

    __tablename__ = "dip_days"

    bot_id: Mapped[OneBot]
    day: Mapped[date] = mapped_column(primary_key=True)
    trades: Mapped[int] = mapped_column(default=0)
    deployed: Mapped[Decimal] = mapped_column(default=Decimal(0))
    starting_equity: Mapped[Decimal | None]
    ending_equity: Mapped[Decimal | None]
    peak_equity: Mapped[Decimal | None]
    trough_equity: Mapped[Decimal | None]
    max_margin: Mapped[Decimal] = mapped_column(default=Decimal(0))
    brakes: Mapped[int] = mapped_column(default=0)
    wash_sales: Mapped[int] = mapped_column(default=0)
