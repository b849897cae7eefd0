"""Other bots are looked at beside the trading: however long that takes, the rounds go on."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from threading import Event
from typing import Any

import pytest

from engine.actions.bots import Wanted, add_bot
from engine.actions.permissions import SYSTEM
from engine.desk import Desk
from engine.jobs import JOBS, WATCHERS, Job
from engine.scheduler import Scheduler
from models.control import JobRun
from models.vocabulary import BotKind
from models.watching import Told
from tests.dashboard import desks

PATIENCE, LOOK_EVERY = 600, 0.05


class Stuck:
    """Bots that neither answer nor let go."""

    def __init__(self) -> None:
        self.asked = Event()
        self.let_go = Event()

    def read_log(self, _path: str, _place: object) -> Any:
        self.asked.set()
        self.let_go.wait(60)
        raise OSError("let go")

    def ask(self, _name: str, _url: str) -> Told | None:
        self.let_go.wait(60)
        return None


@pytest.fixture
def stuck() -> Iterator[Stuck]:
    bots = Stuck()
    yield bots
    bots.let_go.set()


@pytest.fixture
def desk(sqlite_url: str, stuck: Stuck) -> Iterator[Desk]:
    made = replace(desks.make_desk(sqlite_url, speed=30), bots=stuck)
    add_bot(made, SYSTEM, Wanted(name="dipper", kind=BotKind.DIP, place="anywhere"))
    yield made
    made.db.close()


def last_round(desk: Desk) -> datetime | None:
    """Return when a job of the trading thread was last run; here each fails, and says so."""
    with desk.db.read() as tx:
        run = tx.get(JobRun, "take_snapshots")
    return run.finished_at if run else None


def test_trading_goes_on_while_a_bot_does_not_let_go(desk: Desk, stuck: Stuck) -> None:
    scheduler = Scheduler(desk)
    scheduler.start()
    try:
        assert stuck.asked.wait(60)
        stuck_at = last_round(desk)
        until(lambda: last_round(desk) not in {None, stuck_at})
        assert not stuck.let_go.is_set()
    finally:
        stuck.let_go.set()
        scheduler.stop()


def test_whoever_stands_by_does_not_look(desk: Desk, stuck: Stuck) -> None:
    Scheduler(desk).watch(WATCHERS[0])
    assert not stuck.asked.is_set()


def test_no_watcher_is_among_the_jobs_that_trade() -> None:
    assert not {job.name for job in JOBS} & {watcher.name for watcher in WATCHERS}
    assert all(isinstance(watcher, Job) for watcher in WATCHERS)


def until(condition: Any) -> None:
    pause = Event()
    for _ in range(PATIENCE):
        if condition():
            return
        pause.wait(LOOK_EVERY)
    raise AssertionError("it did not come to that")
