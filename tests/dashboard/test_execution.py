"""What finished trades are measured by: the spread of values, and the steps of their entries."""

from datetime import date, timedelta

import numpy as np
import pytest

from dashboard.queries.execution import days_traded, latencies
from dashboard.queries.finished import finished
from dashboard.queries.signal_chain import SignalFilter, chain_rows
from dashboard.queries.spreads import spread, spread_of, spreads
from dashboard.queries.trades import TradeFilter
from engine.desk import Desk
from tests.dashboard import builders

NAN = float("nan")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([7], (7, 7, 7)),
        ([1, 2, 9], (2, 9, 9)),
        ([4, 1, 3, 2], (2.5, 4, 4)),  # between the two in the middle
        (range(1, 101), (50.5, 95, 100)),
        ([], (None, None, None)),
    ],
)
def test_a_spread_is_told_by_its_middle_and_values_that_were_measured(
    values: list[float], told: tuple[float | None, ...]
) -> None:
    found = spread(values)
    assert (found.median, found.p95, found.worst) == told


def test_what_was_not_measured_has_no_part_in_a_spread() -> None:
    assert spread_of(np.array([NAN, 3, 1, NAN, 2, 4])) == spread([1, 2, 3, 4])


def test_spreads_by_name_are_those_of_each_name_alone() -> None:
    values = [3.0, NAN, 1.0, 2.0, 9.0, 4.0]
    found = spreads(["b", "a", "b", "b", "c", "b"], np.array(values))
    assert found == {"b": spread([3, 1, 2, 4]), "c": spread([9])}


def test_nothing_measured_has_no_spread() -> None:
    assert spreads([], np.empty(0)) == {}


def test_a_day_is_told_by_the_middle_of_its_slippage_and_all_its_seconds(desk: Desk) -> None:
    risk = {"stop_distance": builders.D(1)}
    for symbol, level in (("AMD", "49.90"), ("NVDA", "49.60"), ("TSLA", None)):
        known = {"entry_level": builders.D(level), **risk} if level else {}
        builders.add_closed(desk, symbol, "1", naked_seconds=1.5, **known)
    builders.add_closed(desk, "AMD", "1", session=date(2026, 11, 18))
    with desk.db.read() as tx:
        before, today = days_traded(finished(tx, desk, TradeFilter()))
    assert (before.trades, before.slippage_r, before.unprotected) == (1, None, 0)
    assert (today.trades, today.slippage_r, today.unprotected) == (3, 0.25, 4.5)


def test_an_order_in_many_fills_waited_for_the_first_of_them_alone(desk: Desk) -> None:
    trade = builders.add_chain(desk, "NVDA")  # filled after 12.5 s
    order = builders.order_of(desk, trade)
    for number, seconds in enumerate((-4.0, 20.0)):  # the earliest was told of later
        filled_at = trade.opened_at + timedelta(seconds=seconds)
        fill = builders.fill_of(order, filled_at)
        fill.execution_id = f"part-{number}"
        builders.add(desk, fill)
    with desk.db.read() as tx:
        took = latencies(tx, desk, TradeFilter())
        [signalled] = chain_rows(tx, desk, SignalFilter(), offset=0, limit=9)
    assert spread_of(took.order_to_fill) == spread([8.5])
    assert signalled.to_fill == 8.5
    assert spread_of(took.order_to_answer).count == 1
    assert spread_of(took.fill_to_books).count == 3
