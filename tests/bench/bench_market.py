"""How long a whole market takes: its sync, its numbers, and the scan from bars to signals."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import pytest

from engine.actions.permissions import SYSTEM
from engine.actions.trading_settings import change_settings, settings_in_force
from engine.adapters.daily_sources.massive import MassiveDaily
from engine.adapters.market_playback import PlayedData, recorded_market
from engine.adapters.web import Pace, WebClient
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
from tests.bench.market_server import market_server
from tests.engine.jobs.desk_of_sources import no_days

T = TypeVar("T")

HOURS = MarketHours()
TODAY = date(2026, 11, 20)
SESSIONS = 40
WHOLE, UNIVERSE = 11_000, 3_000  # symbols: of the market, and those that a scan asks for
SIZES = [(1_000, 1_000), (3_000, 3_000), (WHOLE, WHOLE), (WHOLE, UNIVERSE)]
GROWTH = [1_000, 3_000, WHOLE]
TOLERANCE = 1.5  # a symbol may cost so many times what it costs in the smallest market
MOST_MEMORY = 600  # MB

# What must be so, in seconds, for the market and universe of a real day.
LIMITS = {
    "numbers, read to computed": 0.3,
    "a session stored and judged": 3.0,
    "scan computed": 0.1,
    "bars in hand to signals there": 0.5,
}

measured: defaultdict[str, dict[tuple[int, int], dict[str, float]]] = defaultdict(dict)


@dataclass
class Stage:
    """A desk before the open of a market of some size."""

    desk: Desk
    clock: DrivenClock
    session: Session

    @property
    def kind(self) -> str:
        return "SQLite" if self.desk.db.is_sqlite else "PostgreSQL"


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
    found: dict[str, float] = {}
    found["a session stored and judged"] = timed(lambda: sync_bars(desk))[0] / SESSIONS
    found["listings stored"] = timed(lambda: sync_listings(desk))[0]
    found["15 sessions read"], bars = best(lambda: load_daily_bars(desk, _days()))
    found["numbers computed"] = best(lambda: daily_numbers(bars))[0]
    found["numbers, read to computed"] = best(lambda: numbers_of(desk, stage.session))[0]
    found["opening history stored"] = timed(lambda: fill_opening_history(desk))[0]
    found["universe built"] = timed(lambda: build_universe(desk))[0]
    found["scan computed"] = _judging(desk, stage.session)
    stage.clock.advance_to(stage.session.scan_at)
    found["bars in hand to signals there"], said = timed(lambda: scan_opening_range(desk))
    measured[stage.kind][count, liquid] = found
    print(f"\n{stage.kind}: {count:,} symbols x {SESSIONS} sessions, {liquid:,} in the universe")
    for name, seconds in found.items():
        print(f"  {name:30} {seconds:8.3f} s{_limit(name, liquid)}")
    print(f"  {said}")
    if liquid <= UNIVERSE:
        assert {name: s for name, s in found.items() if s > LIMITS.get(name, s)} == {}


@pytest.mark.parametrize("kind", ["SQLite", "PostgreSQL"])
def test_growth(kind: str) -> None:
    """Comes after the markets above: what a symbol costs must not rise with their number."""
    rows = {count: measured[kind][count, count] for count in GROWTH}
    print(f"\n{kind}: milliseconds at " + ", ".join(f"{count:,}" for count in GROWTH) + " symbols")
    for name in rows[WHOLE]:
        times = [rows[count][name] for count in GROWTH]
        factor = times[-1] / times[0] / (GROWTH[-1] / GROWTH[0])
        shown = "".join(f"{seconds * 1000:10.1f}" for seconds in times)
        print(f"  {name:30}{shown}   {factor:5.2f} of linear")
        assert factor <= TOLERANCE, name


def test_the_memory_of_a_sync_over_http(stage: Stage) -> None:
    """Whole answers of a source are read, judged and stored, one after the other."""
    with market_server(WHOLE, UNIVERSE, 0.0, TODAY) as url:
        client = WebClient({}, Pace(10_000))
        desk = replace(stage.desk, daily=MassiveDaily(client, url))
        _forget_peak()
        took, said = timed(lambda: sync_bars(desk))
        peak = _peak()
        client.stop()
    print(f"\n{stage.kind}: {said} over HTTP in {took:.1f} s, {took / SESSIONS:.3f} s a session")
    print(f"  most memory of the process     {peak:8.0f} MB  (limit {MOST_MEMORY} MB)")
    assert peak <= MOST_MEMORY


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


def _limit(name: str, liquid: int) -> str:
    limit = LIMITS.get(name)
    return f"  (limit {limit} s)" if limit is not None and liquid <= UNIVERSE else ""


def _forget_peak() -> None:
    """Begin the peak anew: the process has had other benches."""
    Path("/proc/self/clear_refs").write_text("5")


def _peak() -> float:
    status = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) / 1024
