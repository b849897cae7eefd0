"""The 9:35 scan: judge every symbol's opening range and plan the signals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import insert, select
from sqlalchemy.orm import Session as Transaction

from engine.actions.trading_settings import InForce, settings_in_force
from engine.desk import Desk
from engine.journal import correlation, record
from engine.market_hours import Session
from engine.rules.prices import protective_stop, stop_order_price
from engine.rules.risk import LATE_AFTER
from engine.rules.scan import ScanRow, UniverseColumns, scan
from models.market_data import OpeningRange, UniverseRow
from models.money import ZERO, to_micros
from models.tables import rows as table
from models.trading import Signal
from models.vocabulary import Severity, Side, SignalStatus


def scan_opening_range(desk: Desk) -> str | None:
    """Scan once per session, from `scan_at` until entries end; a second run changes nothing."""
    session = desk.session()
    now = desk.clock.now()
    if session is None or not session.scan_at <= now < session.entries_until:
        return None
    with desk.db.read() as tx:
        if _is_scanned(tx, session):
            return None
        universe = load_universe(tx, session)
        inforce = settings_in_force(tx)
    if not universe.symbols:
        return None
    rows = scan(
        universe,
        desk.data.opening_range(session),
        inforce.strategy,
        session_minutes=session.minutes,
        halted=desk.data.halted(session),
    )
    with desk.db.write() as tx:
        tx.execute(
            insert(table(OpeningRange)), [_opening_range(desk, session, row) for row in rows]
        )
        planned = _plan(tx, desk, session, rows, inforce)
    ranked = sum(1 for row in rows if row.rank)
    return f"{len(rows):,} opening ranges, {ranked} ranked, {planned} signals"


def load_universe(tx: Transaction, session: Session) -> UniverseColumns:
    """Read the numbers that are valid for a session into columns."""
    rows = tx.scalars(
        select(UniverseRow).where(UniverseRow.session == session.day).order_by(UniverseRow.symbol)
    ).all()
    return UniverseColumns(
        symbols=tuple(row.symbol for row in rows),
        last_close=np.array([to_micros(r.last_close or ZERO) for r in rows], dtype=np.int64),
        atr14=np.array([to_micros(r.atr14 or ZERO) for r in rows], dtype=np.int64),
        avg_volume14=np.array([r.avg_volume14 or 0.0 for r in rows], dtype=np.float64),
        mean_opening_volume14=np.array(
            [np.nan if (m := r.mean_opening_volume14) is None else m for r in rows],
            dtype=np.float64,
        ),
        complete=np.array(["history" not in r.failed for r in rows], dtype=np.bool_),
        tradable=np.array([r.tradable for r in rows], dtype=np.bool_),
        shortable=np.array([r.shortable for r in rows], dtype=np.bool_),
    )


def _is_scanned(tx: Transaction, session: Session) -> bool:
    found = select(OpeningRange.symbol).where(OpeningRange.session == session.day).limit(1)
    return tx.execute(found).first() is not None


def _opening_range(desk: Desk, session: Session, row: ScanRow) -> dict[str, Any]:
    return {
        "session": session.day,
        "symbol": row.symbol,
        "open": row.open,
        "high": row.high,
        "low": row.low,
        "close": row.close,
        "volume": row.volume,
        "direction": row.direction,
        "rvol": row.rvol,
        "rvol_basis": row.rvol_basis,
        "atr14": row.atr14,
        "avg_volume14": row.avg_volume14,
        "rank": row.rank,
        "passed": row.passed,
        "failed": list(row.failed),
        "entry_level": row.entry_level,
        "stop_distance": row.stop_distance,
        "feed": desk.data.feed,
        "scanned_at": desk.clock.now(),
    }


def _plan(
    tx: Transaction, desk: Desk, session: Session, rows: Sequence[ScanRow], inforce: InForce
) -> int:
    """Turn the symbols that passed every filter into planned signals, best rank first."""
    passed = sorted((row for row in rows if row.passed), key=lambda row: row.rank or 0)
    late = desk.clock.now() - session.scan_at > LATE_AFTER
    for row in passed:
        tx.add(_signal(desk, session, row, inforce, late=late))
    record(
        tx,
        desk.clock.now(),
        "scan",
        f"session:{session.day}",
        severity=Severity.WARNING if late else Severity.INFO,
        text=f"Scanned {len(rows):,} symbols{' late' if late else ''}: {len(passed)} signals",
        symbols=[row.symbol for row in passed],
        late=late,
        feed=desk.data.feed,
    )
    return len(passed)


def _signal(desk: Desk, session: Session, row: ScanRow, inforce: InForce, *, late: bool) -> Signal:
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
