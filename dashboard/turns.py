"""Whoever asks for much at once waits for themselves, and nobody else for them."""

from __future__ import annotations

from threading import BoundedSemaphore, Lock
from weakref import WeakValueDictionary

from flask import Flask, Response, g, request

from dashboard.api.views import BASE
from dashboard.auth import KEY_HEADER, address, has_credentials
from dashboard.limits import LIMITED
from dashboard.problems import problem
from dashboard.stopping import BY_PROGRAMS

AT_ONCE = 8  # requests of one browser; a page has six under way at most
AT_ONCE_OF_PROGRAMS = 2  # of one key or token: more of them only wait for one another
PATIENCE = 20.0  # seconds
STEERING = f"{BASE}/control/"


class Turns:
    """Gives each who asks some requests at once; those who ask no more are forgotten.

    What steers the desk has turns of its own: two slow exports must not hold up the pause.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._of: WeakValueDictionary[tuple[str, bool], BoundedSemaphore] = WeakValueDictionary()

    def of(self, who: str, at_once: int, *, steers: bool) -> BoundedSemaphore:
        """Return what somebody's requests have to share, those that steer apart from the others."""
        with self._lock:
            return self._of.setdefault((who, steers), BoundedSemaphore(at_once))


def mount_turns(server: Flask) -> None:
    """Let requests wait for their turn, before it is even looked up whose they are."""
    turns = Turns()

    @server.before_request
    def wait() -> Response | None:
        if not request.path.startswith(LIMITED) or request.endpoint in BY_PROGRAMS:
            return None
        turn = turns.of(*_who(), steers=request.path.startswith(STEERING))
        if not turn.acquire(timeout=PATIENCE):
            return problem(503, "Too many requests of yours are under way.")
        g.turn = turn
        return None

    @server.teardown_request
    def give_back(_error: BaseException | None) -> None:
        if turn := g.pop("turn", None):
            turn.release()


def _who() -> tuple[str, int]:
    """Return who asks, and for how much at once."""
    given = request.headers
    if has_credentials():
        program = given.get(KEY_HEADER) or given.get("Authorization")
        return program or address(), AT_ONCE_OF_PROGRAMS
    return given.get("Cookie") or address(), AT_ONCE
