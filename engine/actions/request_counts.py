"""Requests of somebody within a window, counted in the database: several processes count as one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session as Transaction

from engine.clock import wall_now
from models.control import RequestCount
from models.database import Database
from models.tables import rows

_COUNTS = rows(RequestCount)
LONGEST_KEY = 128


@dataclass(frozen=True, slots=True)
class Counted:
    """How many there were in the present window, and when it ends."""

    count: int
    ends_at: datetime


def count_request(db: Database, key: str, window: timedelta) -> Counted:
    """Count one more; a window begins with its first request."""
    with db.write() as tx:
        counted = _count(tx, db, key[:LONGEST_KEY], window)
        if counted.count == 1:
            tx.execute(delete(_COUNTS).where(_COUNTS.c.ends_at <= wall_now()))
    return counted


def _count(tx: Transaction, db: Database, key: str, window: timedelta) -> Counted:
    now = wall_now()
    insert = (sqlite if db.is_sqlite else postgresql).insert(_COUNTS)
    is_over = _COUNTS.c.ends_at <= now
    counting = insert.values(key=key, count=1, ends_at=now + window).on_conflict_do_update(
        index_elements=["key"],
        set_={
            "count": case((is_over, 1), else_=_COUNTS.c.count + 1),
            "ends_at": case((is_over, now + window), else_=_COUNTS.c.ends_at),
        },
    )
    row = tx.execute(counting.returning(_COUNTS.c.count, _COUNTS.c.ends_at)).one()
    return Counted(row[0], row[1])
