"""What the market itself did over the same days, where its daily bars are present."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from engine.desk import Desk
from models.market_data import DailyBar

BENCHMARK = "SPY"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The benchmark's return at the close of each known day, since the close before the first."""

    days: Sequence[date]
    returns: Sequence[float]


def comparison(tx: Transaction, desk: Desk, days: Sequence[date]) -> Comparison | None:
    """Return how the benchmark did over sessions, None where it is not known well enough."""
    if not days:
        return None
    before = [session.day for session in desk.hours.previous_sessions(days[0], 1)]
    chosen = select(DailyBar.session, DailyBar.close).where(
        DailyBar.symbol == BENCHMARK, DailyBar.session.in_([*before, *days])
    )
    closes = {row.session: row.close for row in tx.execute(chosen)}
    if before[0] not in closes or len(closes) == 1:
        return None  # without the close before, the first day's own move would be left out
    start = closes.pop(before[0])
    known = sorted(closes)
    return Comparison(known, [float(closes[day] / start) - 1 for day in known])
