"""Where our books and the broker's differed, and how each day's P&L ties to the broker's equity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from engine.desk import Desk
from models.accounts import DailyMetrics
from models.reconciliation import DifferenceRow
from models.vocabulary import DifferenceStatus

SHOWN = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceLine:
    """One difference, from when it was first seen to how it ended."""

    id: int
    code: str
    symbol: str
    sentence: str
    status: DifferenceStatus
    resolution: str | None  # what was done by rule
    found_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    seconds: float | None  # from found to ended; None while it stands


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTie:
    """One day: our fills against the broker's equity."""

    session: date
    starting_equity: Decimal
    ending_equity: Decimal
    change: Decimal  # of the broker's equity
    pnl: Decimal  # from our fills
    residual: Decimal  # what the fills do not explain
    trades: int
    naked_seconds: float
    flat: bool
    reconciled: bool


def difference_lines(tx: Transaction, desk: Desk) -> list[DifferenceLine]:
    """Return the newest differences, those that stand first."""
    chosen = (
        select(DifferenceRow)
        .where(DifferenceRow.account == desk.account)
        .order_by(DifferenceRow.ended_at.is_not(None), DifferenceRow.found_at.desc())
        .limit(SHOWN)
    )
    return [_line(row) for row in tx.scalars(chosen)]


def day_ties(tx: Transaction, desk: Desk) -> list[DayTie]:
    """Return the newest finished days."""
    chosen = (
        select(DailyMetrics)
        .where(DailyMetrics.account == desk.account)
        .order_by(DailyMetrics.session.desc())
        .limit(SHOWN)
    )
    return [_tie(row) for row in tx.scalars(chosen)]


def _line(row: DifferenceRow) -> DifferenceLine:
    stood = row.ended_at - row.found_at if row.ended_at else None
    return DifferenceLine(
        id=row.id,
        code=row.code,
        symbol=row.symbol,
        sentence=row.sentence,
        status=row.status,
        resolution=row.resolution,
        found_at=row.found_at,
        seen_at=row.seen_at,
        ended_at=row.ended_at,
        seconds=stood.total_seconds() if stood else None,
    )


def _tie(row: DailyMetrics) -> DayTie:
    return DayTie(
        session=row.session,
        starting_equity=row.starting_equity,
        ending_equity=row.ending_equity,
        change=row.ending_equity - row.starting_equity,
        pnl=row.pnl,
        residual=row.residual,
        trades=row.trades,
        naked_seconds=row.naked_seconds,
        flat=row.flat,
        reconciled=row.reconciled,
    )
