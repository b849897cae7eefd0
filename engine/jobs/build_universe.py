"""The numbers of every symbol for today's session, made before the open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import insert, select

from engine.desk import Desk
from engine.market_hours import Session
from engine.rules.daily_numbers import (
    SESSIONS_NEEDED,
    WINDOW,
    DailyNumbers,
    daily_numbers,
)
from models.market import DailyColumns, Ints
from models.market_data import DailyBar, SyncedSession, UniverseRow
from models.money import from_micros, to_micros
from models.tables import rows


def build_universe(desk: Desk) -> str | None:
    """Compute ATR(14), average volume(14) and the mean opening volume(14) for today, once."""
    session = desk.session()
    if session is None or _is_built(desk, session.day):
        return None
    before = desk.hours.previous_sessions(session.day, SESSIONS_NEEDED)
    days = [s.day for s in before]
    if not _are_synced(desk, days):
        return None
    bars = load_daily_bars(desk, days)
    if not bars.symbols:
        return None
    numbers = daily_numbers(bars)
    opening = desk.data.opening_volumes(before[-WINDOW:])
    with desk.db.write() as tx:
        tx.execute(insert(rows(UniverseRow)), list(_rows(desk, session, numbers, opening)))
    return f"{len(numbers.symbols):,} symbols, {int(numbers.complete.sum()):,} with full history"


def load_daily_bars(desk: Desk, days: Sequence[date]) -> DailyColumns:
    """Read the stored bars of these sessions into arrays of shape (symbols, sessions)."""
    with desk.db.read() as tx:
        found = tx.execute(
            select(
                DailyBar.symbol,
                DailyBar.session,
                DailyBar.open,
                DailyBar.high,
                DailyBar.low,
                DailyBar.close,
                DailyBar.volume,
            )
            .where(DailyBar.session.in_(days))
            .order_by(DailyBar.symbol)
        ).all()
    symbols = tuple(dict.fromkeys(row.symbol for row in found))
    places = {symbol: place for place, symbol in enumerate(symbols)}
    columns = {day: column for column, day in enumerate(days)}
    values = np.zeros((5, len(symbols), len(days)), dtype=np.int64)
    present = np.zeros((len(symbols), len(days)), dtype=np.bool_)
    for row in found:
        at = places[row.symbol], columns[row.session]
        prices = [to_micros(price) for price in (row.open, row.high, row.low, row.close)]
        values[(slice(None), *at)] = [*prices, row.volume]
        present[at] = True
    return _columns(symbols, tuple(days), values, present)


def _columns(
    symbols: tuple[str, ...], days: tuple[date, ...], values: Ints, present: Any
) -> DailyColumns:
    return DailyColumns(
        symbols=symbols,
        sessions=days,
        open=values[0],
        high=values[1],
        low=values[2],
        close=values[3],
        volume=values[4],
        present=present,
    )


def _is_built(desk: Desk, day: date) -> bool:
    with desk.db.read() as tx:
        found = select(UniverseRow.symbol).where(UniverseRow.session == day).limit(1)
        return tx.execute(found).first() is not None


def _are_synced(desk: Desk, days: Sequence[date]) -> bool:
    with desk.db.read() as tx:
        known = tx.scalars(
            select(SyncedSession.session).where(SyncedSession.session.in_(days))
        ).all()
    return len(known) == len(days)


def _rows(
    desk: Desk,
    session: Session,
    numbers: DailyNumbers,
    opening: Mapping[str, Sequence[int]],
) -> Iterator[dict[str, Any]]:
    for i, symbol in enumerate(numbers.symbols):
        known = bool(numbers.complete[i])
        volumes = opening.get(symbol)
        yield {
            "session": session.day,
            "symbol": symbol,
            "last_close": from_micros(numbers.last_close[i]) if known else None,
            "atr14": from_micros(numbers.atr14[i]) if known else None,
            "avg_volume14": float(numbers.avg_volume14[i]) if known else None,
            "mean_opening_volume14": sum(volumes) / WINDOW if volumes else None,
            "tradable": True,
            "shortable": True,
            "failed": [] if known else ["history"],
            "source": desk.data.feed,
        }
