"""How often somebody may ask (specification N 5.3): by role, per minute, before anything else."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from datetime import timedelta
from threading import Lock

from flask import Flask, Response, request

from dashboard.auth import address, current_person
from dashboard.problems import problem
from dashboard.stopping import CALLBACKS, is_planning, is_stopping
from engine.actions.request_counts import count_request
from engine.clock import stopwatch, wall_now
from models.database import Database
from models.vocabulary import Role

LIMITED = ("/api/", CALLBACKS)
WINDOW = timedelta(minutes=1)
LIMITS: Mapping[Role, int] = {Role.VIEWER: 100, Role.OPERATOR: 200, Role.ADMIN: 500}
STRANGERS = 100

# Counts a request of somebody who has a limit; returns the seconds to wait if it is one too many.
Counter = Callable[[int, str], float | None]


class Recent:
    """When each has asked, as long as it counts; whoever asks no more is forgotten.

    Strangers come from ever new addresses: the library for this knows each of them for ever.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._asked: dict[str, deque[float]] = {}
        self._swept_at = 0.0

    def __len__(self) -> int:
        """Return of how many it knows."""
        return len(self._asked)

    def count(self, limit: int, who: str, now: float) -> float | None:
        """Count a request at a moment in seconds; return those to wait if it is one too many."""
        since = now - WINDOW.total_seconds()
        with self._lock:
            if since >= self._swept_at:
                self._sweep(since)
                self._swept_at = now
            asked = self._asked.setdefault(who, deque())
            while asked and asked[0] <= since:
                asked.popleft()
            if len(asked) >= limit:
                return asked[0] - since
            asked.append(now)
        return None

    def _sweep(self, since: float) -> None:
        self._asked = {who: asked for who, asked in self._asked.items() if asked[-1] > since}


def in_memory() -> Counter:
    """Count in this process, over the last minute at any moment."""
    recent = Recent()
    return lambda limit, who: recent.count(limit, who, stopwatch())


def in_database(db: Database) -> Counter:
    """Count for all processes on one database, minute by minute from the first request on."""

    def count(limit: int, who: str) -> float | None:
        counted = count_request(db, who, WINDOW)
        if counted.count <= limit:
            return None
        return (counted.ends_at - wall_now()).total_seconds()

    return count


def mount_limits(server: Flask, count: Counter) -> None:
    """Count requests of each person, program and strange address.

    Whoever has asked too often can still stop the desk, and read before what that would do; the
    deed itself is limited on its own.
    """

    @server.before_request
    def count_this() -> Response | None:
        if not request.path.startswith(LIMITED) or is_stopping():
            return None
        limit, who = _whose()
        wait = count(limit, who)
        if wait is not None and is_planning():
            wait = count(limit, f"plan of {who}")
        return None if wait is None else _too_often(limit, wait)


def _whose() -> tuple[int, str]:
    person = current_person()
    return (LIMITS[person.role], person.name) if person else (STRANGERS, f"address {address()}")


def _too_often(limit: int, wait: float) -> Response:
    seconds = max(1, math.ceil(wait))
    sentence = f"More than {limit} requests within a minute; try again in {seconds} s."
    return problem(429, sentence, headers={"Retry-After": str(seconds)})
