"""What the market itself did over the same days, where its daily bars are present."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from engine.desk import Desk
from models.market_data import BENCHMARK, DailyBar


@dataclass(frozen=True, slots=True)
class Comparison:
    """The benchmark's return at the close of each known day, since the close before the first."""

    days: Sequence[date]  # none where the close before the first is not known
    returns: Sequence[float]
    begins: date | None  # the first of the days, or the one before them, whose close is known


def comparison(tx: Transaction, desk: Desk, days: Sequence[date]) -> Comparison | None:
    """Return how the benchmark did over sessions, as far as it is known; None without sessions."""
    if not days:
        return None
    before = [session.day for session in desk.hours.previous_sessions(days[0], 1)]
    chosen = select(DailyBar.session, DailyBar.close).where(
        DailyBar.symbol == BENCHMARK, DailyBar.session.in_([*before, *days])
    )
    closes = {row.session: row.close for row in tx.execute(chosen)}
    begins = min(closes, default=None)
    if before[0] not in closes:  # without it, the first day's own move would be left out
        return Comparison([], [], begins)
    start = closes.pop(before[0])
    known = sorted(closes)
    return Comparison(known, [float(closes[day] / start) - 1 for day in known], begins)
