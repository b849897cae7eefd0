"""Performance numbers of trades and days, with the conventions of each formula.

Returns are those of days: P&L / starting equity. Ratios are annualised with 252 sessions and a
risk-free rate of 0, deviations with n - 1 (Sharpe) and over all days (Sortino, target 0).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from statistics import fmean, stdev
from typing import NamedTuple

from models.money import ZERO, exact

SESSIONS_A_YEAR = 252
LEAST_DAYS = 2  # of either ratio: of one day there is nothing to be said


class TradeResult(NamedTuple):
    """What counts of a closed trade. `risk` is what its stop would have cost, None if unknown."""

    pnl: Decimal
    risk: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeNumbers:
    """A list of trades in figures; None where the list gives none."""

    trades: int
    total: Decimal
    win_rate: float | None  # winners / all trades; a trade of exactly 0 is not a winner
    average_win: Decimal | None
    average_loss: Decimal | None  # negative
    profit_factor: float | None  # gains / losses; None without a loss
    expectancy_r: float | None  # mean of P&L / risk


@dataclass(frozen=True, slots=True, kw_only=True)
class DayNumbers:
    """A list of days in figures."""

    sharpe: float | None  # mean / standard deviation x sqrt(252); needs two days
    sortino: float | None  # mean / root mean square of the negative returns x sqrt(252); as above
    max_drawdown: Decimal  # greatest fall of the equity from its peak, in dollars
    max_drawdown_part: float | None  # the greatest as a part of its peak; None: equity not known


def trade_numbers(results: Sequence[TradeResult]) -> TradeNumbers:
    """Describe closed trades."""
    wins = [r.pnl for r in results if r.pnl > 0]
    losses = [r.pnl for r in results if r.pnl < 0]
    multiples = [float(r.pnl / r.risk) for r in results if r.risk]
    return TradeNumbers(
        trades=len(results),
        total=sum((r.pnl for r in results), ZERO),
        win_rate=len(wins) / len(results) if results else None,
        average_win=_mean(wins),
        average_loss=_mean(losses),
        profit_factor=float(sum(wins) / -sum(losses)) if losses else None,
        expectancy_r=fmean(multiples) if multiples else None,
    )


def day_numbers(returns: Sequence[float], equity: Sequence[Decimal]) -> DayNumbers:
    """Describe days by their returns, and by the equity before the first and after each."""
    return DayNumbers(
        sharpe=sharpe(returns),
        sortino=sortino(returns),
        max_drawdown=max_drawdown(equity),
        max_drawdown_part=max_drawdown_part(equity),
    )


def sharpe(returns: Sequence[float]) -> float | None:
    """Return the annualised Sharpe ratio of daily returns, None if they do not vary."""
    if len(returns) < LEAST_DAYS or not (deviation := stdev(returns)):
        return None
    return fmean(returns) / deviation * math.sqrt(SESSIONS_A_YEAR)


def sortino(returns: Sequence[float]) -> float | None:
    """Return the annualised Sortino ratio of daily returns, None without a losing day."""
    if len(returns) < LEAST_DAYS:
        return None
    downside = math.sqrt(fmean([min(r, 0.0) ** 2 for r in returns]))
    return fmean(returns) / downside * math.sqrt(SESSIONS_A_YEAR) if downside else None


def max_drawdown(equity: Sequence[Decimal]) -> Decimal:
    """Return the greatest fall from a peak, as a positive amount."""
    worst, peak = ZERO, None
    for value in equity:
        peak = value if peak is None else max(peak, value)
        worst = max(worst, peak - value)
    return worst


def max_drawdown_part(equity: Sequence[Decimal]) -> float | None:
    """Return the greatest fall as a part of the peak before it, None without equity to fall."""
    if not equity or equity[0] <= 0:
        return None
    peaks = accumulate(equity, max)
    return max(float((peak - value) / peak) for peak, value in zip(peaks, equity, strict=True))


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    return exact(sum(values, ZERO) / len(values)) if values else None
