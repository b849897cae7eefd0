"""Bars: one as a value, many as columns of whole numbers."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.money import from_micros

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

BAR_SECONDS = 60

# The eleven sectors of the Global Industry Classification Standard (GICS), in its order.
SECTORS = (
    "Energy",
    "Materials",
    "Industrials",
    "Consumer Discretionary",
    "Consumer Staples",
    "Health Care",
    "Financials",
    "Information Technology",
    "Communication Services",
    "Utilities",
    "Real Estate",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What traded from `start` for one minute (or one session)."""

    start: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BarColumns:
    """One symbol's minute bars by rising start.

    `start` is in whole epoch seconds (UTC), prices in millionths, volume in shares; all columns
    have one length.
    """

    start: Ints
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints

    def __len__(self) -> int:
        """Return the number of bars."""
        return len(self.start)

    def between(self, since: datetime, until: datetime) -> Self:
        """Return the bars with since <= start < until, as a view."""
        # Rounded up: a bar that has begun before a fraction of a second is not after it.
        first, last = np.searchsorted(self.start, (_next_second(since), _next_second(until)))
        return self.slice(int(first), int(last))

    def closed_by(self, now: datetime) -> Self:
        """Return the bars that have ended at `now`, as a view."""
        last = np.searchsorted(self.start, epoch(now) - BAR_SECONDS, side="right")
        return self.slice(0, int(last))

    def slice(self, first: int, last: int) -> Self:
        """Return the bars at positions first..last-1, as a view."""
        return type(self)(
            start=self.start[first:last],
            open=self.open[first:last],
            high=self.high[first:last],
            low=self.low[first:last],
            close=self.close[first:last],
            volume=self.volume[first:last],
        )

    def at(self, index: int) -> Bar:
        """Return one bar as a value."""
        return Bar(
            start=moment(int(self.start[index])),
            open=from_micros(self.open[index]),
            high=from_micros(self.high[index]),
            low=from_micros(self.low[index]),
            close=from_micros(self.close[index]),
            volume=int(self.volume[index]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyColumns:
    """Daily bars of many symbols over the same sessions: arrays of shape (symbols, sessions).

    Prices are in millionths, volume in shares. A missing bar has `present` False and zeros.
    """

    symbols: tuple[str, ...]
    sessions: tuple[date, ...]
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints
    present: NDArray[np.bool_]

    def upto(self, session: date, count: int) -> DailyColumns:
        """Return the last `count` sessions before `session`, as views."""
        last = bisect_left(self.sessions, session)
        return self.columns(max(0, last - count), last)

    def columns(self, first: int, last: int) -> DailyColumns:
        """Return the sessions at positions first..last-1, as views."""
        return DailyColumns(
            symbols=self.symbols,
            sessions=self.sessions[first:last],
            open=self.open[:, first:last],
            high=self.high[:, first:last],
            low=self.low[:, first:last],
            close=self.close[:, first:last],
            volume=self.volume[:, first:last],
            present=self.present[:, first:last],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something in the data that a person should know of; `symbol` empty: the whole session."""

    session: date
    code: str
    symbol: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketDay:
    """The daily bars of every symbol in one session, as they traded, by rising symbol.

    Prices are in millionths, volume in shares. `problems` names what the source sent and nobody
    can believe: it is not among the bars.
    """

    session: date
    symbols: tuple[str, ...]
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints
    problems: tuple[Finding, ...] = ()

    def __len__(self) -> int:
        """Return the number of bars."""
        return len(self.symbols)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """From `session` on, `old_shares` of before are `new_shares`."""

    symbol: str
    session: date
    new_shares: Decimal
    old_shares: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What the broker says of a symbol."""

    symbol: str
    name: str
    exchange: str
    tradable: bool
    shortable: bool  # now, with shares that are easy to borrow
    borrow_status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningColumns:
    """The opening ranges of many symbols in one session: columns of one length.

    Prices are in millionths. A symbol without a bar in the range has volume 0 and `bars` 0.
    """

    symbols: tuple[str, ...]
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints
    bars: Ints

    @classmethod
    def from_ranges(cls, ranges: Mapping[str, BarColumns]) -> OpeningColumns:
        """Fold each symbol's bars of the opening range into one (contracts, Opening range)."""
        symbols = tuple(sorted(ranges))
        rows = np.array([_fold(ranges[symbol]) for symbol in symbols], dtype=np.int64)
        columns = rows.reshape(len(symbols), 6).T
        return cls(
            symbols=symbols,
            open=columns[0],
            high=columns[1],
            low=columns[2],
            close=columns[3],
            volume=columns[4],
            bars=columns[5],
        )


def _fold(bars: BarColumns) -> tuple[int, int, int, int, int, int]:
    if not len(bars):
        return (0, 0, 0, 0, 0, 0)
    return (
        int(bars.open[0]),
        int(bars.high.max()),
        int(bars.low.min()),
        int(bars.close[-1]),
        int(bars.volume.sum()),
        len(bars),
    )


def epoch(at: datetime) -> int:
    """Return a moment as whole epoch seconds, fractions dropped."""
    return int(at.timestamp() // 1)


def _next_second(at: datetime) -> int:
    return epoch(at) + (at.microsecond > 0)


def moment(seconds: int) -> datetime:
    """Return whole epoch seconds as an aware UTC moment."""
    return datetime.fromtimestamp(seconds, tz=UTC)


def empty_bars() -> BarColumns:
    """Return columns without a bar."""
    none = np.empty(0, dtype=np.int64)
    return BarColumns(start=none, open=none, high=none, low=none, close=none, volume=none)


def bar_columns(bars: Iterable[Bar]) -> BarColumns:
    """Put bars (by rising start) into columns."""
    rows = [
        (epoch(b.start), *(int(p.scaleb(6)) for p in (b.open, b.high, b.low, b.close)), b.volume)
        for b in bars
    ]
    if not rows:
        return empty_bars()
    start, open_, high, low, close, volume = np.array(rows, dtype=np.int64).T
    return BarColumns(start=start, open=open_, high=high, low=low, close=close, volume=volume)
