"""ATR(14) and average volume(14) by hand and against a plain loop over random bars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.rules.daily_numbers import SESSIONS_NEEDED, daily_numbers, true_range
from models.market import DailyColumns

FIRST = date(2026, 1, 5)


@dataclass(frozen=True)
class Day:
    """One daily bar; prices in millionths."""

    high: int
    low: int
    close: int
    volume: int
    present: bool = True


def columns(rows: dict[str, list[Day]]) -> DailyColumns:
    def of(name: str, kind: type = np.int64) -> np.ndarray:
        return np.array([[getattr(d, name) for d in days] for days in rows.values()], dtype=kind)

    count = len(next(iter(rows.values())))
    return DailyColumns(
        symbols=tuple(rows),
        sessions=tuple(FIRST + timedelta(days=n) for n in range(count)),
        open=of("close"),
        high=of("high"),
        low=of("low"),
        close=of("close"),
        volume=of("volume"),
        present=of("present", np.bool_),
    )


def flat(count: int, volume: int = 100) -> list[Day]:
    """Days of a true range of 2 each."""
    return [Day(high=11, low=9, close=10, volume=volume)] * count


@pytest.mark.parametrize(
    ("high", "low", "previous", "expected"),
    [
        (12, 10, 11, 2),  # inside: the day's own range
        (15, 13, 11, 4),  # gap up: from the close before to the high
        (9, 7, 11, 4),  # gap down: from the close before to the low
        (11, 11, 11, 0),
    ],
)
def test_the_true_range_counts_the_gap(high: int, low: int, previous: int, expected: int) -> None:
    found = true_range(np.array([high]), np.array([low]), np.array([previous]))
    assert found.tolist() == [expected]


def test_fifteen_equal_days_have_their_range_as_atr() -> None:
    numbers = daily_numbers(columns({"AAA": flat(15)}))
    assert (numbers.atr14.tolist(), numbers.avg_volume14.tolist()) == ([2], [100])
    assert (numbers.last_close.tolist(), numbers.complete.tolist()) == ([10], [True])


def test_fourteen_days_are_not_enough() -> None:
    numbers = daily_numbers(columns({"AAA": flat(14)}))
    assert (numbers.complete.tolist(), numbers.atr14.tolist()) == ([False], [0])


def test_a_day_that_is_missing_makes_the_symbol_incomplete() -> None:
    gap = [*flat(7), Day(0, 0, 0, 0, present=False), *flat(7)]
    numbers = daily_numbers(columns({"AAA": gap, "BBB": flat(15)}))
    assert numbers.complete.tolist() == [False, True]


def test_a_day_that_was_missing_sixteen_sessions_ago_is_forgotten() -> None:
    old = [Day(0, 0, 0, 0, present=False), *flat(15)]
    assert daily_numbers(columns({"AAA": old})).complete.tolist() == [True]


def test_the_oldest_session_gives_its_close_and_not_its_volume() -> None:
    days = [Day(high=99, low=1, close=4, volume=999), *flat(14)]
    numbers = daily_numbers(columns({"AAA": days}))
    first_range = 11 - 4
    assert numbers.atr14.tolist() == [round((first_range + 13 * 2) / 14)]
    assert numbers.avg_volume14.tolist() == [100]


@st.composite
def random_days(draw: st.DrawFn) -> list[Day]:
    price = st.integers(1, 10**9)
    count = draw(st.integers(SESSIONS_NEEDED, SESSIONS_NEEDED + 3))
    days = []
    for _ in range(count):
        low, close, high = sorted(draw(st.tuples(price, price, price)))
        days.append(Day(high, low, close, draw(st.integers(0, 10**9))))
    return days


@settings(max_examples=50)
@given(random_days())
def test_random_days_come_to_what_a_plain_loop_finds(days: list[Day]) -> None:
    numbers = daily_numbers(columns({"AAA": days}))
    last = days[-15:]
    ranges = [
        max(day.high - day.low, abs(day.high - before.close), abs(day.low - before.close))
        for before, day in pairwise(last)
    ]
    assert abs(int(numbers.atr14[0]) - Fraction(sum(ranges), 14)) <= Fraction(1, 2)
    assert numbers.avg_volume14[0] == sum(d.volume for d in last[1:]) / 14
