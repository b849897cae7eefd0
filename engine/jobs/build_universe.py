"""The numbers of every symbol for today's session, made before the open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from engine.actions.trading_settings import settings_in_force
from engine.desk import Desk
from engine.jobs.fetch_progress import is_finished
from engine.jobs.opening_history import mean_opening_volumes
from engine.jobs.stored_bars import load_daily_bars, load_splits
from engine.journal import record
from engine.market_hours import Session
from engine.rules.daily_numbers import SESSIONS_NEEDED, WINDOW, DailyNumbers, daily_numbers
from engine.rules.scan import UniverseColumns, failed_before_open
from engine.rules.scan_rows import Flags
from engine.rules.splits import on_the_scale_of
from models.bulk import insert_columns, where
from models.market_data import Asset, SyncedSession, UniverseRow
from models.tables import rows
from models.vocabulary import Severity

LATEST = timedelta(minutes=10)  # before the open: then it is built of what is there
FETCHED_BY = ("sync_listings", "fill_opening_history")


def build_universe(desk: Desk) -> str | None:
    """Compute ATR(14), average volume(14) and the mean opening volume(14) for today, once."""
    session = desk.session()
    if session is None or _is_built(desk, session.day):
        return None
    missing = _missing(desk, session)
    if missing and desk.clock.now() < session.opens_at - LATEST:
        return None
    numbers = numbers_of(desk, session)
    if numbers is None or not numbers.symbols:
        return None
    before = desk.hours.previous_sessions(session.day, WINDOW)
    with desk.db.read() as tx:
        splits = load_splits(tx, before[0].day, session.day)
    universe = universe_columns(desk, numbers, mean_opening_volumes(desk, session, before, splits))
    _store(desk, session, universe, missing)
    complete = int(universe.complete.sum())
    return f"{len(universe.symbols):,} symbols, {complete:,} with full history"


def numbers_of(desk: Desk, session: Session) -> DailyNumbers | None:
    """Return the numbers valid for a session, None while a session before it is not stored."""
    days = [s.day for s in desk.hours.previous_sessions(session.day, SESSIONS_NEEDED)]
    if not _are_synced(desk, days):
        return None
    with desk.db.read() as tx:
        splits = load_splits(tx, days[0], session.day)
    return daily_numbers(on_the_scale_of(session.day, load_daily_bars(desk, days), splits))


def universe_columns(
    desk: Desk, numbers: DailyNumbers, means: Mapping[str, float]
) -> UniverseColumns:
    """Put the numbers beside what the broker says of each symbol."""
    tradable, shortable = _permitted(desk, numbers.symbols)
    return UniverseColumns(
        symbols=numbers.symbols,
        last_close=numbers.last_close,
        atr14=numbers.atr14,
        avg_volume14=numbers.avg_volume14,
        mean_opening_volume14=np.array(
            [means.get(symbol, np.nan) for symbol in numbers.symbols], dtype=np.float64
        ),
        complete=numbers.complete,
        tradable=tradable,
        shortable=shortable,
    )


def _permitted(desk: Desk, symbols: Sequence[str]) -> tuple[Flags, Flags]:
    """Say which symbols can be traded and which sold short: all, if nobody keeps a list."""
    asset = rows(Asset)
    with desk.db.read() as tx:
        found = (
            desk.daily.keeps_list
            and tx.execute(select(asset.c.symbol, asset.c.tradable, asset.c.shortable)).all()
        )
    if not found:
        everything = np.ones(len(symbols), dtype=np.bool_)
        return everything, everything
    tradable = {row.symbol for row in found if row.tradable}
    shortable = {row.symbol for row in found if row.tradable and row.shortable}
    return _among(tradable, symbols), _among(shortable, symbols)


def _among(chosen: set[str], symbols: Sequence[str]) -> Flags:
    return np.array([symbol in chosen for symbol in symbols], dtype=np.bool_)


def _store(desk: Desk, session: Session, universe: UniverseColumns, missing: Sequence[str]) -> None:
    with desk.db.read() as tx:
        strategy = settings_in_force(tx).strategy
    known = universe.complete.tolist()
    has_mean = np.isfinite(universe.mean_opening_volume14).tolist()
    with desk.db.write() as tx:
        insert_columns(
            tx,
            UniverseRow,
            session=session.day,
            symbol=universe.symbols,
            last_close=where(known, universe.last_close),
            atr14=where(known, universe.atr14),
            avg_volume14=where(known, universe.avg_volume14),
            mean_opening_volume14=where(has_mean, universe.mean_opening_volume14),
            tradable=universe.tradable,
            shortable=universe.shortable,
            failed=failed_before_open(universe, strategy),
            source=desk.daily.name,
        )
        if missing:
            _tell(tx, desk, session, missing)


def _tell(tx: Transaction, desk: Desk, session: Session, missing: Sequence[str]) -> None:
    named = " and ".join(job.replace("_", " ") for job in missing)
    record(
        tx,
        desk.clock.now(),
        "data",
        f"session:{session.day}",
        severity=Severity.WARNING,
        text=f"The universe is built without waiting any longer for: {named}",
        missing=list(missing),
    )


def _missing(desk: Desk, session: Session) -> list[str]:
    """Return the jobs that have not yet fetched everything for the session."""
    wanted = FETCHED_BY[:1] if desk.data.is_recorded else FETCHED_BY
    with desk.db.read() as tx:
        missing = [job for job in wanted if not is_finished(tx, job, session.day)]
    if desk.daily.revises and _has_empty(desk, session):
        missing.insert(0, "sync_bars")
    return missing


def _has_empty(desk: Desk, session: Session) -> bool:
    """Say whether a session that today's numbers need is stored without a bar, for now."""
    days = [s.day for s in desk.hours.previous_sessions(session.day, SESSIONS_NEEDED)]
    empty = select(SyncedSession.session).where(
        SyncedSession.session.in_(days), SyncedSession.symbols == 0
    )
    with desk.db.read() as tx:
        return tx.execute(empty).first() is not None


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
