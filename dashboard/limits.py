"""How often somebody may ask (specification N 5.3): by role, per minute, before anything else."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import timedelta

from flask import Flask, Response, request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from dashboard.auth import address, current_person
from dashboard.problems import problem
from engine.actions.request_counts import count_request
from engine.clock import wall_now
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


def in_memory() -> Counter:
    """Count in this process, over the last minute at any moment."""
    counted = MovingWindowRateLimiter(MemoryStorage())

    def count(item: RateLimitItem, who: str) -> float | None:
        if counted.hit(item, who):
            return None
        return counted.get_window_stats(item, who).reset_time - wall_now().timestamp()

    return count


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
