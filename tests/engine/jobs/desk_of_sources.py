"""A desk whose data comes over HTTP from a server of our own, with a clock that is driven."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np

from engine.adapters.alpaca_bars import alpaca_client, alpaca_pace
from engine.adapters.daily_sources.massive import MassiveDaily
from engine.adapters.market_playback import PlayedData, recorded_market
from engine.adapters.opening_bars import OpeningBars
from engine.adapters.web import Pace, Patience, WebClient
from engine.bootstrap import simulated_desk
from engine.clock import DrivenClock
from engine.desk import Desk
from engine.market_hours import MarketHours, Session
from models.broker import Mark
from models.database import Database
from models.market import BarColumns, DailyColumns, Listing, empty_bars
from tests.databases import with_schema
from tests.engine.adapters.data_server import DataServer, Row, bar

HOURS = MarketHours()
TODAY = date(2026, 11, 20)
HURRIED = Patience(connect=5, silence=2, total=5, attempts=2, first_wait=0, longest_wait=2)


class LiveData(OpeningBars):
    """The opening ranges of the server; nothing else of a feed is needed here."""

    def minute_bars(self, symbol: str, session: Session) -> BarColumns:  # noqa: ARG002
        return empty_bars()

    def marks(self, symbols: Sequence[str]) -> Mapping[str, Mark]:  # noqa: ARG002
        return {}

    def halted(self, session: Session) -> frozenset[str]:  # noqa: ARG002
        return frozenset()


class FinalDaily(MassiveDaily):
    """A source that never corrects what it once answered."""

    revises = False


@dataclass
class Scene:
    """The desk, its clock, and the server that it asks."""

    desk: Desk
    clock: DrivenClock
    server: DataServer
    listings: list[Listing]
    sectors: dict[str, str]

    @property
    def today(self) -> Session:
        return session_of(TODAY)

    def before(self, count: int) -> Sequence[Session]:
        """The last sessions before today, oldest first."""
        return HOURS.previous_sessions(TODAY, count)

    def go_to(self, moment: datetime) -> None:
        self.clock.advance_to(moment)

    def history(self, *symbols: str, sessions: int = 15, close: float = 10.0) -> None:
        """Give symbols a daily bar in each of the last sessions."""
        for session in self.before(sessions):
            self.server.days.setdefault(session.day, []).extend(bar(s, close) for s in symbols)

    def opens(self, symbol: str, session: Session | None = None, **row: float) -> None:
        """Give a symbol an opening range that rises, today or on another day."""
        known: Row = {"o": 10.0, "h": 10.5, "l": 9.9, "c": 10.4, "v": 50_000, **row}
        at = (session or self.today).opens_at
        self.server.opening.setdefault(at, {})[symbol] = known

    def opened_before(self, symbol: str, volume: float = 40_000) -> None:
        """Give a symbol an opening range in each of the 14 sessions before."""
        for session in self.before(14):
            self.opens(symbol, session, v=volume)


def session_of(day: date) -> Session:
    session = HOURS.session_on(day)
    assert session is not None
    return session


def listing(symbol: str, *, tradable: bool = True, shortable: bool = True) -> Listing:
    return Listing(
        symbol=symbol,
        name=symbol,
        exchange="NYSE",
        tradable=tradable,
        shortable=shortable,
        borrow_status="easy_to_borrow" if shortable else "hard_to_borrow",
    )


@contextmanager
def scene(
    database_url: str, server: DataServer, source: type[MassiveDaily] = MassiveDaily
) -> Iterator[Scene]:
    """Put the desk together at eight in the morning (UTC) of today."""
    db = with_schema(Database(database_url))
    clock = DrivenClock(session_of(TODAY).opens_at - timedelta(hours=6, minutes=30))
    listings: list[Listing] = []
    sectors: dict[str, str] = {}
    web = WebClient({}, Pace(10_000), HURRIED)
    alpaca = alpaca_client("key", "secret", alpaca_pace(10_000), patience=HURRIED)
    nothing = PlayedData(recorded_market({}, no_days()), clock, HOURS)
    desk = replace(
        simulated_desk(db, nothing, clock, HOURS).desk,
        data=LiveData(alpaca, clock, server.url, feed="sip"),
        daily=source(web, server.url, lambda: tuple(listings), lambda: dict(sectors)),
    )
    yield Scene(desk, clock, server, listings, sectors)
    web.stop()
    alpaca.stop()
    db.close()


def no_days() -> DailyColumns:
    none = np.zeros((0, 0), dtype=np.int64)
    return DailyColumns(
        symbols=(),
        sessions=(),
        open=none,
        high=none,
        low=none,
        close=none,
        volume=none,
        present=none.astype(np.bool_),
    )
