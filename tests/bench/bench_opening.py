"""From the last bar of the opening range to the signals in the database, over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from time import perf_counter

from sqlalchemy import func, select

from engine.adapters.alpaca_bars import alpaca_client, alpaca_pace
from engine.adapters.market_playback import PlayedData, recorded_market
from engine.bootstrap import simulated_desk
from engine.clock import ClockSetting, DrivenClock, ShiftedClock, wall_now
from engine.desk import Desk
from engine.jobs.build_universe import build_universe
from engine.jobs.fill_opening_history import fill_opening_history
from engine.jobs.sync_bars import sync_bars
from engine.jobs.sync_listings import sync_listings
from engine.market_hours import MarketHours, Session
from engine.scheduler import Scheduler
from models.database import Database
from models.market_data import OpeningRange
from models.trading import Signal
from tests.bench.invented_market import InventedDaily, InventedFeed
from tests.bench.market_server import market_server, publish
from tests.engine.jobs.desk_of_sources import LiveData, no_days

HOURS = MarketHours()
TODAY = date(2026, 11, 20)
UNIVERSE = 3_000
LATENCY = 0.05
BEFORE_SCAN = timedelta(seconds=3)
LAST_BAR_AFTER = 3.0  # seconds past 9:35, when the feed has every bar
LIMIT = 2.0
LONGEST = 60.0


def test_from_the_last_bar_to_the_signals(database_url: str) -> None:
    db = Database(database_url)
    db.upgrade()
    with market_server(UNIVERSE, UNIVERSE, LATENCY, TODAY) as url:
        publish(url, 0)
        _prepare(db)
        with _engine(db, url) as desk:
            took, counted = _until_signals(desk, url)
    kind = "SQLite" if db.is_sqlite else "PostgreSQL"
    db.close()
    print(f"\n{kind}: {UNIVERSE:,} symbols, a server that answers in {LATENCY * 1000:.0f} ms")
    print(f"  last bar published to signals stored {took:8.3f} s  (limit {LIMIT} s; {counted})")
    assert took <= LIMIT


def _prepare(db: Database) -> None:
    """Make the universe of the day from sources that answer at once."""
    session = _session()
    clock = DrivenClock(session.opens_at - timedelta(hours=4))
    desk = replace(_desk(db, clock), daily=InventedDaily(UNIVERSE, UNIVERSE), data=InventedFeed())
    for job in (sync_bars, sync_listings, fill_opening_history, build_universe):
        job(desk)


@contextmanager
def _engine(db: Database, url: str) -> Iterator[Desk]:
    """Run the whole engine by a clock that comes to 9:35 in a few seconds."""
    starts = _session().scan_at - BEFORE_SCAN
    clock = ShiftedClock(ClockSetting(start=starts, speed=1.0, epoch=wall_now()))
    client = alpaca_client("key", "secret", alpaca_pace(9_500))
    live = LiveData(client, clock, url, feed="sip")
    desk = replace(_desk(db, clock), daily=InventedDaily(UNIVERSE, UNIVERSE), data=live)
    scheduler = Scheduler(desk)
    scheduler.start()
    yield desk
    scheduler.stop()
    client.stop()


def _desk(db: Database, clock: DrivenClock | ShiftedClock) -> Desk:
    nothing = PlayedData(recorded_market({}, no_days()), clock, HOURS)
    return simulated_desk(db, nothing, clock, HOURS).desk


def _until_signals(desk: Desk, url: str) -> tuple[float, str]:
    pause = threading.Event()
    until = _session().scan_at + timedelta(seconds=LAST_BAR_AFTER)
    pause.wait((until - desk.clock.now()).total_seconds() - 1.5)
    publish(url, UNIVERSE - 400)  # most of them, and some late ones
    pause.wait((until - desk.clock.now()).total_seconds())
    publish(url, UNIVERSE)
    began = perf_counter()
    while not (counted := _counted(desk)):
        assert perf_counter() - began < LONGEST, "no signals came"
        pause.wait(0.01)
    return perf_counter() - began, counted


def _counted(desk: Desk) -> str:
    with desk.db.read() as tx:
        signals = tx.scalar(select(func.count()).select_from(Signal)) or 0
        seen = tx.scalar(select(func.count()).where(OpeningRange.open.is_not(None)))
    return f"{seen:,} opening ranges, {signals} signals" if signals else ""


def _session() -> Session:
    session = HOURS.session_on(TODAY)
    assert session is not None
    return session
