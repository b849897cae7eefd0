"""Daily bars and what is known of symbols, the universe with its numbers, opening ranges."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.tables import Symbol, Table
from models.types import Word
from models.vocabulary import RvolBasis

BENCHMARK = "SPY"  # what results are compared with


class DailyBar(Table):
    """One symbol's bar of one session."""

    __tablename__ = "daily_bars"

    session: Mapped[date] = mapped_column(primary_key=True)
    symbol: Mapped[Symbol] = mapped_column(primary_key=True)
    open: Mapped[Decimal]
    high: Mapped[Decimal]
    low: Mapped[Decimal]
    close: Mapped[Decimal]
    volume: Mapped[int]
    source: Mapped[str] = mapped_column(String(24))


class SyncedSession(Table):
    """A session whose daily bars are complete in `daily_bars`; written in one go with them."""

    __tablename__ = "synced_sessions"

    session: Mapped[date] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(24))
    symbols: Mapped[int]  # 0: the source has nothing of that session
    synced_at: Mapped[datetime]


class Asset(Table):
    """What the broker says of a symbol: the newest list, whole."""

    __tablename__ = "assets"

    symbol: Mapped[Symbol] = mapped_column(primary_key=True)
    name: Mapped[str]
    exchange: Mapped[str] = mapped_column(String(24))
    tradable: Mapped[bool]
    shortable: Mapped[bool]  # now, with shares that are easy to borrow
    borrow_status: Mapped[str] = mapped_column(String(24))
    listed_at: Mapped[datetime]  # when it was on the list


class SymbolSector(Table):
    """The sector of a symbol of which one is known, listed or not: brokers tell none."""

    __tablename__ = "sectors"

    symbol: Mapped[Symbol] = mapped_column(primary_key=True)
    sector: Mapped[str] = mapped_column(String(32))


class SplitRow(Table):
    """From `session` on, `old_shares` of before are `new_shares`. Bars stay as they traded."""

    __tablename__ = "splits"

    symbol: Mapped[Symbol] = mapped_column(primary_key=True)
    session: Mapped[date] = mapped_column(primary_key=True)
    new_shares: Mapped[Decimal]
    old_shares: Mapped[Decimal]
    source: Mapped[str] = mapped_column(String(24))
    found_at: Mapped[datetime]


class OpeningVolume(Table):
    """The volume of one symbol's opening range on one feed; 0 where nothing traded in it."""

    __tablename__ = "opening_volumes"

    session: Mapped[date] = mapped_column(primary_key=True)
    feed: Mapped[str] = mapped_column(String(24), primary_key=True)
    symbol: Mapped[Symbol] = mapped_column(primary_key=True)
    volume: Mapped[int]


class DataFinding(Table):
    """Something in the data that a person should know of. `symbol` is empty for a whole session."""

    __tablename__ = "data_findings"
    __table_args__ = (Index(None, "code", "session"), Index(None, "symbol", "session"))

    session: Mapped[date] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(24), primary_key=True)
    symbol: Mapped[Symbol] = mapped_column(primary_key=True)
    text: Mapped[str]
    source: Mapped[str] = mapped_column(String(24))
    found_at: Mapped[datetime]


class FetchProgress(Table):
    """How far a job that fetches much is, with the session that it works for."""

    __tablename__ = "fetch_progress"

    job: Mapped[str] = mapped_column(String(48), primary_key=True)
    session: Mapped[date]
    done: Mapped[int]  # sessions, or requests where there is one session
    total: Mapped[int]
    rows: Mapped[int]
    started_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    seconds_left: Mapped[float | None]  # of the wall clock; None: not known yet
    finished: Mapped[bool]  # nothing is missing for the session


class UniverseRow(Table):
    """One symbol's numbers, valid for one session and made of the sessions before it."""

    __tablename__ = "universe"
    __table_args__ = (Index(None, "symbol", "session"),)

    session: Mapped[date] = mapped_column(primary_key=True)
    symbol: Mapped[Symbol] = mapped_column(primary_key=True)
    last_close: Mapped[Decimal | None]
    atr14: Mapped[Decimal | None]
    avg_volume14: Mapped[float | None]
    mean_opening_volume14: Mapped[float | None]  # None: no such history, see RvolBasis
    tradable: Mapped[bool] = mapped_column(default=True)
    shortable: Mapped[bool] = mapped_column(default=True)
    failed: Mapped[list[str]]  # filter codes known before the open
    source: Mapped[str] = mapped_column(String(24))


class OpeningRange(Table):
    """One symbol's first five minutes, and what the filters said of it."""

    __tablename__ = "opening_ranges"
    __table_args__ = (
        Index(None, "session", "rank"),
        Index(None, "symbol", "session"),
    )

    session: Mapped[date] = mapped_column(primary_key=True)
    symbol: Mapped[Symbol] = mapped_column(primary_key=True)
    open: Mapped[Decimal | None]
    high: Mapped[Decimal | None]
    low: Mapped[Decimal | None]
    close: Mapped[Decimal | None]
    volume: Mapped[int]
    direction: Mapped[int]
    rvol: Mapped[float | None]
    rvol_basis: Mapped[RvolBasis | None] = mapped_column(Word(RvolBasis))
    atr14: Mapped[Decimal | None]
    avg_volume14: Mapped[float | None]
    rank: Mapped[int | None]
    passed: Mapped[bool]
    failed: Mapped[list[str]]
    entry_level: Mapped[Decimal | None]
    stop_distance: Mapped[Decimal | None]
    feed: Mapped[str] = mapped_column(String(24))
    scanned_at: Mapped[datetime]


class LastPrice(Table):
    """The last known price of a symbol that the desk holds or is about to."""

    __tablename__ = "last_prices"

    symbol: Mapped[Symbol] = mapped_column(primary_key=True)
    price: Mapped[Decimal]
    at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(24))
