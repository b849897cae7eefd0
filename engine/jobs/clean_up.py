"""Remove what is older than its window."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.orm import Session as Transaction

from engine.actions.trading_settings import settings_in_force
from engine.desk import Desk
from models.market_data import (
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
    """Delete daily bars and what hangs on them from before the window; trades and facts stay."""
    with desk.db.read() as tx:
        oldest = oldest_kept(desk, settings_in_force(tx).strategy.sessions_kept)
        synced = select(SyncedSession.session).where(SyncedSession.session < oldest)
        old = tx.scalars(synced.order_by(SyncedSession.session)).all()
    if not old:
        return None
    gone = sum(_remove_before(desk, end) for end in (*old[1:], oldest))
    return f"{gone:,} daily bars from before {oldest} removed"


def oldest_kept(desk: Desk, kept: int) -> date:
    """Return the first session of the window that ends before the next open."""
    coming = desk.hours.next_open(desk.clock.now())
    return desk.hours.previous_sessions(coming.day, kept)[0].day


def _remove_before(desk: Desk, end: date) -> int:
    """Remove what is older in one transaction; return how many daily bars that were.

    Called session by session: a year in one go would keep a kill waiting for seconds.
    """
    with desk.db.write() as tx:
        gone = _remove(tx, DailyBar, end)
        for model in WINDOWED:
            _remove(tx, model, end)
    return gone


def _remove(tx: Transaction, model: type[Table], oldest: date) -> int:
    table = rows(model)
    done = tx.execute(delete(table).where(table.c.session < oldest))
    return done.rowcount if isinstance(done, CursorResult) else 0
