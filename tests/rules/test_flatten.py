"""When everything is closed, and what closes it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from engine.rules.flatten import Closing, closings, is_time_to_flatten
from models.vocabulary import Holding, OrderSide

FLATTEN_AT = datetime(2026, 11, 20, 20, 55, tzinfo=UTC)


def holding(symbol: str, quantity: str) -> Holding:
    return Holding(symbol=symbol, quantity=Decimal(quantity), average_price=Decimal(10))


@pytest.mark.parametrize(("seconds", "due"), [(-1, False), (0, True), (3600, True), (90_000, True)])
def test_positions_are_closed_from_the_moment_on_and_past_the_bell(
    seconds: int,
    due: bool,  # noqa: FBT001
) -> None:
    assert is_time_to_flatten(FLATTEN_AT + timedelta(seconds=seconds), FLATTEN_AT) is due


def test_it_sells_longs_and_buys_back_shorts() -> None:
    held = [holding("AAA", "100"), holding("BBB", "-50"), holding("CCC", "0")]
    assert closings(held) == [
        Closing("AAA", OrderSide.SELL, 100),
        Closing("BBB", OrderSide.BUY, 50),
    ]


def test_less_than_a_share_is_no_order_for_nothing() -> None:
    assert closings([holding("AAA", "0.5")]) == []
