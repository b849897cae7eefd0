"""The 9:35 scan: judge every symbol's opening range and plan the signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import Session as Transaction

from engine.actions.trading_settings import InForce, settings_in_force
from engine.desk import Desk
from engine.jobs.fetch_progress import Progress
from engine.jobs.opening_history import keep_volumes
from engine.journal import correlation, record
from engine.market_hours import Session
from engine.rules.prices import protective_stop, stop_order_price
from engine.rules.risk import LATE_AFTER
from engine.rules.scan import UniverseColumns, candidates, no_universe, scan
from engine.rules.scan_rows import Flags, Scan, ScanRow
from models.bulk import columns_by, insert_columns, where
from models.market_data import OpeningRange, UniverseRow
from models.tables import rows
from models.trading import Signal
from models.trading_settings import StrategySettings
from models.vocabulary import RvolBasis, Severity, Side, SignalStatus

JOB = "scan_opening_range"
UNKNOWN = -1.0  # a mean that is not known; there are no negative ones


def scan_opening_range(desk: Desk) -> str | None:
    """Scan once per session, from `scan_at` until entries end; a second run changes nothing.

    Late bars are waited for, without holding up the round: while some are missing and there is
    patience left, nothing is stored and the next round asks again. What is missing then is stale.
    """
    session = desk.session()
    now = desk.clock.now()
    if session is None or not session.scan_at <= now < session.entries_until:
        return None
    with desk.db.read() as tx:
        if is_scanned(tx, session):
            return None
        inforce = settings_in_force(tx)
        universe = load_universe(tx, session)
    if not universe.symbols:
        return None
    looked = judge(desk, session, universe, inforce.strategy)
    if _is_worth_waiting(desk, session, looked, inforce.strategy.scan_patience):
        _tell_progress(desk, session, looked, inforce.strategy.scan_patience)
        return None
    with desk.db.write() as tx:
        planned = _store(tx, desk, session, looked, inforce)
    ranked = int((looked.ranks > 0).sum())
    return f"{len(looked):,} opening ranges, {ranked} ranked, {planned} signals"


def why_no_scan(desk: Desk) -> str | None:
    """Say why there is nothing to scan now; None while bars are waited for."""
    session, now = desk.session(), desk.clock.now()
    if session is None or not session.scan_at <= now < session.entries_until:
        return "Nothing to scan now: the opening range is not over, or entries have ended."
    with desk.db.read() as tx:
        if is_scanned(tx, session):
            return "Today's opening range is scanned."
        if not load_universe(tx, session).symbols:
            return "Nothing to scan: there are no numbers for today yet."
    return None


def load_universe(tx: Transaction, session: Session) -> UniverseColumns:
    """Read the numbers that are valid for a session into columns."""
    table = rows(UniverseRow)
    found = columns_by(
        tx,
        table.c.session,
        {
            "symbols": table.c.symbol,
            "last_close": func.coalesce(table.c.last_close, 0),
            "atr14": func.coalesce(table.c.atr14, 0),
            "avg_volume14": func.coalesce(table.c.avg_volume14, 0.0),
            "mean_opening_volume14": func.coalesce(table.c.mean_opening_volume14, UNKNOWN),
            "complete": cast(table.c.atr14.is_not(None), Integer),
            "tradable": cast(table.c.tradable, Integer),
            "shortable": cast(table.c.shortable, Integer),
        },
        table.c.session == session.day,
    )
    return _universe(found[session.day]) if session.day in found else no_universe()


def _universe(columns: dict[str, Any]) -> UniverseColumns:
    mean = columns["mean_opening_volume14"]
    return UniverseColumns(
        symbols=tuple(columns["symbols"]),
        last_close=columns["last_close"],
        atr14=columns["atr14"],
        avg_volume14=columns["avg_volume14"],
        mean_opening_volume14=np.where(mean == UNKNOWN, np.nan, mean),
        complete=columns["complete"] > 0,
        tradable=columns["tradable"] > 0,
        shortable=columns["shortable"] > 0,
    )


def judge(
    desk: Desk, session: Session, universe: UniverseColumns, strategy: StrategySettings
) -> Scan:
    """Fetch the opening ranges, as far as they have come, and judge every symbol."""
    asked = None if desk.data.is_recorded else candidates(universe, strategy)
    return scan(
        replace(universe, same_feed=desk.daily.feed == desk.data.feed),
        desk.data.opening_range(session, _named(universe.symbols, asked)),
        strategy,
        session_minutes=session.minutes,
        halted=desk.data.halted(session),
        asked=asked,
    )


def _named(symbols: Sequence[str], asked: Flags | None) -> list[str] | None:
    if asked is None:
        return None
    return [symbols[place] for place in asked.nonzero()[0].tolist()]


def _is_worth_waiting(desk: Desk, session: Session, looked: Scan, patience: int) -> bool:
    """Say whether to ask again: for what is missing, or because nothing at all has come."""
    if desk.data.is_recorded or not looked.failures["stale"].any():
        return False
    if not looked.seen.any():
        return True  # the source is down: whatever comes later is late, nothing would be lost
    return desk.clock.now() < session.scan_at + timedelta(seconds=patience)


def _tell_progress(desk: Desk, session: Session, looked: Scan, patience: int) -> None:
    """Say how many bars have come, for whoever watches the page."""
    left = session.scan_at + timedelta(seconds=patience) - desk.clock.now()
    seen, stale = int(looked.seen.sum()), int(looked.failures["stale"].sum())
    with desk.db.write() as tx:
        progress = Progress(desk, JOB, session.day, seen + stale)
        progress.stand(tx, seen, max(0.0, left.total_seconds()))


def is_scanned(tx: Transaction, session: Session) -> bool:
    """Say whether a session's scan is stored."""
    found = select(OpeningRange.symbol).where(OpeningRange.session == session.day).limit(1)
    return tx.execute(found).first() is not None


def _store(tx: Transaction, desk: Desk, session: Session, looked: Scan, inforce: InForce) -> int:
    """Store every row, the volumes for the days to come, and the planned signals."""
    _store_rows(tx, desk, session, looked)
    if not desk.data.is_recorded:
        came = int(looked.seen.sum())
        Progress(desk, JOB, session.day, came).stand(tx, came)
        volumes = dict(zip(looked.symbols, looked.opening.volume.tolist(), strict=True))
        seen = {symbols for symbols, has in zip(looked.symbols, looked.seen, strict=True) if has}
        keep_volumes(
            tx, desk.data.feed, session.day, {s: v for s, v in volumes.items() if s in seen}
        )
    return _plan(tx, desk, session, looked, inforce)


def _store_rows(tx: Transaction, desk: Desk, session: Session, looked: Scan) -> None:
    seen, known = looked.seen.tolist(), looked.known.tolist()
    has_rvol = looked.has_rvol.tolist()
    basis = np.where(looked.has_history, RvolBasis.OPENING_RANGE, RvolBasis.DAILY_VOLUME)
    insert_columns(
        tx,
        OpeningRange,
        session=session.day,
        symbol=looked.symbols,
        open=where(seen, looked.opening.open),
        high=where(seen, looked.opening.high),
        low=where(seen, looked.opening.low),
        close=where(seen, looked.opening.close),
        volume=looked.opening.volume,
        direction=looked.direction,
        rvol=where(has_rvol, looked.rvol),
        rvol_basis=where(has_rvol, basis),
        atr14=where(known, looked.atr14),
        avg_volume14=where(known, looked.avg_volume14),
        rank=where((looked.ranks > 0).tolist(), looked.ranks),
        passed=looked.passed,
        failed=looked.failed,
        entry_level=where((looked.direction != 0).tolist(), looked.entry_level),
        stop_distance=where(known, looked.stop_distance),
        feed=desk.data.feed,
        scanned_at=desk.clock.now(),
    )


def _plan(tx: Transaction, desk: Desk, session: Session, looked: Scan, inforce: InForce) -> int:
    """Turn the symbols that passed every filter into planned signals, best rank first."""
    passed = looked.signals()
    late = desk.clock.now() - session.scan_at > LATE_AFTER
    for row in passed:
        tx.add(planned_signal(desk, session, row, inforce, late=late))
    stale = int(looked.failures["stale"].sum())
    record(
        tx,
        desk.clock.now(),
        "scan",
        f"session:{session.day}",
        severity=Severity.WARNING if late else Severity.INFO,
        text=f"Scanned {len(looked):,} symbols{' late' if late else ''}: {len(passed)} signals",
        symbols=[row.symbol for row in passed],
        late=late,
        stale=stale,
        feed=desk.data.feed,
    )
    return len(passed)


def planned_signal(
    desk: Desk, session: Session, row: ScanRow, inforce: InForce, *, late: bool
) -> Signal:
    """Make the signal of a row that passed every filter; the caller stores it."""
    side = Side.LONG if row.direction > 0 else Side.SHORT
    tick = inforce.strategy.tick_size
    if row.entry_level is None or row.stop_distance is None or row.rvol is None:
        raise ValueError(f"{row.symbol} passed the filters without numbers")
    level = stop_order_price(row.entry_level, side.entry, tick)
    now = desk.clock.now()
    return Signal(
        account=desk.account,
        session=session.day,
        symbol=row.symbol,
        side=side,
        rank=row.rank,
        rvol=row.rvol,
        confidence=confidence(row.rvol),
        entry_level=level,
        stop_distance=row.stop_distance,
        planned_stop=protective_stop(side, level, row.stop_distance, tick),
        quantity=0,
        status=SignalStatus.PLANNED,
        late=late,
        feed=desk.data.feed,
        strategy_version=inforce.strategy_version,
        risk_version=inforce.risk_version,
        correlation_id=f"{correlation.get()}-{row.symbol}",
        created_at=now,
        updated_at=now,
    )


def confidence(rvol: float) -> float:
    """Return a figure between 0 and 1 that rises with relative volume: RVOL / (1 + RVOL)."""
    return rvol / (1 + rvol)
