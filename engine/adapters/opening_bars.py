"""Live opening ranges from Alpaca: a five-minute bar per symbol, of today and the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from engine.adapters.alpaca_bars import DATA_URL, AlpacaBars, Row, started_at
from engine.adapters.bar_rows import market_day
from engine.adapters.web import Patience, WebClient
from engine.clock import Clock
from engine.errors import SourceUnavailableError
from engine.market_hours import Session
from models.market import MarketDay, OpeningColumns

QUICK = Patience(
    connect=2.0, silence=3.0, total=6.0, attempts=1, longest_wait=0.5
)  # the next round asks again


class OpeningBars:
    """The part of the desk's market data that the scan lives on.

    Once the range is over, bars that came are not asked for again: each round asks for the
    missing ones alone. Those of before that are looked at by people, and grow on.
    """

    is_recorded = False

    def __init__(
        self,
        client: WebClient,
        clock: Clock,
        url: str = DATA_URL,
        feed: str = "iex",
        *,
        history: WebClient | None = None,
    ) -> None:
        self.feed = feed
        self._clock = clock
        self._bars = AlpacaBars(client, url)
        self._history = AlpacaBars(history or client, url)
        self._today: tuple[date, dict[str, Row]] = (date.min, {})

    def opening_range(
        self, session: Session, symbols: Sequence[str] | None = None
    ) -> OpeningColumns:
        """Return the opening ranges that have come so far."""
        if self._today[0] != session.day:
            self._today = (session.day, {})
        is_over = self._clock.now() >= session.scan_at  # before asking: it may end meanwhile
        known = self._today[1] if is_over else {}
        wanted = list(symbols or ())
        missing = [symbol for symbol in wanted if symbol not in known]
        if missing:
            known |= self._ask(self._bars, session, missing, QUICK)[0]
        return _columns(_day(session, {s: known[s] for s in wanted if s in known}))

    def opening_volumes(
        self, sessions: Sequence[Session], symbols: Sequence[str] | None = None
    ) -> Mapping[str, Sequence[int]]:
        """Return the opening volumes of past sessions, 0 where nothing traded."""
        volumes: dict[str, list[int]] = {symbol: [] for symbol in symbols or ()}
        for session in sessions:
            found, open_, reason = self._ask(self._history, session, list(volumes))
            if open_:
                raise SourceUnavailableError(
                    f"the opening ranges of {len(open_):,} symbols on {session.day} are still "
                    f"to come: {reason}"
                )
            day = _day(session, found)
            traded = dict(zip(day.symbols, day.volume.tolist(), strict=True))
            doubtful = {finding.symbol for finding in day.problems}
            volumes = {s: v for s, v in volumes.items() if s not in doubtful}
            for symbol, past in volumes.items():
                past.append(traded.get(symbol, 0))
        return volumes

    def _ask(
        self,
        bars: AlpacaBars,
        session: Session,
        symbols: Sequence[str],
        patience: Patience | None = None,
    ) -> tuple[dict[str, Row], list[str], str]:
        """Return the bar of each symbol, the symbols nothing is known of, and why."""
        question = {
            "timeframe": "5Min",
            "start": f"{session.opens_at:%Y-%m-%dT%H:%M:%SZ}",
            # both ends count, and the bar of 9:35 is not part of the range
            "end": f"{session.scan_at - timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}",
            "adjustment": "raw",
            "feed": self.feed,
        }
        answer = bars.ask(symbols, question, patience)
        found = {
            symbol: row
            for symbol, rows in answer.rows.items()
            for row in rows
            if started_at(row) == session.opens_at
        }
        return found, answer.open_, answer.reason


def _day(session: Session, rows: Mapping[str, Row]) -> MarketDay:
    """Check opening ranges as daily bars are checked: what cannot be is left out."""
    return market_day(session.day, rows.items())


def _columns(day: MarketDay) -> OpeningColumns:
    return OpeningColumns(
        symbols=day.symbols,
        open=day.open,
        high=day.high,
        low=day.low,
        close=day.close,
        volume=day.volume,
        bars=(day.volume >= 0).astype("int64"),
    )
