"""A real engine process against the local Alpaca on a fast clock, killed with SIGKILL at random.

python -m tests.alpaca.killed_engine --days 10 --seed 1

Half a day is played: slowly while the entries are placed, fast for most of it, slowly again while
everything is closed. Each phase is a succession of lives, each of which ends with SIGKILL.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from random import Random
from select import POLLIN, poll
from subprocess import TimeoutExpired

from sqlalchemy import func, select

from engine.clock import ClockSetting, ShiftedClock, stopwatch, wall_now
from engine.market_hours import MarketHours
from models.database import Database
from models.market_data import UniverseRow
from models.reconciliation import BrokerCapability
from models.trading import Trade
from models.vocabulary import Side, TradingMode
from tests.alpaca.chaos_day import add_order_faults, random_market, random_rules
from tests.alpaca.invariants import Day
from tests.builders import at
from tests.engine.cli.processes import COMMAND, environment
from tests.local_alpaca import LocalAlpaca, PlayedMarket
from tests.local_alpaca.faults import Reset, Respond
from tests.local_alpaca.polling import until

HALF_DAY = date(2024, 11, 29)
PREPARES, ENTERS, ENTERED, LAST_DEATH, FLATTENS, ENDS = (
    *("09:29", "09:33", "09:37"),
    *("12:40", "12:53", "13:03"),
)
LIVES = 0.5, 5.0  # seconds that an engine runs
STILLBORN = 0.15  # the part of the processes that are killed while they start
LONGEST_START = 60.0  # seconds; a start that takes longer is a failure


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of the day, and how fast it goes."""

    until: datetime
    speed: float
    deadly: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a day."""

    seed: int
    trades: int
    kills: int
    seconds: float
    wrong: Sequence[str]


def play_day(seed: int, folder: Path) -> Report:
    """Let an engine trade half a day, kill it again and again, and check what the broker saw."""
    random, started = Random(seed), stopwatch()  # noqa: S311  (the same day for the same seed)
    session = MarketHours().session_on(HALF_DAY)
    assert session is not None
    market = random_market(random, session)
    clock = ShiftedClock(ClockSetting(at(PREPARES, HALF_DAY), 1, wall_now()))
    played = PlayedMarket(bars=market.minutes, daily=market.daily)
    url = f"sqlite:///{folder / 'desk.db'}"
    with (
        closing(_prepared(url, random)) as db,
        LocalAlpaca(played, clock, random_rules(random), seed=seed) as local,
    ):
        _add_faults(local, random)
        _prepare(folder, local, url, db)
        kills = 1 + sum(_go_through(phase, folder, local, url, random) for phase in _phases())
        with db.read() as tx:
            trades = list(tx.scalars(select(Trade)))
        wrong = list(Day(local, trades, naked=()).wrong())
    return Report(seed, len(trades), kills, stopwatch() - started, wrong)


def _phases() -> list[Phase]:
    return [
        Phase(at(ENTERS, HALF_DAY), 60),
        Phase(at(ENTERED, HALF_DAY), 10),
        Phase(at(LAST_DEATH, HALF_DAY), 400),
        Phase(at(FLATTENS, HALF_DAY), 60, deadly=False),
        Phase(at(ENDS, HALF_DAY), 15, deadly=False),  # five minutes to be flat: twenty seconds
    ]


def _go_through(phase: Phase, folder: Path, local: LocalAlpaca, url: str, random: Random) -> int:
    """Let one process after the other trade a part of the day; return how many were killed."""
    clock = local.clock
    assert isinstance(clock, ShiftedClock)
    clock.run_by(ClockSetting(clock.now(), phase.speed, wall_now()))
    settings = _settings(local, url, clock)
    kills = 0
    while _seconds_left(clock, phase) > 0:
        life = random.uniform(*LIVES) if phase.deadly else math.inf
        starts = not phase.deadly or random.random() >= STILLBORN
        with engine_process(folder, settings, starts=starts) as process, suppress(TimeoutExpired):
            process.wait(max(0.0, min(life, _seconds_left(clock, phase))))  # a start takes long
            raise AssertionError(f"the engine ended by itself with {process.returncode}")
        kills += 1
    return kills


def _settings(local: LocalAlpaca, url: str, clock: ShiftedClock) -> dict[str, str]:
    return local.environment() | {
        "BELLWETHER_DATABASE_URL": url,
        "BELLWETHER_LOG_LEVEL": "ERROR",
        "BELLWETHER_CLOCK_START": clock.setting.start.isoformat(),
        "BELLWETHER_CLOCK_EPOCH": clock.setting.epoch.isoformat(),
        "BELLWETHER_CLOCK_SPEED": f"{clock.speed:g}",
    }


def _seconds_left(clock: ShiftedClock, phase: Phase) -> float:
    return (phase.until - clock.now()).total_seconds() / phase.speed


def _prepare(folder: Path, local: LocalAlpaca, url: str, db: Database) -> None:
    """Let an engine fetch the daily bars and choose the universe, which takes no risk."""
    assert isinstance(local.clock, ShiftedClock)
    with engine_process(folder, _settings(local, url, local.clock)):
        while not _has_universe(db):
            with suppress(AssertionError):  # that it takes more than ten seconds
                until(lambda: _has_universe(db))


def _has_universe(db: Database) -> bool:
    with db.read() as tx:
        return tx.scalar(select(func.count()).select_from(UniverseRow)) != 0


@contextmanager
def engine_process(
    folder: Path, settings: Mapping[str, str], *, starts: bool = True
) -> Iterator[subprocess.Popen[bytes]]:
    """Run an engine, wait for its start (if it may), and kill it in the end as the kernel does."""
    with subprocess.Popen(  # noqa: S603  (our own program)
        [*COMMAND, "serve", "--role", "engine"],
        cwd=folder,
        env=environment(settings),
        stdout=subprocess.PIPE,
    ) as process:
        try:
            if starts:
                _wait_until_it_runs(process)
            yield process
        finally:
            process.kill()


def _wait_until_it_runs(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    waiting = poll()  # not select, which knows no file beyond the 1,024th
    waiting.register(process.stdout, POLLIN)
    assert waiting.poll(LONGEST_START * 1000)
    assert b"the engine runs" in process.stdout.readline()


def _prepared(url: str, random: Random) -> Database:
    """Return a database whose account takes stops with entries of some sides."""
    db = Database(url)
    db.upgrade()
    with db.write() as tx:
        tx.add_all(
            BrokerCapability(
                account=TradingMode.PAPER.value,
                side=side,
                accepts_attached_stop=random.random() < 0.7,
                detail="for the test",
                probed_at=wall_now(),
            )
            for side in Side
        )
    return db


def _add_faults(local: LocalAlpaca, random: Random) -> None:
    """Ask for trouble with orders, and for answers that are lost: nothing that takes long."""
    add_order_faults(local.faults, random)
    for acts in (True, False):
        for effect in (Respond(504, acts=acts), Reset(acts=acts)):
            local.faults.add(
                effect, method="POST", path="/v2/orders", nth=random.randrange(1, 6), chance=0.5
            )


def main() -> int:
    """Play days and print a table; return 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    sys.stdout.write("seed  trades  SIGKILLs  seconds  wrong\n")
    bad = 0
    for seed in range(asked.seed, asked.seed + asked.days):
        with tempfile.TemporaryDirectory(prefix="bellwether-killed-") as folder:
            report = play_day(seed, Path(folder))
        wrong = "; ".join(report.wrong) or "-"
        bad += bool(report.wrong)
        line = f"{seed:4}  {report.trades:6}  {report.kills:8}  {report.seconds:7.1f}  {wrong}\n"
        sys.stdout.write(line)
        sys.stdout.flush()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
