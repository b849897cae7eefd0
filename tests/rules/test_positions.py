"""From fills to a round trip: whatever the order of the fills, the money is the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.positions import round_trip, unrealised
from models.money import from_micros
from models.vocabulary import OrderSide, Side

OPEN = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
BUY, SELL = OrderSide.BUY, OrderSide.SELL
HALF_A_MILLIONTH = Decimal("0.0000005")


@dataclass(frozen=True)
class AFill:
    """One execution, `minute` minutes after the open."""

    side: OrderSide
    quantity: int
    price: Decimal
    minute: int = 0

    @property
    def filled_at(self) -> datetime:
        return OPEN + timedelta(minutes=self.minute)


def fill(side: OrderSide, quantity: int, price: str, minute: int = 0) -> AFill:
    return AFill(side, quantity, Decimal(price), minute)


def test_a_long_earns_what_it_sold_for_more() -> None:
    trip = round_trip(Side.LONG, [fill(BUY, 100, "10"), fill(SELL, 100, "10.50", 5)])
    assert (trip.pnl, trip.entry_price, trip.exit_price) == (
        Decimal(50),
        Decimal(10),
        Decimal("10.50"),
    )
    assert (trip.quantity, trip.open_quantity, trip.is_closed) == (100, 0, True)


def test_a_short_earns_what_it_bought_back_for_less() -> None:
    trip = round_trip(Side.SHORT, [fill(SELL, 100, "10"), fill(BUY, 100, "9.50", 5)])
    assert (trip.pnl, trip.is_closed) == (Decimal(50), True)


def test_an_entry_alone_is_open_and_has_earned_nothing() -> None:
    trip = round_trip(Side.LONG, [fill(BUY, 100, "10")])
    assert (trip.pnl, trip.exit_price, trip.open_quantity) == (Decimal(0), None, 100)


def test_a_partial_exit_earns_its_part_on_the_mean_entry() -> None:
    fills = [fill(BUY, 100, "10"), fill(BUY, 100, "11", 1), fill(SELL, 50, "12", 2)]
    trip = round_trip(Side.LONG, fills)
    assert (trip.entry_price, trip.pnl, trip.open_quantity) == (Decimal("10.5"), Decimal(75), 150)


def test_an_entry_in_parts_has_their_mean_price() -> None:
    trip = round_trip(Side.LONG, [fill(BUY, 1, "10"), fill(BUY, 2, "10.01", 1)])
    assert trip.entry_price == Decimal("10.006667")


def test_more_left_than_entered_shows_as_less_than_nothing() -> None:
    trip = round_trip(Side.LONG, [fill(BUY, 100, "10"), fill(SELL, 150, "11", 1)])
    assert (trip.open_quantity, trip.is_closed) == (-50, False)


def test_a_trip_lasts_from_the_first_entry_to_the_last_fill() -> None:
    fills = [fill(SELL, 2, "11", 9), fill(BUY, 1, "10", 4), fill(BUY, 1, "10", 2)]
    trip = round_trip(Side.LONG, fills)
    assert (trip.opened_at, trip.last_at) == (
        OPEN + timedelta(minutes=2),
        OPEN + timedelta(minutes=9),
    )


@pytest.mark.parametrize(("side", "gain"), [(Side.LONG, "25"), (Side.SHORT, "-25")])
def test_what_is_open_would_gain_the_way_of_its_side(side: Side, gain: str) -> None:
    assert unrealised(side, 100, Decimal(10), Decimal("10.25")) == Decimal(gain)


# ---------------------------------------------------------------------------- properties
PARTS = st.lists(
    st.tuples(st.integers(1, 10_000), st.integers(1, 10**10).map(from_micros)),
    min_size=1,
    max_size=6,
)


def flow(fills: list[AFill]) -> Decimal:
    return -sum((f.side.sign * f.quantity * f.price for f in fills), Decimal(0))


def closed(side: Side, entries: list[tuple[int, Decimal]], exit_price: Decimal) -> list[AFill]:
    """Entries in parts and exits of the same sizes at one price."""
    into = [AFill(side.entry, quantity, price) for quantity, price in entries]
    return into + [AFill(side.exit, quantity, exit_price, 1) for quantity, _ in entries]


@given(st.sampled_from(Side), PARTS, st.integers(1, 10**10).map(from_micros))
def test_a_closed_trip_earned_the_cash_that_flowed(
    side: Side, entries: list[tuple[int, Decimal]], exit_price: Decimal
) -> None:
    fills = closed(side, entries, exit_price)
    trip = round_trip(side, fills)
    assert (trip.pnl, trip.is_closed) == (flow(fills), True)


@given(st.sampled_from(Side), PARTS, PARTS, st.randoms(use_true_random=False))
def test_the_order_of_the_fills_does_not_matter(
    side: Side, entries: list[tuple[int, Decimal]], exits: list[tuple[int, Decimal]], chance: Random
) -> None:
    fills = [AFill(side.entry, q, p, n) for n, (q, p) in enumerate(entries)]
    fills += [AFill(side.exit, q, p, n) for n, (q, p) in enumerate(exits)]
    shuffled = chance.sample(fills, len(fills))
    assert round_trip(side, shuffled) == round_trip(side, fills)


@given(st.sampled_from(Side), PARTS, PARTS, st.integers(1, 10**10).map(from_micros))
def test_realised_and_unrealised_together_are_the_worth_of_everything(
    side: Side, entries: list[tuple[int, Decimal]], exits: list[tuple[int, Decimal]], price: Decimal
) -> None:
    fills = [AFill(side.entry, q, p) for q, p in entries]
    fills += [AFill(side.exit, q, p) for q, p in exits]
    trip = round_trip(side, fills)
    together = trip.pnl + unrealised(side, trip.open_quantity, trip.entry_price, price)
    worth = flow(fills) + side.sign * trip.open_quantity * price
    # the mean entry price is rounded to millionths, once per open share
    assert abs(together - worth) <= HALF_A_MILLIONTH * (abs(trip.open_quantity) + 1)


@given(st.sampled_from(Side), PARTS, st.integers(1, 10**10).map(from_micros))
def test_longs_and_shorts_mirror_each_other(
    side: Side, entries: list[tuple[int, Decimal]], exit_price: Decimal
) -> None:
    other = Side.SHORT if side is Side.LONG else Side.LONG
    one = round_trip(side, closed(side, entries, exit_price))
    mirrored = round_trip(other, closed(other, entries, exit_price))
    assert (mirrored.pnl, mirrored.entry_price) == (-one.pnl, one.entry_price)
