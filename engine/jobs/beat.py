"""Say that the engine, the broker and the data are well, and since when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from engine.clock import stopwatch, wall_now
from engine.desk import Desk
from engine.errors import BrokerUnavailableError
from models.control import Heartbeat
from models.market_data import LastPrice


def beat(desk: Desk) -> str | None:
    """Write the heartbeats that the pages show as ages.

    A part that does not answer is not written, so its age grows. The data are as old as the newest
    price of what the desk watches.
    """
    wall = wall_now()
    parts: dict[str, tuple[datetime, dict[str, Any]]] = {"engine": (wall, {})}
    asked = stopwatch()
    try:
        desk.broker.account()
        took = round((stopwatch() - asked) * 1000, 1)
        parts["broker"] = (wall, {"milliseconds": took})
    except BrokerUnavailableError:
        pass
    if (newest := _newest_price(desk)) is not None:
        age = (desk.clock.now() - newest) / max(1.0, desk.clock.speed)
        parts["data"] = (wall - age, {"newest": newest.isoformat()})
    _write(desk, parts)
    return None


def _newest_price(desk: Desk) -> datetime | None:
    with desk.db.read() as tx:
        return tx.scalar(select(func.max(LastPrice.at)))


def _write(desk: Desk, parts: dict[str, tuple[datetime, dict[str, Any]]]) -> None:
    now = desk.clock.now()
    with desk.db.write() as tx:
        for part, (at, detail) in parts.items():
            about = {"speed": desk.clock.speed, "feed": desk.data.feed} | detail
            tx.merge(Heartbeat(part=part, at=at, desk_at=now, detail=about))
