"""Say that the engine, the broker and the data are well, and since when."""

from __future__ import annotations

from typing import Any

from engine.clock import stopwatch, wall_now
from engine.desk import Desk
from engine.errors import BrokerUnavailableError
from models.control import Heartbeat


def beat(desk: Desk) -> str | None:
    """Write the heartbeats that the pages show as ages."""
    asked = stopwatch()
    try:
        desk.broker.account()
    except BrokerUnavailableError:
        _write(desk, {"engine": {}})
        return None
    took = (stopwatch() - asked) * 1000
    _write(desk, {"engine": {}, "broker": {"milliseconds": round(took, 1)}})
    return None


def _write(desk: Desk, parts: dict[str, dict[str, Any]]) -> None:
    now, wall = desk.clock.now(), wall_now()
    with desk.db.write() as tx:
        for part, detail in parts.items():
            about = {"speed": desk.clock.speed, "feed": desk.data.feed} | detail
            tx.merge(Heartbeat(part=part, at=wall, desk_at=now, detail=about))
