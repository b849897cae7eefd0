"""Remove what is older than its window, but for what explains a trade."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import CursorResult, Select, delete, func, select
from sqlalchemy.orm import Session as Transaction

from engine.actions.trading_settings import settings_in_force
from engine.desk import Desk
from engine.rules.daily_numbers import SESSIONS_NEEDED
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
from models.trading import Trade

EXPLAINING: tuple[type[Table], ...] = (DailyBar, OpeningVolume, SplitRow, UniverseRow)
WINDOWED: tuple[type[Table], ...] = (DataFinding, SyncedSession)
MISSED = timedelta(days=10)  # sessions before the first that was synced may have left rows as well
WHILE_NEEDED = timedelta(days=60)  # more than SESSIONS_NEEDED sessions take


def clean_up(desk: Desk) -> str | None:
    """Delete daily bars and what hangs on them from before the window; trades and facts stay.

    So do the benchmark's bars, with which results of any age are compared, and what a trade's
    numbers were made of: its symbol's rows of the sessions before it. Each session is a transaction
    of its own: a year in one go would keep a kill waiting for seconds.
    """
    with desk.db.read() as tx:
        oldest = oldest_kept(desk, settings_in_force(tx).strategy.sessions_kept)
        old = select(func.min(SyncedSession.session)).where(SyncedSession.session < oldest)
        first = tx.scalar(old)
    if first is None:
        return None
    sessions = desk.hours.between(first - MISSED, oldest - timedelta(days=1))
    gone = sum(_remove(desk, session.day) for session in sessions)
    with desk.db.write() as tx:  # at the end: until then it is known that there is more to do
        for model in WINDOWED:
            tx.execute(delete(rows(model)).where(rows(model).c.session < oldest))
    return f"{gone:,} daily bars from before {oldest} removed"


def oldest_kept(desk: Desk, kept: int) -> date:
    """Return the first session of the window that ends before the next open."""
    coming = desk.hours.next_open(desk.clock.now())
    return desk.hours.previous_sessions(coming.day, kept)[0].day


def _remove(desk: Desk, day: date) -> int:
    """Delete a session's rows of symbols that nothing needs; return how many were daily bars."""
    until = desk.hours.between(day, day + WHILE_NEEDED)[SESSIONS_NEEDED].day
    traded = select(Trade.symbol).where(Trade.session.between(day, until))
    with desk.db.write() as tx:
        bars, *_ = [_forget(tx, model, day, traded) for model in EXPLAINING]
    return bars


def _forget(tx: Transaction, model: type[Table], day: date, needed: Select[str]) -> int:
    table = rows(model)
    old = table.c.session == day, table.c.symbol.not_in(needed), table.c.symbol != BENCHMARK
    done = tx.execute(delete(table).where(*old))
    return done.rowcount if isinstance(done, CursorResult) else 0
