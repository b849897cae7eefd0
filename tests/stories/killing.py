"""Replays in processes that are killed, suspended and started again: what the crash stories use.

`in_another_process` gives them a process of their own, in which the market is made once; every
attempt is a fork of it, so that fifty of them take seconds.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing import get_context
from typing import ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

from engine import lease
from engine.bootstrap import replay_desk
from engine.errors import DeskError
from engine.replay import Replay
from models.database import Database
from tests.builders import Minute, a_day, a_market

DAYS = [date(2024, 11, day) for day in (18, 19, 20, 21, 22)]
PLAYS: dict[str, list[Minute]] = {
    "ABLE": [("09:40", 101), ("15:55", 104)],  # flattened
    "BAKE": [("09:41", 101), ("10:15", 100.5), ("15:55", 104)],  # stopped
    "COAL": [("09:40", 101.5), ("11:30", 101, 101, 90, 90)],  # gaps in, and out through its stop
    "DUNE": [("14:00", 100.5)],  # never entered
}
MARKET = a_market(*(a_day(symbol, *PLAYS[symbol], on=on) for on in DAYS for symbol in PLAYS))
MOST_COMMITS = 12  # between two kills
LONGEST_LIFE = 0.1  # seconds, of those that are killed by the clock
FINISHED, STOPPED_ITSELF = 0, 3

P = ParamSpec("P")
R = TypeVar("R")


def in_another_process(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a function in a new process and return what it returns."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        return processes.submit(function, *args, **kwargs).result()


# ------------------------------------------------------------------------------ killed
def play_and_kill(url: str, kills: int, seed: int) -> int:
    """Kill a replay again and again until it gets to its end; return how often it was killed.

    From `kills` on it is left in peace.
    """
    fates = random.Random(seed)  # noqa: S311  # no secret
    killed = 0
    while True:
        arm = _fate(fates) if killed < kills else _peace
        _, status = os.waitpid(_fork(url, arm), 0)
        if not os.WIFSIGNALED(status):
            assert os.waitstatus_to_exitcode(status) == FINISHED
            return killed
        killed += 1


def _fate(fates: random.Random) -> Callable[[], None]:
    """Choose how the next attempt dies: at a commit, before or after it, or after some time."""
    number, seconds = fates.randint(1, MOST_COMMITS), fates.uniform(0.02, LONGEST_LIFE)
    return fates.choice(
        [
            AtCommit(number, signal.SIGKILL, before=True).arm,
            AtCommit(number, signal.SIGKILL).arm,
            lambda: _die_after(seconds),
        ]
    )


def _peace() -> None:
    """Let it live."""


def _die_after(seconds: float) -> None:
    # Nobody handles SIGALRM: the kernel ends the process where it stands, as SIGKILL does.
    signal.setitimer(signal.ITIMER_REAL, seconds)


@dataclass
class AtCommit:
    """Sends this process a signal at its n-th commit: just before it, or just after it."""

    number: int
    signal: signal.Signals
    before: bool = False

    def arm(self) -> None:
        if self.before:
            event.listen(Engine, "commit", self._count)
        else:
            event.listen(Session, "after_commit", self._count)

    def _count(self, _of: Connection | Session) -> None:
        self.number -= 1
        if self.number == 0:
            os.kill(os.getpid(), self.signal)


# ------------------------------------------------------------------------------ suspended
@dataclass(frozen=True)
class Succession:
    """How three attempts on one database ended."""

    beside_the_holder: int
    after_the_holder: int
    resumed_holder: int


def play_and_suspend(url: str, commits: int) -> Succession:
    """Suspend a replay after some commits, let another take over and finish, and resume it."""
    lease.TIME_TO_LIVE = timedelta(seconds=4)  # more than an attempt takes, on a busy machine
    holder = _fork(url, AtCommit(commits, signal.SIGSTOP).arm)
    _, status = os.waitpid(holder, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    beside = after = _ended(_fork(url, _peace))
    while after == STOPPED_ITSELF:
        after = _ended(_fork(url, _peace))
    os.kill(holder, signal.SIGCONT)
    return Succession(beside, after, _ended(holder))


def _ended(process: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


# ------------------------------------------------------------------------------ one attempt
def _fork(url: str, arm: Callable[[], None]) -> int:
    """Start an attempt and return its process id."""
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        arm()
        code = _replay(url)
    finally:
        os._exit(code)


def _replay(url: str) -> int:
    """Play the market, or what is left of it."""
    prepared = replay_desk(Database(url), MARKET)
    desk, exchange = prepared.played.desk, prepared.played.exchange
    try:
        for _ in Replay(desk, prepared.clock, exchange, prepared.sessions).run():
            pass
    except DeskError:
        return STOPPED_ITSELF
    return FINISHED
