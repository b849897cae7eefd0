"""Daily bars in the database: a session written whole, sessions read as columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session as Transaction

from engine.desk import Desk
from models.bulk import columns_by, insert_columns
from models.market import DailyColumns, MarketDay, Split
from models.market_data import DailyBar, SplitRow, SyncedSession
from models.tables import rows

FIELDS = ("open", "high", "low", "close", "volume")


def store_day(tx: Transaction, desk: Desk, day: MarketDay) -> None:
    """Replace a session's bars, and say in the same transaction that they are complete."""
    bars, synced = rows(DailyBar), rows(SyncedSession)
    tx.execute(delete(bars).where(bars.c.session == day.session))
    tx.execute(delete(synced).where(synced.c.session == day.session))
    if len(day):
        insert_columns(
            tx,
            DailyBar,
            session=day.session,
            symbol=day.symbols,
            source=desk.daily.name,
            **{name: getattr(day, name) for name in FIELDS},
        )
    said = {"session": day.session, "source": desk.daily.name, "symbols": len(day)}
    tx.execute(insert(synced), {**said, "synced_at": desk.clock.now()})


def load_days(tx: Transaction, sessions: Sequence[date]) -> dict[date, MarketDay]:
    """Return the stored bars of some sessions, each as a source would give them."""
    table = rows(DailyBar)
    values = {"symbol": table.c.symbol, **{name: table.c[name] for name in FIELDS}}
    found = columns_by(tx, table.c.session, values, table.c.session.in_(sessions))
    return {session: _day(session, columns) for session, columns in found.items()}


def load_daily_bars(desk: Desk, sessions: Sequence[date]) -> DailyColumns:
    """Read the stored bars of these sessions into arrays of shape (symbols, sessions)."""
    with desk.db.read() as tx:
        return side_by_side(load_days(tx, sessions), sessions)


def side_by_side(days: dict[date, MarketDay], sessions: Sequence[date]) -> DailyColumns:
    """Put the bars of sessions side by side, one row for each symbol that has any."""
    symbols = tuple(sorted(set().union(*(day.symbols for day in days.values()))))
    places = {symbol: place for place, symbol in enumerate(symbols)}
    values = np.zeros((len(FIELDS), len(symbols), len(sessions)), dtype=np.int64)
    present = np.zeros((len(symbols), len(sessions)), dtype=np.bool_)
    for column, session in enumerate(sessions):
        if session not in days:
            continue
        day = days[session]
        at = np.fromiter(map(places.__getitem__, day.symbols), dtype=np.int64, count=len(day))
        for field, name in enumerate(FIELDS):
            values[field, at, column] = getattr(day, name)
        present[at, column] = True
    named = dict(zip(FIELDS, values, strict=True))
    return DailyColumns(symbols=symbols, sessions=tuple(sessions), present=present, **named)


def load_splits(tx: Transaction, first: date, last: date) -> list[Split]:
    """Return the known splits that take effect between two days, both included."""
    found = tx.execute(select(rows(SplitRow)).where(SplitRow.session.between(first, last)))
    return [
        Split(
            symbol=row.symbol,
            session=row.session,
            new_shares=row.new_shares,
            old_shares=row.old_shares,
        )
        for row in found
    ]


def _day(session: date, columns: dict[str, Any]) -> MarketDay:
    symbols = columns.pop("symbol")
    in_order = sorted(range(len(symbols)), key=symbols.__getitem__)
    if in_order == list(range(len(symbols))):
        return MarketDay(session=session, symbols=tuple(symbols), **columns)
    return MarketDay(
        session=session,
        symbols=tuple(symbols[place] for place in in_order),
        **{name: column[in_order] for name, column in columns.items()},
    )
