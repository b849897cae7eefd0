"""How long a whole market takes: its sync, its numbers, and the scan from bars to signals."""

import resource
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from time import perf_counter
from typing import TypeVar

import pytest

from engine.actions.permissions import SYSTEM
from engine.actions.trading_settings import change_settings, settings_in_force
from engine.adapters.market_playback import PlayedData, recorded_market
from engine.bootstrap import simulated_desk
from engine.clock import DrivenClock
from engine.desk import Desk
from engine.jobs.build_universe import build_universe, numbers_of
from engine.jobs.fill_opening_history import fill_opening_history
from engine.jobs.scan_opening_range import load_universe, scan_opening_range
from engine.jobs.stored_bars import load_daily_bars
from engine.jobs.sync_bars import sync_bars
from engine.jobs.sync_listings import sync_listings
from engine.market_hours import MarketHours, Session
from engine.rules.daily_numbers import SESSIONS_NEEDED, daily_numbers
from engine.rules.scan import candidates, scan
from models.database import Database
from models.vocabulary import SettingsKind
from tests.bench.invented_market import InventedDaily, InventedFeed
from tests.engine.jobs.desk_of_sources import no_days

T = TypeVar("T")

HOURS = MarketHours()
TODAY = date(2026, 11, 20)
SESSIONS = 40
SIZES = [(1_000, 1_000), (3_000, 3_000), (11_000, 3_000), (11_000, 11_000)]


@dataclass
class Stage:
    """A desk before the open of a market of some size."""

    desk: Desk
    clock: DrivenClock
    session: Session


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    session = HOURS.session_on(TODAY)
    assert session is not None
    db = Database(database_url)
    db.upgrade()
    clock = DrivenClock(session.opens_at - timedelta(hours=4))
    nothing = PlayedData(recorded_market({}, no_days()), clock, HOURS)
    desk = replace(simulated_desk(db, nothing, clock, HOURS).desk, data=InventedFeed())
    kept = {"sessions_kept": SESSIONS}
    change_settings(desk, SYSTEM, SettingsKind.STRATEGY, kept, "the bench's window")
    yield Stage(desk, clock, session)
    db.close()


@pytest.mark.parametrize(("count", "liquid"), SIZES)
def test_a_market(stage: Stage, count: int, liquid: int) -> None:
    desk = replace(stage.desk, daily=InventedDaily(count, liquid))
    day = desk.daily.day(HOURS.previous_sessions(TODAY, 1)[0])
    synced, _ = timed(lambda: sync_bars(desk))
    listed, _ = timed(lambda: sync_listings(desk))
    read, bars = best(lambda: load_daily_bars(desk, _days()))
    computed, _ = best(lambda: daily_numbers(bars))
    whole, _ = best(lambda: numbers_of(desk, stage.session))
    filled, _ = timed(lambda: fill_opening_history(desk))
    built, _ = timed(lambda: build_universe(desk))
    judged = _judging(desk, stage.session)
    stage.clock.advance_to(stage.session.scan_at)
    scanned, said = timed(lambda: scan_opening_range(desk))
    kind = "SQLite" if desk.db.is_sqlite else "PostgreSQL"
    print(f"\n{kind}: {count:,} symbols x {SESSIONS} sessions, {liquid:,} of them in the universe")
    print(f"  a session stored and judged   {synced / SESSIONS:8.3f} s  ({len(day):,} rows)")
    print(f"  listings stored               {listed:8.3f} s")
    print(f"  15 sessions read              {read:8.3f} s")
    print(f"  numbers computed              {computed:8.3f} s")
    print(f"  numbers, read to computed     {whole:8.3f} s")
    print(f"  opening history stored        {filled:8.3f} s")
    print(f"  universe built                {built:8.3f} s")
    print(f"  scan computed                 {judged:8.3f} s")
    print(f"  bars in hand to signals there {scanned:8.3f} s  ({said})")
    print(f"  most memory so far            {_most_memory():8.0f} MB")


def _days() -> list[date]:
    return [session.day for session in HOURS.previous_sessions(TODAY, SESSIONS_NEEDED)]


def _judging(desk: Desk, session: Session) -> float:
    with desk.db.read() as tx:
        universe, strategy = load_universe(tx, session), settings_in_force(tx).strategy
    asked = candidates(universe, strategy)
    named = [universe.symbols[place] for place in asked.nonzero()[0].tolist()]
    opening = desk.data.opening_range(session, named)
    took, _ = best(
        lambda: scan(
            universe, opening, strategy, session_minutes=session.minutes, asked=asked
        ).signals()
    )
    return took


def timed(work: Callable[[], T]) -> tuple[float, T]:
    began = perf_counter()
    outcome = work()
    return perf_counter() - began, outcome


def best(work: Callable[[], T]) -> tuple[float, T]:
    """Return the shortest of five: what the work takes when nobody else has the machine."""
    return min((timed(work) for _ in range(5)), key=lambda found: found[0])


def _most_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
