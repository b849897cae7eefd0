"""What programs and pages read of Big Dipper. Dips, margins and gains are parts of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from models.vocabulary import OrderSide


@dataclass(frozen=True, slots=True, kw_only=True)
class DipTradeRecord:
    """Something that the bot bought or sold."""

    id: int
    bot_id: int
    at: datetime
    symbol: str
    side: OrderSide
    quantity: Decimal
    price: Decimal
    value: Decimal
    order_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityRecord:
    """A dip that was deep enough, and what became of it as far as the log says."""

    id: int
    bot_id: int
    at: datetime
    symbol: str
    dip: Decimal
    price: Decimal
    score: Decimal
    executed: bool
    skipped_for: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipRecord:
    """A dip that was left alone: the reason's code and the log's own words."""

    id: int
    bot_id: int
    at: datetime
    symbol: str
    reason: str
    sentence: str
    dip: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakeRecord:
    """A time during which the bot bought nothing; `ended_at` null while it lasts."""

    id: int
    bot_id: int
    started_at: datetime
    told_at: datetime
    ended_at: datetime | None
    cycle: int | None
    margin: Decimal
    equity: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DipAccountRecord:
    """The bot's account in one cycle."""

    id: int
    bot_id: int
    at: datetime
    cycle: int | None
    equity: Decimal
    cash: Decimal
    margin: Decimal
    pl: Decimal
    pl_part: Decimal
    market: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DipPositionRecord:
    """One position as the log last told it."""

    at: datetime
    symbol: str
    pl_part: Decimal
    value: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DipDayRecord:
    """What one of the bot's days came to."""

    bot_id: int
    day: date
    trades: int
    deployed: Decimal
    starting_equity: Decimal | None
    ending_equity: Decimal | None
    peak_equity: Decimal | None
    trough_equity: Decimal | None
    max_margin: Decimal
    brakes: int
    wash_sales: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WashSales:
    """How often one symbol was left alone because of the wash sale rule."""

    symbol: str
    blocked: int
    deepest: Decimal | None
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DipBucket:
    """How many dips were so deep: from `least` on, and less than `most`."""

    least: Decimal
    most: Decimal
    count: int
    executed: int
