"""Today's signals and opening ranges, with the reasons for what was not traded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import nulls_last, select
from sqlalchemy.orm import Session as Transaction

from engine.desk import Desk
from models.market_data import OpeningRange
from models.trading import Signal
from models.vocabulary import RvolBasis, Side, SignalStatus

SHOWN_RANGES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRow:
    """One signal."""

    id: int
    rank: int
    symbol: str
    side: Side
    rvol: float
    confidence: float
    entry_level: Decimal
    planned_stop: Decimal
    quantity: int
    status: SignalStatus
    code: str | None
    sentence: str | None
    late: bool
    feed: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeRow:
    """One symbol's opening range and what the filters said of it."""

    rank: int | None
    symbol: str
    direction: int
    rvol: float | None
    rvol_basis: RvolBasis | None
    atr14: Decimal | None
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    close: Decimal | None
    volume: int
    entry_level: Decimal | None
    stop_distance: Decimal | None
    passed: bool
    failed: Sequence[str]
    feed: str


def signal_rows(tx: Transaction, desk: Desk, session: date | None) -> list[SignalRow]:
    """Return a session's signals by rank."""
    if session is None:
        return []
    chosen = select(Signal).where(Signal.session == session, Signal.account == desk.account)
    return [signal_row(row) for row in tx.scalars(chosen.order_by(Signal.rank))]


def range_rows(tx: Transaction, session: date | None) -> list[RangeRow]:
    """Return a session's opening ranges: the ranked ones, then those nearest to being ranked."""
    if session is None:
        return []
    chosen = (
        select(OpeningRange)
        .where(OpeningRange.session == session)
        .order_by(
            nulls_last(OpeningRange.rank),
            nulls_last(OpeningRange.rvol.desc()),
            OpeningRange.symbol,
        )
        .limit(SHOWN_RANGES)
    )
    return [range_row(row) for row in tx.scalars(chosen)]


def range_of(tx: Transaction, session: date, symbol: str) -> RangeRow | None:
    """Return one symbol's opening range in a session."""
    found = tx.get(OpeningRange, (session, symbol))
    return range_row(found) if found else None


def scanned_at(tx: Transaction, session: date | None) -> datetime | None:
    """Return when a session was last scanned."""
    if session is None:
        return None
    chosen = select(OpeningRange.scanned_at).where(OpeningRange.session == session).limit(1)
    return tx.scalar(chosen)


def signal_row(row: Signal) -> SignalRow:
    """Return a signal as pages show it."""
    return SignalRow(
        id=row.id,
        rank=row.rank,
        symbol=row.symbol,
        side=row.side,
        rvol=row.rvol,
        confidence=row.confidence,
        entry_level=row.entry_level,
        planned_stop=row.planned_stop,
        quantity=row.quantity,
        status=row.status,
        code=row.code,
        sentence=row.sentence,
        late=row.late,
        feed=row.feed,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def range_row(row: OpeningRange) -> RangeRow:
    """Return an opening range as pages show it."""
    return RangeRow(
        rank=row.rank,
        symbol=row.symbol,
        direction=row.direction,
        rvol=row.rvol,
        rvol_basis=row.rvol_basis,
        atr14=row.atr14,
        open=row.open,
        high=row.high,
        low=row.low,
        close=row.close,
        volume=row.volume,
        entry_level=row.entry_level,
        stop_distance=row.stop_distance,
        passed=row.passed,
        failed=row.failed,
        feed=row.feed,
    )
