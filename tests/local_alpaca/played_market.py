"""The market that is played: minute bars, daily bars, halts, and what was known when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from engine.market_hours import MarketHours, Session, new_york
from models.market import Bar, BarColumns, DailyColumns, empty_bars
from models.money import from_micros
from tests.local_alpaca.moments import MINUTE, SECOND, as_datetime, nanoseconds


@dataclass(slots=True, kw_only=True)
class PlayedMarket:
    """Bars by symbol, corporate actions by kind. Nothing is known of a bar before it has closed."""

    bars: Mapping[str, BarColumns]
    daily: DailyColumns | None = None
    halted: set[str] = field(default_factory=set)
    actions: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    hours: MarketHours = field(default_factory=MarketHours)
    _rows: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        symbols = self.daily.symbols if self.daily else ()
        self._rows = {symbol: row for row, symbol in enumerate(symbols)}

    @property
    def symbols(self) -> list[str]:
        """Return every symbol with bars of either kind."""
        return sorted({*self.bars, *(self.daily.symbols if self.daily else ())})

    def daily_row(self, symbol: str) -> int | None:
        """Return the row of a symbol in the daily bars, None without."""
        return self._rows.get(symbol)

    def minutes(self, symbol: str) -> BarColumns:
        """Return a symbol's minute bars, those that have not happened yet included."""
        return self.bars.get(symbol) or empty_bars()

    def closed(self, symbol: str, now: int) -> BarColumns:
        """Return the minute bars that have closed by now."""
        bars = self.minutes(symbol)
        last = np.searchsorted(bars.start, (now - MINUTE) // SECOND, side="right")
        return bars.slice(0, int(last))

    def bar_closing_at(self, symbol: str, moment: int) -> Bar | None:
        """Return the bar that ends at a moment, None without trades or in a halt."""
        bars = self.minutes(symbol)
        start = (moment - MINUTE) // SECOND
        index = int(np.searchsorted(bars.start, start))
        if symbol in self.halted or index >= len(bars) or bars.start[index] != start:
            return None
        return bars.at(index)

    def price(self, symbol: str, now: int) -> Decimal | None:
        """Return the last price known now: of a minute, else of the last daily bar."""
        closed = self.closed(symbol, now)
        if len(closed):
            return from_micros(closed.close[-1])
        return self.previous_close(symbol, now)

    def previous_close(self, symbol: str, now: int) -> Decimal | None:
        """Return the close of the session before today's, from daily or minute bars."""
        today = new_york(as_datetime(now)).date()
        found = self._daily_close(symbol, today)
        return found if found is not None else self._minute_close(symbol, today)

    def session_at(self, now: int) -> Session | None:
        """Return today's session, None when there is none."""
        return self.hours.session_at(as_datetime(now))

    def is_open(self, now: int) -> bool:
        """Say whether the market is open."""
        session = self.session_at(now)
        return session is not None and session.opens_at <= as_datetime(now) < session.closes_at

    def trading_session(self, now: int) -> Session:
        """Return the session in which an order sent now can trade."""
        session = self.session_at(now)
        if session is not None and as_datetime(now) < session.closes_at:
            return session
        return self.hours.next_open(as_datetime(now))

    def plays(self, moment: int) -> bool:
        """Say whether the minute that ends at a moment lies within a session."""
        return self.is_open(moment - MINUTE)

    def _daily_close(self, symbol: str, today: date) -> Decimal | None:
        row = self.daily_row(symbol)
        if self.daily is None or row is None:
            return None
        before = self.daily.upto(today, len(self.daily.sessions))
        present = np.flatnonzero(before.present[row])
        return from_micros(before.close[row, present[-1]]) if len(present) else None

    def _minute_close(self, symbol: str, today: date) -> Decimal | None:
        session = next(iter(self.hours.previous_sessions(today, 1)), None)
        if session is None:
            return None
        closed = self.closed(symbol, nanoseconds(session.closes_at))
        return from_micros(closed.close[-1]) if len(closed) else None
