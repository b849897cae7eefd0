"""Money is exact: nothing is lost, whatever way an amount takes."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.money import QUANTUM, exact, from_micros, round_down, round_up, to_micros

MICROS = st.integers(min_value=-(10**17), max_value=10**17)
PRICES = st.integers(min_value=1, max_value=10**10).map(from_micros)
TICKS = st.sampled_from([Decimal("0.01"), Decimal("0.0001"), Decimal("0.05"), Decimal(1)])


@given(MICROS)
def test_millionths_make_the_way_to_an_amount_and_back(micros: int) -> None:
    assert to_micros(from_micros(micros)) == micros


@given(MICROS)
def test_an_amount_equals_its_millionths(micros: int) -> None:
    assert from_micros(micros) * 1_000_000 == micros


@pytest.mark.parametrize("amount", ["0.0000001", "-1.2345678", "100000.0000005"])
def test_a_seventh_decimal_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="more than 6 decimal places"):
        to_micros(Decimal(amount))


def test_digits_beyond_the_context_of_decimals_are_refused_too() -> None:
    with pytest.raises(ValueError, match="more than 6 decimal places"):
        to_micros(Decimal("1.0000000000000000000000000000001"))


def test_zeros_behind_the_sixth_decimal_cost_nothing() -> None:
    assert to_micros(Decimal("1.2300000000")) == 1_230_000


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=12))
def test_a_computed_amount_is_off_by_half_a_millionth_at_most(value: Decimal) -> None:
    assert abs(exact(value) - value) <= QUANTUM / 2


def test_a_computed_half_goes_to_the_even_neighbour() -> None:
    assert [exact(Decimal(v)) for v in ("0.0000005", "0.0000015")] == [0, Decimal("0.000002")]


@given(PRICES, TICKS)
def test_a_price_lies_less_than_a_tick_from_its_roundings(price: Decimal, tick: Decimal) -> None:
    assert 0 <= price - round_down(price, tick) < tick
    assert 0 <= round_up(price, tick) - price < tick


def test_a_multiple_of_the_tick_is_left_alone() -> None:
    price, tick = Decimal("10.07"), Decimal("0.01")
    assert (round_down(price, tick), round_up(price, tick)) == (price, price)


@given(PRICES, TICKS)
def test_rounded_prices_are_multiples_of_the_tick(price: Decimal, tick: Decimal) -> None:
    assert round_down(price, tick) % tick == 0
    assert round_up(price, tick) % tick == 0


@given(PRICES)
def test_a_tick_of_zero_leaves_a_price_as_it_is(price: Decimal) -> None:
    assert round_down(price, Decimal(0)) == price == round_up(price, Decimal(0))
