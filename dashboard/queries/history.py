"""What finished trades came to, by day and in figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import accumulate

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.benchmark import Comparison, comparison
from dashboard.queries.trades import TradeFilter, matching
from engine.desk import Desk
from engine.rules.performance import (
    DayNumbers,
    TradeNumbers,
    TradeResult,
    day_numbers,
    trade_numbers,
)
from models.accounts import AccountNow, DailyMetrics
from models.money import ZERO
from models.trading import Trade
from models.vocabulary import TradeStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class DayResult:
    """One session of the chosen trades; `cumulative` and `drawdown` are those at its end."""

    day: date
    pnl: Decimal
    trades: int
    cumulative: Decimal
    drawdown: Decimal  # below the highest cumulative P&L so far: 0 or negative
    starting_equity: Decimal | None  # of the whole account; None when it was not kept


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryView:
    """A period in figures and day by day."""

    days: Sequence[DayResult]
    trades: TradeNumbers
    ratios: DayNumbers
    benchmark: Comparison | None
    start: Decimal  # equity before the first day; 0 where it was not kept

    @property
    def total_return(self) -> float | None:
        """Return the P&L as a part of the equity before the first day."""
        return float(self.trades.total / self.start) if self.start else None


def closed_only(wanted: TradeFilter) -> TradeFilter:
    """Return the same filter for finished trades alone: only they have a result."""
    return replace(wanted, status=TradeStatus.CLOSED)


def history_view(tx: Transaction, desk: Desk, wanted: TradeFilter) -> HistoryView:
    """Return what a filter's finished trades came to.

    Every session of the period counts in the ratios, those without such a trade with 0.
    """
    by_day: defaultdict[date, list[TradeResult]] = defaultdict(list)
    for day, result in _results(tx, desk, wanted):
        by_day[day].append(result)
    equity = _starting_equity(tx, desk, wanted)
    days = _days(by_day, equity)
    returns = [float(day.pnl / day.starting_equity) for day in days if day.starting_equity]
    start = next((day.starting_equity for day in days if day.starting_equity), None) or ZERO
    return HistoryView(
        days=days,
        trades=trade_numbers([result for results in by_day.values() for result in results]),
        ratios=day_numbers(returns, [start, *(start + day.cumulative for day in days)]),
        benchmark=comparison(tx, desk, [day.day for day in days]),
        start=start,
    )


def _results(tx: Transaction, desk: Desk, wanted: TradeFilter) -> list[tuple[date, TradeResult]]:
    chosen = select(Trade.session, Trade.pnl, Trade.stop_distance, Trade.quantity)
    wanted = closed_only(wanted)
    rows = tx.execute(chosen.where(*matching(desk, wanted)).order_by(Trade.id))
    return [
        (row.session, TradeResult(pnl=row.pnl, risk=(row.stop_distance or ZERO) * row.quantity))
        for row in rows
    ]


def _starting_equity(tx: Transaction, desk: Desk, wanted: TradeFilter) -> dict[date, Decimal]:
    """Return the account's equity at the open of each session; today's is in the account."""
    chosen = select(DailyMetrics.session, DailyMetrics.starting_equity).where(
        DailyMetrics.account == desk.account
    )
    if wanted.first is not None:
        chosen = chosen.where(DailyMetrics.session >= wanted.first)
    if wanted.last is not None:
        chosen = chosen.where(DailyMetrics.session <= wanted.last)
    return {row.session: row.starting_equity for row in tx.execute(chosen)} | _today(
        tx, desk, wanted
    )


def _today(tx: Transaction, desk: Desk, wanted: TradeFilter) -> dict[date, Decimal]:
    now = tx.get(AccountNow, desk.account)
    if now is None or now.session is None:
        return {}
    is_wanted = (wanted.first or now.session) <= now.session <= (wanted.last or now.session)
    return {now.session: now.starting_equity} if is_wanted else {}


def _days(
    by_day: Mapping[date, Sequence[TradeResult]], equity: Mapping[date, Decimal]
) -> list[DayResult]:
    sessions = sorted({*by_day, *equity})
    pnls = [sum((result.pnl for result in by_day.get(day, ())), ZERO) for day in sessions]
    totals = list(accumulate(pnls))
    peaks = accumulate(totals, max, initial=ZERO)
    next(peaks)  # the peak before the first day: nothing
    return [
        DayResult(
            day=day,
            pnl=pnl,
            trades=len(by_day.get(day, ())),
            cumulative=total,
            drawdown=total - peak,
            starting_equity=equity.get(day),
        )
        for day, pnl, total, peak in zip(sessions, pnls, totals, peaks, strict=True)
    ]
