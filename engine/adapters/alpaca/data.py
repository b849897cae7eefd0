"""Alpaca's market data over REST: bars in chunks of symbols, page by page, and last prices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from engine.adapters.alpaca.http import AlpacaHttp
from engine.adapters.alpaca.prices import PricesStream
from engine.adapters.alpaca.wire import mark_of, moment, number
from engine.adapters.opening_bars import OpeningBars
from engine.clock import Clock
from engine.errors import BrokerUnavailableError
from engine.market_hours import Session
from models.broker import Mark
from models.market import Bar, BarColumns, OpeningColumns, bar_columns
from models.money import exact

CHUNK = 200  # symbols per request: the address must not grow too long
PAGE = 10_000  # bars per page, Alpaca's greatest
KEPT_MARKS = timedelta(seconds=1)
GIVEN_UP = timedelta(seconds=5)
JUST_BEFORE = timedelta(seconds=1)  # `end` is inclusive at Alpaca

Bars = Mapping[str, Sequence[Bar]]


class AlpacaData:
    """The desk's market data from one of Alpaca's feeds."""

    is_recorded = False

    def __init__(
        self, http: AlpacaHttp, opening: OpeningBars, clock: Clock, stream: PricesStream
    ) -> None:
        self._http = http
        self._stream = stream
        self._opening = opening
        self._feed = opening.feed
        self._clock = clock
        self._marks: dict[str, Mark] = {}
        self._asked: dict[str, datetime] = {}
        self._failed_at: datetime | None = None

    @property
    def feed(self) -> str:
        """Return the feed's name: sip or iex."""
        return self._feed

    def opening_range(
        self, session: Session, symbols: Sequence[str] | None = None
    ) -> OpeningColumns:
        """Return the opening ranges that have come so far."""
        return self._opening.opening_range(session, symbols)

    def opening_volumes(
        self, sessions: Sequence[Session], symbols: Sequence[str] | None = None
    ) -> Mapping[str, Sequence[int]]:
        """Return each symbol's opening-range volume in past sessions, 0 where it had no bars."""
        return self._opening.opening_volumes(sessions, symbols)

    def minute_bars(self, symbol: str, session: Session) -> BarColumns:
        """Return the finished minute bars of a session."""
        until = min(self._clock.now(), session.closes_at) - JUST_BEFORE
        bars = self._bars(symbol, session.opens_at, until)
        return bar_columns(bars).closed_by(self._clock.now())

    def marks(self, symbols: Sequence[str]) -> Mapping[str, Mark]:
        """Return the last trade of each symbol: polled every second or, if newer, as it was heard.

        After a poll that failed, prices are not waited for again for some seconds: what is guarded
        by orders must not wait for them.
        """
        now = self._clock.now()
        self._stream.watch(symbols)
        if self._is_given_up(now):
            raise BrokerUnavailableError("Alpaca's prices have just not come")
        try:
            self._poll(symbols, now)
        except BrokerUnavailableError:
            self._failed_at = now
            raise
        heard = self._stream.latest()
        known = {s: _newest(self._marks.get(s), heard.get(s)) for s in symbols}
        return {symbol: mark for symbol, mark in known.items() if mark is not None}

    def _poll(self, symbols: Sequence[str], now: datetime) -> None:
        stale = [s for s in symbols if not self._is_fresh(s, now)]
        for chunk in _chunks(stale):
            query = {"symbols": ",".join(chunk), "feed": self._feed}
            trades = self._http.get("/stocks/trades/latest", query).get("trades") or {}
            for symbol in chunk:
                self._asked[symbol] = now
                mark = mark_of({"S": symbol, **(trades.get(symbol) or {})})
                if mark is not None:
                    self._marks[symbol] = mark
                    self._stream.poll_saw(mark)

    def _is_given_up(self, now: datetime) -> bool:
        at = self._failed_at
        return at is not None and timedelta(0) <= now - at < GIVEN_UP

    def _is_fresh(self, symbol: str, now: datetime) -> bool:
        at = self._asked.get(symbol)
        return at is not None and timedelta(0) <= now - at < KEPT_MARKS

    def halted(self, _session: Session) -> frozenset[str]:
        """Return nothing: halts are told by the status stream only; the broker refuses them."""
        return frozenset()

    def _bars(self, symbol: str, start: datetime, end: datetime) -> list[Bar]:
        """Ask for a symbol's minute bars, page by page."""
        query = {
            "symbols": symbol,
            "timeframe": "1Min",
            "start": start.isoformat(),
            "end": end.isoformat(),
            "limit": PAGE,
            "adjustment": "raw",
            "feed": self._feed,
        }
        rows: list[Bar] = []
        while True:
            answer = self._http.get("/stocks/bars", query)
            found = (answer.get("bars") or {}).get(symbol, ())
            rows += [bar for bar in map(_bar, found) if bar is not None]
            if not (token := answer.get("next_page_token")):
                return rows
            query = {**query, "page_token": token}


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


def _newest(polled: Mark | None, heard: Mark | None) -> Mark | None:
    if polled is None or heard is None:
        return polled or heard
    return max(polled, heard, key=lambda mark: mark.at)
