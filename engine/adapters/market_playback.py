"""A market held in memory, and the desk's view of it: nothing from after the clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar

import numpy as np

from engine.clock import Clock
from engine.market_hours import MarketHours, Session
from models.broker import Mark
from models.market import (
    BAR_SECONDS,
    BarColumns,
    DailyColumns,
    Ints,
    OpeningColumns,
    empty_bars,
    epoch,
    moment,
)
from models.money import from_micros

T = TypeVar("T")

OPEN, SCAN, CLOSE = range(3)  # the three moments that bound a session's bars


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """A symbol that does not trade from `since` until just before `until`."""

    symbol: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """From `session` on, one share of before is `ratio` shares; bars stay as they traded."""

    symbol: str
    session: date
    ratio: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """Everything that trades in it: minute bars by symbol over all sessions, and daily bars."""

    feed: str
    simulated: bool
    minutes: Mapping[str, BarColumns]
    daily: DailyColumns
    halts: Sequence[Halt] = ()
    splits: Sequence[Split] = ()
    sectors: Mapping[str, str] = field(default_factory=dict)  # by symbol; bars alone tell none


def recorded_market(minutes: Mapping[str, BarColumns], daily: DailyColumns) -> Market:
    """Make a market of bars that were read from files."""
    return Market(feed="recorded", simulated=False, minutes=minutes, daily=daily)


class PlayedData:
    """The desk's market data while a market is played: the past of its clock, no more."""

    def __init__(self, market: Market, clock: Clock, hours: MarketHours) -> None:
        self._clock = clock
        self._hours = hours
        self._index = _indexed(market, hours)

    @property
    def market(self) -> Market:
        """Return the whole market, its future included: for the exchange, not for the desk."""
        return self._index.market

    @property
    def feed(self) -> str:
        """Return the feed's name: recorded or simulated."""
        return self._index.market.feed

    @property
    def is_recorded(self) -> bool:
        """Say that nothing comes late, and that the past costs nothing to ask."""
        return True

    @property
    def sessions(self) -> Sequence[Session]:
        """Return the sessions that have minute bars, oldest first."""
        index = self._index
        return [s for s, has in zip(index.sessions, index.has_bars, strict=True) if has]

    def play(self, market: Market) -> None:
        """Go on with another market, in one step for all readers: the same with more sessions."""
        self._index = _indexed(market, self._hours)

    def daily_bars(self, sessions: Sequence[date]) -> DailyColumns:
        """Return those of the sessions that have closed; what is not on file is not present."""
        index, now = self._index, self._clock.now()
        known = (self._hours.session_on(day) for day in sessions)
        closed = tuple(s.day for s in known if s is not None and s.closes_at <= now)
        return _chosen(index.market.daily, closed)

    def opening_range(
        self, session: Session, symbols: Sequence[str] | None = None
    ) -> OpeningColumns:
        """Return the opening range, as far as it has traded, of every symbol with bars in it."""
        index, now = self._index, self._clock.now()
        column = index.column(session)
        if column is None:
            return OpeningColumns.from_ranges({})
        ranges = {}
        for symbol, bars in _wanted(index.market.minutes, symbols).items():
            opened, scanned, _ = index.edges[symbol][column]
            ranges[symbol] = bars.slice(opened, scanned)
        if now < session.scan_at:
            ranges = {symbol: bars.closed_by(now) for symbol, bars in ranges.items()}
        return OpeningColumns.from_ranges({s: bars for s, bars in ranges.items() if len(bars)})

    def opening_volumes(
        self, sessions: Sequence[Session], symbols: Sequence[str] | None = None
    ) -> Mapping[str, Sequence[int]]:
        """Return each symbol's volume in past opening ranges.

        It is empty when the market has no minute bars of one of the sessions, or when one of the
        opening ranges is not over.
        """
        index, now = self._index, self._clock.now()
        columns = [index.column(session) for session in sessions if session.scan_at <= now]
        found = [column for column in columns if column is not None and index.has_bars[column]]
        if len(found) < len(sessions):
            return {}
        volumes = index.opening_volume[:, found].tolist()
        return _wanted(dict(zip(index.market.minutes, volumes, strict=True)), symbols)

    def minute_bars(self, symbol: str, session: Session) -> BarColumns:
        """Return the finished minute bars of regular hours."""
        now = self._clock.now()
        bars = self.session_bars(symbol, session)
        return bars if now >= session.closes_at else bars.closed_by(now)

    def session_bars(self, symbol: str, session: Session) -> BarColumns:
        """Return a session's minute bars, its future included: for the exchange, not the desk."""
        index = self._index
        column = index.column(session)
        bars = index.market.minutes.get(symbol)
        if column is None or bars is None:
            return empty_bars()
        opened, _, closed = index.edges[symbol][column]
        return bars.slice(opened, closed)

    def marks(self, symbols: Sequence[str]) -> Mapping[str, Mark]:
        """Return the close of each symbol's last finished bar, by minute or else by day."""
        index, now = self._index, epoch(self._clock.now())
        found = ((symbol, index.last_price(symbol, now)) for symbol in symbols)
        return {
            symbol: Mark(symbol=symbol, price=from_micros(last[0]), at=moment(last[1]))
            for symbol, last in found
            if last is not None
        }

    def halted(self, session: Session) -> frozenset[str]:
        """Return the symbols that are halted now."""
        now = self._clock.now()
        return frozenset(
            halt.symbol
            for halt in self._index.market.halts
            if halt.since <= now < halt.until and session.opens_at <= now < session.closes_at
        )


def _wanted(by_symbol: Mapping[str, T], symbols: Sequence[str] | None) -> Mapping[str, T]:
    if symbols is None:
        return by_symbol
    return {symbol: by_symbol[symbol] for symbol in symbols if symbol in by_symbol}


# ---------------------------------------------------------------------------- the index
@dataclass(frozen=True, slots=True, kw_only=True)
class _Index:
    """Where each session lies in each symbol's bars, found once."""

    market: Market
    sessions: Sequence[Session]
    columns: Mapping[date, int]
    edges: Mapping[str, list[list[int]]]  # by session: the positions at open, scan and close
    opening_volume: Ints  # (symbols, sessions)
    has_bars: list[bool]  # by session
    rows: Mapping[str, int]  # of the daily bars
    daily_ends: Ints  # epoch seconds at which each daily bar was final

    def column(self, session: Session) -> int | None:
        """Return a session's position, None when the market does not reach it."""
        return self.columns.get(session.day)

    def last_price(self, symbol: str, now: int) -> tuple[int, int] | None:
        """Return the last known price in millionths and the epoch second it is from."""
        known = [self._last_minute(symbol, now), self._last_day(symbol, now)]
        return max((k for k in known if k is not None), key=lambda k: k[1], default=None)

    def _last_minute(self, symbol: str, now: int) -> tuple[int, int] | None:
        bars = self.market.minutes.get(symbol)
        if bars is None:
            return None
        last = int(bars.start.searchsorted(now - BAR_SECONDS, side="right")) - 1
        return None if last < 0 else (int(bars.close[last]), int(bars.start[last]) + BAR_SECONDS)

    def _last_day(self, symbol: str, now: int) -> tuple[int, int] | None:
        row = self.rows.get(symbol)
        if row is None:
            return None
        last = int(self.daily_ends.searchsorted(now, side="right"))
        present = self.market.daily.present[row, :last].nonzero()[0]
        if not len(present):
            return None
        day = int(present[-1])
        return int(self.market.daily.close[row, day]), int(self.daily_ends[day])


def _indexed(market: Market, hours: MarketHours) -> _Index:
    sessions = _spanned(market, hours)
    bounds = np.array(
        [[epoch(s.opens_at), epoch(s.scan_at), epoch(s.closes_at)] for s in sessions],
        dtype=np.int64,
    ).reshape(len(sessions), 3)
    edges = {symbol: bars.start.searchsorted(bounds) for symbol, bars in market.minutes.items()}
    has_bars = np.zeros(len(sessions), dtype=np.bool_)
    for found in edges.values():
        has_bars |= found[:, CLOSE] > found[:, OPEN]
    volumes = [_opening_volume(bars, edges[symbol]) for symbol, bars in market.minutes.items()]
    return _Index(
        market=market,
        sessions=sessions,
        columns={session.day: column for column, session in enumerate(sessions)},
        edges={symbol: found.tolist() for symbol, found in edges.items()},
        opening_volume=np.array(volumes, dtype=np.int64).reshape(len(edges), len(sessions)),
        has_bars=has_bars.tolist(),
        rows={symbol: row for row, symbol in enumerate(market.daily.symbols)},
        daily_ends=_daily_ends(market.daily, hours),
    )


def _spanned(market: Market, hours: MarketHours) -> Sequence[Session]:
    """Return the sessions from the first to the last minute bar."""
    traded = [bars.start for bars in market.minutes.values() if len(bars)]
    if not traded:
        return []
    first = moment(min(int(start[0]) for start in traded)).date()
    last = moment(max(int(start[-1]) for start in traded)).date()
    return hours.between(first - timedelta(days=1), last)


def _opening_volume(bars: BarColumns, edges: Ints) -> Ints:
    upto = np.concatenate([[0], bars.volume.cumsum()])
    volume: Ints = upto[edges[:, SCAN]] - upto[edges[:, OPEN]]
    return volume


def _daily_ends(daily: DailyColumns, hours: MarketHours) -> Ints:
    """Return when each daily bar was final; a day without trading ends with its calendar day."""
    ends = []
    for day in daily.sessions:
        session = hours.session_on(day)
        ends.append(epoch(session.closes_at) if session else _day_after(day))
    return np.array(ends, dtype=np.int64)


def _day_after(day: date) -> int:
    """Return an epoch second at which a day is over everywhere, before the next one's open."""
    return (day - date(1970, 1, 1)).days * 86_400 + 36 * 3_600


def _chosen(daily: DailyColumns, days: tuple[date, ...]) -> DailyColumns:
    """Return the columns of some days; a day that is not on file has no bar present."""
    known = {day: column for column, day in enumerate(daily.sessions)}
    found = [(known[day], place) for place, day in enumerate(days) if day in known]
    source, target = np.array(found, dtype=np.int64).reshape(len(found), 2).T

    def pick(values: Ints) -> Ints:
        picked = np.zeros((len(daily.symbols), len(days)), dtype=np.int64)
        picked[:, target] = values[:, source]
        return picked

    return DailyColumns(
        symbols=daily.symbols,
        sessions=days,
        open=pick(daily.open),
        high=pick(daily.high),
        low=pick(daily.low),
        close=pick(daily.close),
        volume=pick(daily.volume),
        present=pick(daily.present.astype(np.int64)).astype(np.bool_),
    )
