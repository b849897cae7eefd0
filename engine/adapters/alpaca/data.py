"""Alpaca's market data over REST: bars in chunks of symbols, page by page, and last prices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from engine.adapters.alpaca.http import AlpacaHttp
from engine.adapters.alpaca.wire import moment, number
from engine.clock import Clock
from engine.market_hours import MarketHours, Session, new_york
from models.market import Bar, BarColumns, DailyColumns, OpeningColumns, bar_columns
from models.money import exact, to_micros
from models.vocabulary import Mark

CHUNK = 200  # symbols per request: the address must not grow too long
PAGE = 10_000  # bars per page, Alpaca's greatest
THREADS = 8
KEPT_MARKS = timedelta(seconds=1)
JUST_BEFORE = timedelta(seconds=1)  # `end` is inclusive at Alpaca

Bars = Mapping[str, Sequence[Bar]]


class AlpacaData:
    """The desk's market data from one of Alpaca's feeds. `symbols` are those that it looks at."""

    def __init__(
        self,
        http: AlpacaHttp,
        feed: str,
        clock: Clock,
        hours: MarketHours,
        symbols: Callable[[], Sequence[str]],
    ) -> None:
        self._http = http
        self._feed = feed
        self._clock = clock
        self._hours = hours
        self._symbols = symbols
        self._marks: dict[str, Mark] = {}
        self._asked: dict[str, datetime] = {}
        self._opening: dict[date, Mapping[str, int]] = {}

    @property
    def feed(self) -> str:
        """Return the feed's name: sip or iex."""
        return self._feed

    def daily_bars(self, sessions: Sequence[date]) -> DailyColumns:
        """Return the daily bars of finished sessions."""
        known = [s for s in map(self._hours.session_on, sessions) if s is not None]
        done = [s for s in known if s.closes_at <= self._clock.now()]
        if not done:
            return _daily_columns({}, ())
        bars = self._bars("1Day", done[0].opens_at - timedelta(days=1), done[-1].closes_at)
        return _daily_columns(bars, tuple(s.day for s in done))

    def opening_range(self, session: Session) -> OpeningColumns:
        """Return the opening range of every symbol that has bars in it."""
        bars = self._bars("1Min", session.opens_at, session.scan_at - JUST_BEFORE)
        return OpeningColumns.from_ranges(
            {symbol: bar_columns(rows) for symbol, rows in bars.items() if rows}
        )

    def opening_volumes(self, sessions: Sequence[Session]) -> Mapping[str, Sequence[int]]:
        """Return each symbol's opening-range volume in past sessions, 0 where it had no bars."""
        volumes: dict[str, list[int]] = defaultdict(lambda: [0] * len(sessions))
        for place, session in enumerate(sessions):
            found = self._opening_volume(session)
            if not found:
                return {}
            for symbol, volume in found.items():
                volumes[symbol][place] = volume
        return dict(volumes)

    def minute_bars(self, symbol: str, session: Session) -> BarColumns:
        """Return the finished minute bars of a session."""
        until = min(self._clock.now(), session.closes_at) - JUST_BEFORE
        bars = self._bars("1Min", session.opens_at, until, [symbol])
        return bar_columns(bars.get(symbol, ())).closed_by(self._clock.now())

    def marks(self, symbols: Sequence[str]) -> Mapping[str, Mark]:
        """Return the last trade of each symbol, at most a second old."""
        now = self._clock.now()
        stale = [s for s in symbols if not self._is_fresh(s, now)]
        for chunk in _chunks(stale):
            query = {"symbols": ",".join(chunk), "feed": self._feed}
            trades = self._http.get("/stocks/trades/latest", query).get("trades") or {}
            for symbol in chunk:
                self._asked[symbol] = now
                mark = _mark(symbol, trades.get(symbol))
                if mark is not None:
                    self._marks[symbol] = mark
        return {symbol: self._marks[symbol] for symbol in symbols if symbol in self._marks}

    def _is_fresh(self, symbol: str, now: datetime) -> bool:
        at = self._asked.get(symbol)
        return at is not None and timedelta(0) <= now - at < KEPT_MARKS

    def _opening_volume(self, session: Session) -> Mapping[str, int]:
        """Return a past session's opening volumes; kept, so that a refused round can go on."""
        if session.day not in self._opening:
            bars = self._bars("5Min", session.opens_at, session.scan_at - JUST_BEFORE)
            volumes = {s: sum(row.volume for row in rows) for s, rows in bars.items()}
            self._opening[session.day] = volumes
        return self._opening[session.day]

    def halted(self, _session: Session) -> frozenset[str]:
        """Return nothing: halts are told by the status stream only; the broker refuses them."""
        return frozenset()

    def _bars(
        self,
        timeframe: str,
        start: datetime,
        end: datetime,
        symbols: Sequence[str] | None = None,
    ) -> Bars:
        """Ask for bars of many symbols, chunks side by side, each chunk page by page."""
        wanted = self._symbols() if symbols is None else symbols
        query = {
            "timeframe": timeframe,
            "start": start.isoformat(),
            "end": end.isoformat(),
            "limit": PAGE,
            "adjustment": "raw",
            "feed": self._feed,
        }
        found: dict[str, list[Bar]] = defaultdict(list)
        with ThreadPoolExecutor(THREADS, "bars") as pool:
            for pages in pool.map(lambda chunk: self._pages(query, chunk), _chunks(wanted)):
                for symbol, rows in pages:
                    found[symbol].extend(rows)
        return found

    def _pages(self, query: Mapping[str, Any], chunk: Sequence[str]) -> list[tuple[str, list[Bar]]]:
        rows: list[tuple[str, list[Bar]]] = []
        token: str | None = None
        while True:
            page = {"page_token": token} if token else {}
            answer = self._http.get("/stocks/bars", {**query, "symbols": ",".join(chunk), **page})
            for symbol, bars in (answer.get("bars") or {}).items():
                rows.append((symbol, [bar for bar in map(_bar, bars) if bar is not None]))
            token = answer.get("next_page_token")
            if not token:
                return rows


def _chunks(symbols: Sequence[str]) -> Iterable[Sequence[str]]:
    return [symbols[i : i + CHUNK] for i in range(0, len(symbols), CHUNK)]


def _bar(row: Mapping[str, Any]) -> Bar | None:
    start = moment(row.get("t"))
    if start is None:
        return None
    return Bar(
        start=start,
        open=exact(number(row.get("o"))),
        high=exact(number(row.get("h"))),
        low=exact(number(row.get("l"))),
        close=exact(number(row.get("c"))),
        volume=int(number(row.get("v"))),
    )


def _mark(symbol: str, row: Mapping[str, Any] | None) -> Mark | None:
    at = moment((row or {}).get("t"))
    if row is None or at is None:
        return None
    return Mark(symbol=symbol, price=exact(number(row.get("p"))), at=at)


def _daily_columns(bars: Bars, days: tuple[date, ...]) -> DailyColumns:
    symbols = tuple(sorted(bars))
    values = np.zeros((5, len(symbols), len(days)), dtype=np.int64)
    present = np.zeros((len(symbols), len(days)), dtype=np.bool_)
    columns = {day: column for column, day in enumerate(days)}
    for place, symbol in enumerate(symbols):
        for bar in bars[symbol]:
            column = columns.get(new_york(bar.start).date())
            if column is None:
                continue
            prices = [to_micros(p) for p in (bar.open, bar.high, bar.low, bar.close)]
            values[:, place, column] = [*prices, bar.volume]
            present[place, column] = True
    open_, high, low, close, volume = values
    return DailyColumns(
        symbols=symbols,
        sessions=days,
        open=open_,
        high=high,
        low=low,
        close=close,
        volume=volume,
        present=present,
    )
