"""Fetch the daily bars of finished sessions, each session whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session as Transaction

from engine.desk import Desk
from engine.market_hours import Session
from models.market import DailyColumns
from models.market_data import DailyBar, SyncedSession
from models.money import from_micros
from models.tables import rows as table

SESSIONS_KEPT = 30


def sync_bars(desk: Desk) -> str | None:
    """Store the sessions of the window that are finished and not stored yet."""
    missing = _missing(desk)
    if not missing:
        return None
    bars = desk.data.daily_bars(missing)
    columns = {session: place for place, session in enumerate(bars.sessions)}
    stored = 0
    for session in missing:
        rows = list(_rows(bars, columns[session], desk.data.feed)) if session in columns else []
        with desk.db.write() as tx:
            _store(tx, desk, session, rows)
        stored += len(rows)
    return f"{stored:,} daily bars of {len(missing)} sessions"


def _missing(desk: Desk) -> list[date]:
    now = desk.clock.now()
    coming = desk.hours.next_open(now)
    window: list[Session] = list(desk.hours.previous_sessions(coming.day, SESSIONS_KEPT))
    finished = [s.day for s in window if s.closes_at <= now]
    with desk.db.read() as tx:
        known = set(
            tx.scalars(select(SyncedSession.session).where(SyncedSession.session >= finished[0]))
        )
    return [day for day in finished if day not in known]


def _rows(bars: DailyColumns, column: int, source: str) -> Iterator[dict[str, Any]]:
    for place, symbol in enumerate(bars.symbols):
        if not bars.present[place, column]:
            continue
        yield {
            "session": bars.sessions[column],
            "symbol": symbol,
            "open": from_micros(bars.open[place, column]),
            "high": from_micros(bars.high[place, column]),
            "low": from_micros(bars.low[place, column]),
            "close": from_micros(bars.close[place, column]),
            "volume": int(bars.volume[place, column]),
            "source": source,
        }


def _store(tx: Transaction, desk: Desk, session: date, rows: list[dict[str, Any]]) -> None:
    tx.execute(delete(DailyBar).where(DailyBar.session == session))
    if rows:
        tx.execute(insert(table(DailyBar)), rows)
    tx.execute(
        insert(SyncedSession).values(
            session=session,
            source=desk.data.feed,
            symbols=len(rows),
            synced_at=desk.clock.now(),
        )
    )
