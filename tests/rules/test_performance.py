"""Performance numbers, by hand and against numpy."""

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.rules.performance import (
    DayNumbers,
    TradeResult,
    day_numbers,
    max_drawdown,
    max_drawdown_part,
    sharpe,
    sortino,
    trade_numbers,
)

RETURNS = st.lists(st.floats(-0.2, 0.2).map(lambda r: round(r, 6)), min_size=2, max_size=40)


def results(*pairs: tuple[int, int | None]) -> list[TradeResult]:
    return [TradeResult(pnl=Decimal(p), risk=None if r is None else Decimal(r)) for p, r in pairs]


# ---------------------------------------------------------------------------- trades
def test_trades_are_described_by_hand() -> None:
    """Two winners of 300 and 100, a loser of 100, one that came to nothing; each risked 100."""
    numbers = trade_numbers(results((300, 100), (100, 100), (-100, 100), (0, 100)))
    assert (numbers.trades, numbers.total, numbers.win_rate) == (4, Decimal(300), 0.5)
    assert (numbers.average_win, numbers.average_loss) == (Decimal(200), Decimal(-100))
    assert (numbers.profit_factor, numbers.expectancy_r) == (4.0, 0.75)


def test_no_trades_have_no_figures() -> None:
    numbers = trade_numbers([])
    assert (numbers.trades, numbers.total) == (0, Decimal(0))
    assert (numbers.win_rate, numbers.profit_factor, numbers.expectancy_r) == (None, None, None)
    assert (numbers.average_win, numbers.average_loss) == (None, None)


def test_winners_alone_have_no_profit_factor() -> None:
    numbers = trade_numbers(results((10, None)))
    assert (numbers.win_rate, numbers.profit_factor, numbers.average_loss) == (1.0, None, None)


def test_losers_alone_have_a_profit_factor_of_nothing() -> None:
    assert trade_numbers(results((-10, None))).profit_factor == 0.0


def test_a_trade_of_unknown_risk_does_not_count_in_the_expectancy() -> None:
    assert trade_numbers(results((300, 100), (500, None), (500, 0))).expectancy_r == 3.0


# ---------------------------------------------------------------------------- days
def test_the_sharpe_ratio_by_hand() -> None:
    """Mean 0.01, deviations of 0.01 each way, n - 1 = 1: a deviation of sqrt(2) x 0.01."""
    assert sharpe([0.0, 0.02]) == pytest.approx(math.sqrt(252 / 2))


@given(RETURNS)
def test_the_sharpe_ratio_is_numpys(returns: list[float]) -> None:
    deviation = float(np.std(returns, ddof=1))
    assume(deviation > 1e-7)
    assert sharpe(returns) == pytest.approx(np.mean(returns) / deviation * math.sqrt(252))


@pytest.mark.parametrize("returns", [[], [0.01], [0.01, 0.01, 0.01], [0.1, 0.1, 0.1]])
def test_without_variation_there_is_no_sharpe_ratio(returns: list[float]) -> None:
    assert sharpe(returns) is None


def test_the_sortino_ratio_by_hand() -> None:
    """Mean 0.01; downside sqrt((0.01^2 + 0) / 2)."""
    assert sortino([-0.01, 0.03]) == pytest.approx(0.01 / (0.01 / math.sqrt(2)) * math.sqrt(252))


@given(RETURNS)
def test_the_sortino_ratio_is_numpys(returns: list[float]) -> None:
    downside = float(np.sqrt(np.mean(np.minimum(returns, 0) ** 2)))
    assume(downside > 1e-7)
    assert sortino(returns) == pytest.approx(np.mean(returns) / downside * math.sqrt(252))


@pytest.mark.parametrize("returns", [[], [0.01, 0.02], [0.0]])
def test_without_a_losing_day_there_is_no_sortino_ratio(returns: list[float]) -> None:
    assert sortino(returns) is None


def test_of_a_single_day_there_is_neither_ratio() -> None:
    assert (sharpe([-0.01]), sortino([-0.01])) == (None, None)


@pytest.mark.parametrize(
    ("equity", "fall"),
    [
        ([], 0),
        ([100], 0),
        ([100, 110, 120], 0),
        ([100, 90, 95, 80, 130], 20),
        ([100, 130, 100, 140, 120], 30),  # the deeper fall, not the later one
        ([100, 50], 50),
    ],
)
def test_the_drawdown_is_the_deepest_fall_from_a_peak(equity: list[int], fall: int) -> None:
    assert max_drawdown([Decimal(e) for e in equity]) == fall


@given(st.lists(st.integers(-1000, 1000), max_size=20))
def test_the_drawdown_is_numpys(equity: list[int]) -> None:
    falls = np.maximum.accumulate(equity) - equity if equity else np.zeros(1)
    assert max_drawdown([Decimal(e) for e in equity]) == int(max(falls))


@pytest.mark.parametrize(
    ("equity", "part"),
    [
        ([], None),
        ([0, 100, 50], None),  # the equity was not kept: gains and losses alone are no peak
        ([100, 110], 0.0),
        ([100, 50, 200, 140], 0.5),  # 60 dollars were more, but a smaller part
    ],
)
def test_a_fall_is_a_part_of_the_peak_that_it_was_from(
    equity: list[int], part: float | None
) -> None:
    assert max_drawdown_part([Decimal(e) for e in equity]) == part


def test_days_are_described_together() -> None:
    numbers = day_numbers([0.0, 0.02], [Decimal(100), Decimal(102)])
    assert numbers == DayNumbers(
        sharpe=sharpe([0.0, 0.02]),
        sortino=None,
        max_drawdown=Decimal(0),
        max_drawdown_part=0.0,
    )
