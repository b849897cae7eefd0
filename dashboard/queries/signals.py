"""Today's signals and opening ranges, with the reasons for what was not traded."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, nulls_last, select
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.pages import record_of
from dashboard.queries.records import CandidateRecord, SignalRecord
from engine.desk import Desk
from models.market_data import OpeningRange
from models.trading import Signal

SHOWN_RANGES = 500

signal_record = record_of(SignalRecord)
range_record = record_of(CandidateRecord)


def signal_rows(tx: Transaction, desk: Desk, session: date | None) -> list[SignalRecord]:
    """Return a session's signals by rank."""
    if session is None:
        return []
    chosen = select(Signal).where(Signal.session == session, Signal.account == desk.account)
    return [signal_record(row) for row in tx.scalars(chosen.order_by(Signal.rank))]


def range_rows(tx: Transaction, session: date | None) -> list[CandidateRecord]:
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
    return [range_record(row) for row in tx.scalars(chosen)]


def newest_ranged(tx: Transaction, first: date | None, last: date | None) -> date | None:
    """Return the last session of a period that has opening ranges."""
    chosen = select(func.max(OpeningRange.session))
    if first is not None:
        chosen = chosen.where(OpeningRange.session >= first)
    if last is not None:
        chosen = chosen.where(OpeningRange.session <= last)
    return tx.scalar(chosen)


def range_of(tx: Transaction, session: date, symbol: str) -> CandidateRecord | None:
    """Return one symbol's opening range in a session."""
    found = tx.get(OpeningRange, (session, symbol))
    return range_record(found) if found else None


def scanned_at(tx: Transaction, session: date | None) -> datetime | None:
    """Return when a session was last scanned."""
    if session is None:
        return None
    chosen = select(OpeningRange.scanned_at).where(OpeningRange.session == session).limit(1)
    return tx.scalar(chosen)
