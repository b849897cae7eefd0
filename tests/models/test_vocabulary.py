"""The words of the desk: sides, and what may follow what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.statuses import (
    LIVE_ORDER_STATUSES,
    NEXT_ORDER_STATUSES,
    NEXT_SIGNAL_STATUSES,
    OPEN_ORDER_STATUSES,
    TERMINAL_ORDER_STATUSES,
    orders_before,
    signals_before,
)
from models.vocabulary import OrderSide, OrderStatus, Side, SignalStatus


def test_longs_are_bought_and_sold_shorts_sold_and_bought_back() -> None:
    assert (Side.LONG.entry, Side.LONG.exit) == (OrderSide.BUY, OrderSide.SELL)
    assert (Side.SHORT.entry, Side.SHORT.exit) == (OrderSide.SELL, OrderSide.BUY)


def test_a_buy_adds_to_the_position_and_a_sell_takes_away() -> None:
    assert (OrderSide.BUY.sign, OrderSide.SELL.sign) == (1, -1)


@pytest.mark.parametrize("side", OrderSide)
def test_the_opposite_of_the_opposite_is_the_side_itself(side: OrderSide) -> None:
    assert side.opposite is not side
    assert side.opposite.opposite is side


def test_every_status_says_what_may_follow() -> None:
    assert set(NEXT_ORDER_STATUSES) == set(OrderStatus)
    assert set(NEXT_SIGNAL_STATUSES) == set(SignalStatus)


@given(st.sampled_from(OrderStatus), st.sampled_from(OrderStatus))
def test_before_and_next_tell_the_same_story(old: OrderStatus, new: OrderStatus) -> None:
    assert (old in orders_before(new)) == (new in NEXT_ORDER_STATUSES[old])


@given(st.sampled_from(SignalStatus), st.sampled_from(SignalStatus))
def test_signals_before_and_next_tell_the_same_story(old: SignalStatus, new: SignalStatus) -> None:
    assert (old in signals_before(new)) == (new in NEXT_SIGNAL_STATUSES[old])


def test_an_order_that_was_believed_lost_and_refused_may_turn_up_working() -> None:
    assert NEXT_ORDER_STATUSES[OrderStatus.REFUSED] == {OrderStatus.WORKING}


@pytest.mark.parametrize("end", [OrderStatus.FILLED, OrderStatus.REJECTED])
def test_some_ends_are_final(end: OrderStatus) -> None:
    assert NEXT_ORDER_STATUSES[end] == frozenset()


@pytest.mark.parametrize("end", [OrderStatus.CANCELLED, OrderStatus.EXPIRED])
def test_a_fill_that_beat_a_cancel_or_the_bell_is_still_recorded(end: OrderStatus) -> None:
    assert OrderStatus.FILLED in NEXT_ORDER_STATUSES[end]


def test_no_finished_order_comes_back_to_life() -> None:
    # Two may: believed never to have arrived, and the broker has them after all.
    ended = TERMINAL_ORDER_STATUSES - {OrderStatus.REFUSED, OrderStatus.CANCELLED}
    revived = {end: NEXT_ORDER_STATUSES[end] for end in ended}
    assert not any(
        following & {OrderStatus.WORKING, OrderStatus.HELD} for following in revived.values()
    )


def test_an_order_is_either_open_or_ended() -> None:
    assert set(OrderStatus) == OPEN_ORDER_STATUSES | TERMINAL_ORDER_STATUSES
    assert not OPEN_ORDER_STATUSES & TERMINAL_ORDER_STATUSES
    assert {OrderStatus.INTENDED} == OPEN_ORDER_STATUSES - LIVE_ORDER_STATUSES
