"""How often somebody may ask (specification N 5.3): by role, per minute, before anything else."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from datetime import timedelta
from threading import Lock

from flask import Flask, Response, request
from limits import RateLimitItem, RateLimitItemPerMinute

from dashboard.auth import address, current_person
from dashboard.problems import problem
from engine.actions.request_counts import count_request
from engine.clock import stopwatch, wall_now
from models.database import Database
from models.vocabulary import Role

LIMITED = ("/api/", "/_dash-update-component")
LIMITS: Mapping[Role, RateLimitItem] = {
    Role.VIEWER: RateLimitItemPerMinute(100),
    Role.OPERATOR: RateLimitItemPerMinute(200),
    Role.ADMIN: RateLimitItemPerMinute(500),
}
STRANGERS = RateLimitItemPerMinute(100)
# Whoever has asked too often can still stop the desk; the deed itself is limited on its own.
ALWAYS = frozenset({"api.kill", "api.emergency_stop"})

# Counts a request of somebody; returns the seconds to wait if it is one too many.
Counter = Callable[[RateLimitItem, str], float | None]


class Recent:
    """When each has asked, as long as it counts; whoever asks no more is forgotten.

    Strangers come from ever new addresses. What the library keeps in memory knows them for ever,
    and looks through all of them after each request.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._asked: dict[str, deque[float]] = {}
        self._swept_at = 0.0

    def __len__(self) -> int:
        """Return of how many it knows."""
        return len(self._asked)

    def count(self, item: RateLimitItem, who: str, now: float) -> float | None:
        """Count a request at a moment in seconds; return those to wait if it is one too many."""
        window = item.get_expiry()
        with self._lock:
            if now - self._swept_at >= window:
                self._sweep(now - window)
                self._swept_at = now
            asked = self._asked.setdefault(who, deque())
            while asked and asked[0] <= now - window:
                asked.popleft()
            if len(asked) >= item.amount:
                return asked[0] + window - now
            asked.append(now)
        return None

    def _sweep(self, since: float) -> None:
        self._asked = {who: asked for who, asked in self._asked.items() if asked[-1] > since}


def in_memory() -> Counter:
    """Count in this process, over the last minute at any moment."""
    recent = Recent()
    return lambda item, who: recent.count(item, who, stopwatch())


def in_database(db: Database) -> Counter:
    """Count for all processes on one database, minute by minute from the first request on."""

    def count(item: RateLimitItem, who: str) -> float | None:
        counted = count_request(db, who, timedelta(seconds=item.get_expiry()))
        if counted.count <= item.amount:
            return None
        return (counted.ends_at - wall_now()).total_seconds()

    return count


def mount_limits(server: Flask, count: Counter) -> None:
    """Count requests of each person, program and strange address."""

    @server.before_request
    def limit() -> Response | None:
        if not request.path.startswith(LIMITED) or request.endpoint in ALWAYS:
            return None
        item, who = _whose()
        wait = count(item, who)
        return None if wait is None else _too_often(item, wait)


def _whose() -> tuple[RateLimitItem, str]:
    person = current_person()
    return (LIMITS[person.role], person.name) if person else (STRANGERS, f"address {address()}")


def _too_often(item: RateLimitItem, wait: float) -> Response:
    seconds = max(1, math.ceil(wait))
    sentence = f"More than {item.amount} requests within a minute; try again in {seconds} s."
    return problem(429, sentence, headers={"Retry-After": str(seconds)})
