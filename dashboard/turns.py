"""Whoever asks for much at once waits for themselves, and nobody else for them."""

from __future__ import annotations

from contextlib import ExitStack
from threading import BoundedSemaphore, Lock
from weakref import WeakValueDictionary

from flask import Flask, Response, g, request, session

from dashboard.api.views import BASE
from dashboard.auth import KEY_HEADER, address, has_credentials
from dashboard.guard import PUBLIC_API
from dashboard.limits import LIMITED
from dashboard.problems import problem
from dashboard.stopping import BY_PROGRAMS, is_stopping

AT_ONCE = 8  # requests of one login; a page has six under way at most
AT_ONCE_OF_PROGRAMS = 2  # of one key or token: more of them only wait for one another
IN_LINE = 16  # further requests of one that wait for a turn: several tabs are opened together
SHARE_IN_LINE = 4  # of all threads at most one in so many waits; the others answer
PATIENCE = 20.0  # seconds
STEERING = f"{BASE}/control/"
LOGIN = "_user_id"  # what the session calls it


class Turn:
    """What the requests of one share: some are done at once, some wait in line."""

    def __init__(self, at_once: int) -> None:
        self.at_once = BoundedSemaphore(at_once)
        self.in_line = BoundedSemaphore(IN_LINE)
        self.looked_at = BoundedSemaphore(at_once)


class Turns:
    """Gives each who asks some requests at once; those who ask no more are forgotten.

    What steers the desk has turns of its own: two slow exports must not hold up the pause. Who
    waits holds a thread, and threads are for all: of one, and of all together, only some may.
    """

    def __init__(self, threads: int) -> None:
        self._lock = Lock()
        self._in_line = BoundedSemaphore(max(1, threads // SHARE_IN_LINE))
        self._of: WeakValueDictionary[tuple[str, bool], Turn] = WeakValueDictionary()

    def of(self, who: str, at_once: int, *, steers: bool) -> Turn:
        """Return what somebody's requests have to share, those that steer apart from the others."""
        with self._lock:
            return self._of.setdefault((who, steers), Turn(at_once))

    def wait_for(self, turn: Turn) -> bool:
        """Wait in line; say whether the turn came. Where the line is full it comes to nobody."""
        with ExitStack() as standing:
            for line in (turn.in_line, self._in_line):
                if not line.acquire(blocking=False):
                    return False
                standing.callback(line.release)
            return turn.at_once.acquire(timeout=PATIENCE)


def mount_turns(server: Flask, threads: int) -> None:
    """Let requests wait for their turn, before it is even looked up whose they are."""
    turns = Turns(threads)

    @server.before_request
    def wait() -> Response | None:
        if not request.path.startswith(LIMITED) or request.endpoint in BY_PROGRAMS:
            return None
        turn = turns.of(*_who(), steers=request.path.startswith(STEERING))
        if not turn.at_once.acquire(blocking=False):
            if _stops(turn):
                return None
            if not turns.wait_for(turn):
                return _too_many()
        g.turn = turn
        return None

    @server.teardown_request
    def give_back(_error: BaseException | None) -> None:
        if turn := g.pop("turn", None):
            turn.at_once.release()


def _stops(turn: Turn) -> bool:
    """Say whether a request stops the desk, and so waits for none; only so many are read."""
    if not turn.looked_at.acquire(blocking=False):
        return False
    try:
        return is_stopping()
    finally:
        turn.looked_at.release()


def _too_many() -> Response:
    sentence = "Too many requests of yours are under way."
    return problem(503, sentence, headers={"Retry-After": "1"})


def _who() -> tuple[str, int]:
    """Return who asks, and for how much at once. What anybody may ask goes by the address."""
    if request.endpoint in PUBLIC_API:
        return address(), AT_ONCE
    given = request.headers
    if has_credentials():
        program = given.get(KEY_HEADER) or given.get("Authorization")
        return program or address(), AT_ONCE_OF_PROGRAMS
    return session.get(LOGIN) or address(), AT_ONCE
