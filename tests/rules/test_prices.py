"""Stops go away from the position, and by less than a tick."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.prices import protective_stop, stop_order_price, tick_for
from models.money import from_micros
from models.vocabulary import OrderSide, Side

CENT = Decimal("0.01")
PRICES = st.integers(1_000, 10**9).map(from_micros)
DISTANCES = st.integers(1, 10**8).map(from_micros)
TICKS = st.sampled_from([CENT, Decimal("0.05"), Decimal("0.0001"), Decimal(0)])


@given(st.sampled_from(Side), PRICES, DISTANCES, TICKS)
def test_a_protective_stop_moves_away_from_the_position_by_less_than_a_tick(
    side: Side, entry: Decimal, distance: Decimal, tick: Decimal
) -> None:
    exactly = entry - side.sign * distance
    further = side.sign * (exactly - protective_stop(side, entry, distance, tick))
    assert further == 0 or 0 < further < tick_for(exactly, tick)


@given(st.sampled_from(Side), PRICES, DISTANCES)
def test_without_a_tick_a_stop_stays_where_it_was_computed(
    side: Side, entry: Decimal, distance: Decimal
) -> None:
    assert protective_stop(side, entry, distance, Decimal(0)) == entry - side.sign * distance


@pytest.mark.parametrize(
    ("side", "price", "rounded"),
    [
        (OrderSide.SELL, "10.019", "10.01"),
        (OrderSide.BUY, "10.011", "10.02"),
        (OrderSide.SELL, "10.01", "10.01"),
        (OrderSide.BUY, "0.99991", "1.00000"),
        (OrderSide.SELL, "0.99999", "0.9999"),
        (OrderSide.BUY, "1.001", "1.01"),
    ],
)
def test_sell_stops_are_rounded_down_and_buy_stops_up(
    side: OrderSide, price: str, rounded: str
) -> None:
    assert stop_order_price(Decimal(price), side, CENT) == Decimal(rounded)


@pytest.mark.parametrize(
    ("price", "tick_size", "tick"),
    [
        ("1.00", "0.01", "0.01"),
        ("0.999999", "0.01", "0.0001"),
        ("0.50", "0.00001", "0.00001"),
        ("0.50", "0", "0"),
    ],
)
def test_below_a_dollar_the_tick_is_finer(price: str, tick_size: str, tick: str) -> None:
    assert tick_for(Decimal(price), Decimal(tick_size)) == Decimal(tick)
