"""Remove what is older than its window."""

from __future__ import annotations

from sqlalchemy import delete, select

from engine.desk import Desk
from engine.jobs.sync_bars import SESSIONS_KEPT
from models.market_data import DailyBar, SyncedSession, UniverseRow


def clean_up(desk: Desk) -> str | None:
    """Delete daily bars and universe rows from before the window; trades and facts stay."""
    coming = desk.hours.next_open(desk.clock.now())
    oldest = desk.hours.previous_sessions(coming.day, SESSIONS_KEPT)[0].day
    with desk.db.read() as tx:
        old = select(SyncedSession.session).where(SyncedSession.session < oldest).limit(1)
        if tx.execute(old).first() is None:
            return None
    with desk.db.write() as tx:
        gone = tx.execute(
            delete(DailyBar).where(DailyBar.session < oldest).returning(DailyBar.symbol)
        ).all()
        tx.execute(delete(UniverseRow).where(UniverseRow.session < oldest))
        tx.execute(delete(SyncedSession).where(SyncedSession.session < oldest))
    return f"{len(gone):,} daily bars from before {oldest} removed"
