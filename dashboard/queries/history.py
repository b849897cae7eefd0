"""What finished trades came to, by day and in figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.benchmark import Comparison, comparison
from dashboard.queries.trades import TradeFilter, matching
from dashboard.queries.versions import in_force
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
    is_finished: bool  # its books are closed: only then it counts in the ratios


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
        return self._part(self.trades.total)

    def return_until(self, last: date) -> float | None:
        """Return the same of the days up to one of them."""
        return self._part(sum((day.pnl for day in self.days if day.day <= last), ZERO))

    def _part(self, pnl: Decimal) -> float | None:
        return float(pnl / self.start) if self.start else None


class _Opened(NamedTuple):
    """A session's beginning."""

    equity: Decimal | None
    is_over: bool


NOT_KEPT = _Opened(None, is_over=False)


def closed_only(wanted: TradeFilter) -> TradeFilter:
    """Return the same filter for finished trades alone: only they have a result."""
    return replace(wanted, status=TradeStatus.CLOSED)


def history_view(tx: Transaction, desk: Desk, wanted: TradeFilter) -> HistoryView:
    """Return what a filter's finished trades came to.

    Every finished session of the period counts in the ratios, those without such a trade with 0;
    of a version only those in which it was in force.
    """
    by_day: defaultdict[date, list[TradeResult]] = defaultdict(list)
    for day, result in _results(tx, desk, wanted):
        by_day[day].append(result)
    days = _days(by_day, _starting_equity(tx, desk, wanted, by_day))
    returns = [
        float(day.pnl / day.starting_equity)
        for day in days
        if day.is_finished and day.starting_equity
    ]
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
        (session, TradeResult(pnl=pnl, risk=(stop_distance or ZERO) * quantity))
        for session, pnl, stop_distance, quantity in rows
    ]


def _starting_equity(
    tx: Transaction, desk: Desk, wanted: TradeFilter, traded: Collection[date]
) -> dict[date, _Opened]:
    """Return the account's equity at the open of each session that counts, and if it is over.

    A version counts while it was in force, and wherever it traded: a scan by hand may be late.
    """
    first, last = in_force(tx, desk, wanted)
    first, last = min([first, *traded]), max([last, *traded])
    opened = _today(tx, desk, wanted) | _finished(tx, desk, wanted)
    return {day: each for day, each in opened.items() if first <= day <= last}


def _finished(tx: Transaction, desk: Desk, wanted: TradeFilter) -> dict[date, _Opened]:
    chosen = select(DailyMetrics.session, DailyMetrics.starting_equity).where(
        DailyMetrics.account == desk.account
    )
    if wanted.first is not None:
        chosen = chosen.where(DailyMetrics.session >= wanted.first)
    if wanted.last is not None:
        chosen = chosen.where(DailyMetrics.session <= wanted.last)
    return {row.session: _Opened(row.starting_equity, is_over=True) for row in tx.execute(chosen)}


def _today(tx: Transaction, desk: Desk, wanted: TradeFilter) -> dict[date, _Opened]:
    """Return the session that is running or coming: its equity is in the account."""
    now = tx.get(AccountNow, desk.account)
    if now is None or now.session is None:
        return {}
    is_wanted = (wanted.first or now.session) <= now.session <= (wanted.last or now.session)
    return {now.session: _Opened(now.starting_equity, is_over=False)} if is_wanted else {}


def _days(
    by_day: Mapping[date, Sequence[TradeResult]], opened: Mapping[date, _Opened]
) -> list[DayResult]:
    sessions = sorted({*by_day, *opened})
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
            starting_equity=opened.get(day, NOT_KEPT).equity,
            is_finished=opened.get(day, NOT_KEPT).is_over,
        )
        for day, pnl, total, peak in zip(sessions, pnls, totals, peaks, strict=True)
    ]
