"""Remove what is older than its window."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, CursorResult, delete, select
from sqlalchemy.orm import Session as Transaction

from engine.actions.trading_settings import settings_in_force
from engine.desk import Desk
from models.market_data import (
    BENCHMARK,
    DailyBar,
    DataFinding,
    OpeningVolume,
    SplitRow,
    SyncedSession,
    UniverseRow,
)
from models.tables import Table, rows

WINDOWED: tuple[type[Table], ...] = (
    DataFinding,
    OpeningVolume,
    SplitRow,
    SyncedSession,
    UniverseRow,
)


def clean_up(desk: Desk) -> str | None:
    """Delete daily bars and what hangs on them from before the window; trades and facts stay.

    So do the benchmark's bars: results of any age are compared with them.
    """
    with desk.db.read() as tx:
        oldest = oldest_kept(desk, settings_in_force(tx).strategy.sessions_kept)
        old = select(SyncedSession.session).where(SyncedSession.session < oldest).limit(1)
        if tx.execute(old).first() is None:
            return None
    with desk.db.write() as tx:
        gone = _remove(tx, DailyBar, oldest, DailyBar.symbol != BENCHMARK)
        for model in WINDOWED:
            _remove(tx, model, oldest)
    return f"{gone:,} daily bars from before {oldest} removed"


def oldest_kept(desk: Desk, kept: int) -> date:
    """Return the first session of the window that ends before the next open."""
    coming = desk.hours.next_open(desk.clock.now())
    return desk.hours.previous_sessions(coming.day, kept)[0].day


def _remove(tx: Transaction, model: type[Table], oldest: date, *more: ColumnElement[bool]) -> int:
    table = rows(model)
    done = tx.execute(delete(table).where(table.c.session < oldest, *more))
    return done.rowcount if isinstance(done, CursorResult) else 0
