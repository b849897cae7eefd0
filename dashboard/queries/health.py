"""Whether the desk can do its work: each part with its latency and age."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from importlib.metadata import version

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.status import PRICES_STALE_AFTER, PartView, part_views
from engine.clock import stopwatch, wall_now
from engine.desk import Desk
from models.control import TROUBLE, Heartbeat

STALE_AFTER = 30.0  # seconds of the wall clock


class Health(StrEnum):
    """How well a part, or all of the desk, is."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"  # works, but a person should look
    UNHEALTHY = "unhealthy"  # cannot answer


@dataclass(frozen=True, slots=True, kw_only=True)
class PartHealth:
    """How well one part is."""

    status: Health
    latency_ms: float | None
    age_seconds: float | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthView:
    """How well the desk is. Only a database that does not answer makes it unhealthy."""

    status: Health
    at: datetime
    version: str
    checks: Mapping[str, PartHealth]


def health_view(desk: Desk) -> HealthView:
    """Ask every part."""
    asked = stopwatch()
    try:
        with desk.db.read() as tx:
            tx.execute(text("SELECT 1"))
            took = round((stopwatch() - asked) * 1000, 2)
            parts = {view.part: view for view in part_views(tx, desk)}
            troubles = _troubles(tx)
    except SQLAlchemyError:
        broken = _part(Health.UNHEALTHY, None, None, "The database does not answer.")
        return _view(Health.UNHEALTHY, {"database": broken})
    checks = {"database": _part(Health.HEALTHY, took, 0.0, "It answers."), **_beats(parts)}
    if troubles:
        checks["broker"] = replace(checks["broker"], status=Health.DEGRADED, sentence=troubles)
    well = all(check.status is Health.HEALTHY for check in checks.values())
    return _view(Health.HEALTHY if well else Health.DEGRADED, checks)


def _beats(parts: Mapping[str, PartView]) -> dict[str, PartHealth]:
    return {
        "engine": _beat(parts["engine"], STALE_AFTER),
        "broker": _beat(parts["broker"], STALE_AFTER),
        "data": _beat(parts["data"], PRICES_STALE_AFTER),
    }


def _beat(view: PartView, stale_after: float) -> PartHealth:
    took = view.detail.get("milliseconds")
    if view.age is None:
        level = Health.HEALTHY if view.is_at_rest else Health.DEGRADED
        return _part(level, None, None, "It has not been seen yet.")
    if view.age <= stale_after:
        return _part(Health.HEALTHY, took, view.age, "It is well.")
    if view.is_at_rest:
        return _part(Health.HEALTHY, took, view.age, "It is at rest: nothing is held.")
    return _part(Health.DEGRADED, took, view.age, "It gives no sign of life.")


def _troubles(tx: Transaction) -> str:
    """Return what keeps the desk from trading at its broker, nothing if nothing does."""
    found = tx.get(Heartbeat, TROUBLE)
    return " ".join((found.detail.get("troubles") or {}).values()) if found else ""


def _part(status: Health, took: float | None, age: float | None, sentence: str) -> PartHealth:
    return PartHealth(status=status, latency_ms=took, age_seconds=age, sentence=sentence)


def _view(status: Health, checks: Mapping[str, PartHealth]) -> HealthView:
    return HealthView(status=status, at=wall_now(), version=version("bellwether"), checks=checks)
