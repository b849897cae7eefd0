"""Versions of the settings: those that one can choose, and the sessions that each was for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Row, select
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.trades import TradeFilter
from engine.desk import Desk
from engine.market_hours import new_york
from models.people import SettingsVersion
from models.vocabulary import SettingsKind

DEFAULTS = 0  # the version before the first that was stored
MOST_VERSIONS = 50
DAY = timedelta(days=1)


def newest_versions(tx: Transaction, kind: SettingsKind) -> Sequence[Row[int, datetime]]:
    """Return the numbers of a kind's versions and since when they are, the newest first."""
    chosen = select(SettingsVersion.version, SettingsVersion.created_at)
    of_kind = chosen.where(SettingsVersion.kind == kind)
    return tx.execute(of_kind.order_by(SettingsVersion.version.desc()).limit(MOST_VERSIONS)).all()


def in_force(tx: Transaction, desk: Desk, wanted: TradeFilter) -> tuple[date, date]:
    """Return between which days the scan was done with the versions of a filter."""
    asked = ((SettingsKind.STRATEGY, wanted.strategy), (SettingsKind.RISK, wanted.risk))
    spans = [_span(tx, desk, kind, version) for kind, version in asked if version is not None]
    firsts, lasts = zip((date.min, date.max), *spans, strict=True)
    return max(firsts), min(lasts)


def _span(tx: Transaction, desk: Desk, kind: SettingsKind, version: int) -> tuple[date, date]:
    chosen = select(SettingsVersion.version, SettingsVersion.created_at).where(
        SettingsVersion.kind == kind, SettingsVersion.version >= version
    )
    found = tx.execute(chosen.order_by(SettingsVersion.version).limit(2)).all()
    begun = {row.version: _first_day(desk, row.created_at) for row in found}
    first = begun.pop(version, date.min if version == DEFAULTS else date.max)
    return first, min(begun.values()) - DAY if begun else date.max


def _first_day(desk: Desk, changed_at: datetime) -> date:
    """Return the first day whose scan comes after a change."""
    day = new_york(changed_at).date()
    session = desk.hours.session_on(day)
    return day if session is None or changed_at < session.scan_at else day + DAY
