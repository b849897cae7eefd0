"""Remove what is older than its window, but for what explains a trade."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import CursorResult, delete, func, select
from sqlalchemy.orm import Session as Transaction

from engine.actions.trading_settings import settings_in_force
from engine.desk import Desk
from engine.rules.daily_numbers import SESSIONS_NEEDED
from models.market_data import (
    DailyBar,
    DataFinding,
    OpeningVolume,
    SplitRow,
    SyncedSession,
    UniverseRow,
)
from models.tables import Table, rows
from models.trading import Trade

EXPLAINING: tuple[type[Table], ...] = (OpeningVolume, SplitRow, UniverseRow)  # beside the bars
WINDOWED: tuple[type[Table], ...] = (DataFinding, SyncedSession)
MISSED = timedelta(days=10)  # sessions before the first that was synced may have left rows as well
WHILE_NEEDED = timedelta(days=60)  # more than SESSIONS_NEEDED sessions take


def clean_up(desk: Desk) -> str | None:
    """Delete daily bars and what hangs on them from before the window; trades and facts stay.

    So does what a trade's numbers were made of: its symbol's rows of the sessions before it.
    """
    with desk.db.read() as tx:
        oldest = oldest_kept(desk, settings_in_force(tx).strategy.sessions_kept)
        old = select(func.min(SyncedSession.session)).where(SyncedSession.session < oldest)
        first = tx.scalar(old)
        if first is None:
            return None
    sessions = desk.hours.between(first - MISSED, oldest - timedelta(days=1))
    with desk.db.write() as tx:
        gone = sum(_remove(tx, desk, DailyBar, session.day) for session in sessions)
        for model in EXPLAINING:
            for session in sessions:
                _remove(tx, desk, model, session.day)
        for model in WINDOWED:
            tx.execute(delete(rows(model)).where(rows(model).c.session < oldest))
    return f"{gone:,} daily bars from before {oldest} removed"


def oldest_kept(desk: Desk, kept: int) -> date:
    """Return the first session of the window that ends before the next open."""
    coming = desk.hours.next_open(desk.clock.now())
    return desk.hours.previous_sessions(coming.day, kept)[0].day


def _remove(tx: Transaction, desk: Desk, model: type[Table], day: date) -> int:
    """Delete a session's rows of symbols that no trade needs."""
    table = rows(model)
    until = desk.hours.between(day, day + WHILE_NEEDED)[SESSIONS_NEEDED].day
    traded = select(Trade.symbol).where(Trade.session.between(day, until))
    done = tx.execute(delete(table).where(table.c.session == day, table.c.symbol.not_in(traded)))
    return done.rowcount if isinstance(done, CursorResult) else 0
