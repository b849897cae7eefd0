"""How often somebody may ask (specification N 5.3): by role, per minute, before anything else."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, Response, request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from dashboard.auth import address, current_person
from dashboard.problems import problem
from engine.clock import wall_now
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


def mount_limits(server: Flask) -> None:
    """Count requests of each person, program and strange address in this process."""
    counted = MovingWindowRateLimiter(MemoryStorage())

    @server.before_request
    def limit() -> Response | None:
        if not request.path.startswith(LIMITED) or request.endpoint in ALWAYS:
            return None
        item, who = _whose()
        if counted.hit(item, who):
            return None
        return _too_often(counted, item, who)


def _whose() -> tuple[RateLimitItem, str]:
    person = current_person()
    return (LIMITS[person.role], person.name) if person else (STRANGERS, f"address {address()}")


def _too_often(counted: MovingWindowRateLimiter, item: RateLimitItem, who: str) -> Response:
    wait = counted.get_window_stats(item, who).reset_time - wall_now().timestamp()
    seconds = max(1, int(wait) + 1)
    sentence = f"More than {item.amount} requests within a minute; try again in {seconds} s."
    return problem(429, sentence, headers={"Retry-After": str(seconds)})
