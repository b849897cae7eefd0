"""A sync that is killed in the middle leaves whole sessions alone, and the next one goes on."""

import subprocess
import sys
import threading
from pathlib import Path

from sqlalchemy import func, select

from engine.jobs.sync_bars import sync_bars
from models.market_data import DailyBar, SyncedSession
from tests.engine.jobs.desk_of_sources import Scene

ROOT = Path(__file__).parents[3]
SYMBOLS = [f"S{number:04}" for number in range(1_500)]
LOOKS, LOOK_EVERY = 3_000, 0.02


def counted(live: Scene) -> dict[object, tuple[int, int]]:
    """Return what each session is said to have, and what it has."""
    with live.desk.db.read() as tx:
        said = {row.session: row.symbols for row in tx.scalars(select(SyncedSession))}
        stored = select(DailyBar.session, func.count()).group_by(DailyBar.session)
        has = {row[0]: row[1] for row in tx.execute(stored)}
    return {session: (said.get(session, 0), has.get(session, 0)) for session in said | has}


def test_no_half_session_is_ever_seen_and_nothing_is_fetched_twice(live_on_both: Scene) -> None:
    live = live_on_both
    live.history(*SYMBOLS, sessions=30)
    _sync_and_kill(live, after=4)
    before = counted(live)
    assert all(said == has == len(SYMBOLS) for said, has in before.values())
    live.server.asked.clear()
    sync_bars(live.desk)
    asked = {request.path.rsplit("/", 1)[1] for request in live.server.asked}
    assert not asked & {str(session) for session in before}
    assert set(counted(live).values()) == {(len(SYMBOLS), len(SYMBOLS))}
    assert len(counted(live)) == 30


def _sync_and_kill(live: Scene, after: int) -> None:
    """Kill a syncing process as soon as it has stored some sessions and is storing the next."""
    database = live.desk.db.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.engine.jobs.syncing", database, live.server.url]
    pause = threading.Event()
    with subprocess.Popen(command, cwd=ROOT) as process:  # noqa: S603  # our own program
        for _ in range(LOOKS):
            if len(counted(live)) >= after:
                break
            assert process.poll() is None, "the sync ended by itself"
            pause.wait(LOOK_EVERY)
        process.kill()
    assert after <= len(counted(live)) < 30
