"""Every held share has its stop; what is done when it has not."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.protection import Protection, has_jumped, judge, remaining, strays
from models.vocabulary import OrderPurpose, OrderSide, OrderStatus, Side

AT = Decimal("9.80")
S = OrderStatus
ENTRY, STOP, EXIT = OrderPurpose


@dataclass(frozen=True)
class AnOrder:
    """An order of a long trade: 100 shares, a working stop at the right price unless said."""

    purpose: OrderPurpose = STOP
    status: OrderStatus = S.WORKING
    quantity: int = 100
    filled_quantity: int = 0
    stop_price: Decimal | None = AT
    side: OrderSide = OrderSide.SELL
    id: int = 1
    symbol: str = "AAA"
    parent_id: int | None = None


def entry(status: OrderStatus, filled: int = 0, number: int = 7) -> AnOrder:
    return AnOrder(ENTRY, status, 100, filled, Decimal(10), OrderSide.BUY, number)


def closing(quantity: int, status: OrderStatus = S.WORKING, number: int = 8) -> AnOrder:
    return AnOrder(EXIT, status, quantity, stop_price=None, id=number)


def judged(held: int, *orders: AnOrder) -> Protection:
    return judge(Side.LONG, held, AT, orders)


# ---------------------------------------------------------------------------- covered
@pytest.mark.parametrize("status", [S.SUBMITTING, S.WORKING, S.PARTIALLY_FILLED])
def test_a_live_stop_of_the_right_size_and_price_is_left_alone(status: OrderStatus) -> None:
    assert judged(100, AnOrder(status=status)) == Protection(naked=0)


def test_two_stops_may_cover_together() -> None:
    assert judged(100, AnOrder(quantity=60), AnOrder(quantity=40, id=2)) == Protection(naked=0)


def test_a_partly_filled_stop_covers_what_it_can_still_sell() -> None:
    stop = AnOrder(status=S.PARTIALLY_FILLED, filled_quantity=40)
    assert (remaining(stop), judged(60, stop)) == (60, Protection(naked=0))


@pytest.mark.parametrize("status", [S.SUBMITTING, S.WORKING, S.PARTIALLY_FILLED])
def test_a_closing_order_for_everything_is_as_good_as_a_stop(status: OrderStatus) -> None:
    assert judged(100, closing(100, status)) == Protection(naked=0)


def test_a_closing_order_and_a_stop_may_share_the_cover() -> None:
    assert judged(100, closing(40), AnOrder(quantity=60)) == Protection(naked=0)


def test_where_nothing_is_held_nothing_is_naked() -> None:
    assert judged(0) == Protection(naked=0)


# ---------------------------------------------------------------------------- naked
def test_what_is_held_without_a_stop_gets_one() -> None:
    assert judged(100) == Protection(naked=100, place=100, why="no live stop")


def test_what_a_stop_leaves_uncovered_gets_another() -> None:
    found = judged(100, AnOrder(quantity=70))
    assert (found.naked, found.place, found.cancel) == (30, 30, ())


@pytest.mark.parametrize("status", [S.CANCELLED, S.REJECTED, S.EXPIRED, S.REFUSED, S.FILLED])
def test_a_stop_that_ended_covers_nothing(status: OrderStatus) -> None:
    assert judged(100, AnOrder(status=status)).place == 100


def test_a_stop_on_the_wrong_side_covers_nothing() -> None:
    assert judged(100, AnOrder(side=OrderSide.BUY)).place == 100


def test_an_entry_is_no_cover() -> None:
    assert judged(50, entry(S.PARTIALLY_FILLED, 50)).naked == 50


# ---------------------------------------------------------------------------- partial entries
def test_the_rest_of_a_partly_filled_entry_is_cancelled_before_a_stop_is_placed() -> None:
    found = judged(40, entry(S.PARTIALLY_FILLED, 40), AnOrder(status=S.HELD))
    assert found == Protection(naked=40, cancel=(7,), why="partial entry")


def test_beside_an_entry_that_is_being_cancelled_a_stop_is_placed() -> None:
    found = judged(40, entry(S.CANCELLING, 40))
    assert (found.naked, found.cancel, found.place, found.beside_entry) == (40, (), 40, True)


def test_an_entry_whose_cancel_was_asked_for_in_vain_is_waited_for_no_longer() -> None:
    found = judge(Side.LONG, 40, AT, [entry(S.PARTIALLY_FILLED, 40)], ending={7})
    assert (found.naked, found.cancel, found.place, found.beside_entry) == (40, (), 40, True)


def test_a_stop_that_is_being_cancelled_holds_its_shares_until_it_is() -> None:
    ending = AnOrder(status=S.CANCELLING, quantity=30, id=2)
    assert judged(40, entry(S.CANCELLING, 40), ending).place == 10


def test_a_stop_attached_to_an_entry_that_ends_holds_nothing() -> None:
    attached = AnOrder(status=S.CANCELLING, parent_id=7, id=2)
    assert judged(40, entry(S.CANCELLING, 40), attached).place == 40


def test_a_stop_beside_an_entry_is_moved_only_once_the_entry_has_ended() -> None:
    beside = AnOrder(quantity=40, stop_price=Decimal("9.79"))
    assert judged(40, entry(S.CANCELLING, 40), beside).cancel == ()


def test_once_the_rest_of_the_entry_is_gone_the_stop_is_placed() -> None:
    assert judged(40, entry(S.CANCELLED, 40), AnOrder(status=S.CANCELLED)).place == 40


def test_a_working_entry_is_left_alone_while_its_part_is_covered() -> None:
    assert judged(40, entry(S.PARTIALLY_FILLED, 40), AnOrder(quantity=40)) == Protection(naked=0)


# ---------------------------------------------------------------------------- wrong stops
def test_a_stop_at_the_wrong_price_is_cancelled_and_still_covers() -> None:
    found = judged(100, AnOrder(stop_price=Decimal("9.79")))
    assert found == Protection(naked=0, cancel=(1,), why="wrong stop")


def test_what_no_order_holds_is_covered_while_a_wrong_stop_is_cancelled() -> None:
    found = judged(100, AnOrder(quantity=60, stop_price=Decimal("9.79")))
    assert (found.cancel, found.place) == ((1,), 40)


def test_of_two_stops_only_the_wrong_one_is_cancelled() -> None:
    wrong = AnOrder(quantity=50, stop_price=Decimal("9.70"), id=2)
    assert judged(100, AnOrder(quantity=50), wrong).cancel == (2,)


def test_a_stop_whose_price_is_not_known_is_not_called_wrong() -> None:
    assert judged(100, AnOrder(stop_price=None)) == Protection(naked=0)


def test_stops_for_more_than_is_held_are_cancelled() -> None:
    found = judged(100, AnOrder(), AnOrder(quantity=50, id=2))
    assert (found.naked, found.cancel, found.place) == (0, (1, 2), 0)


def test_a_stop_and_a_closing_order_for_more_than_is_held_cancel_the_stop() -> None:
    assert judged(100, AnOrder(), closing(40)).cancel == (1,)


def test_while_a_cancel_is_outstanding_no_stop_is_placed() -> None:
    """The broker still counts its shares and would refuse another."""
    found = judged(100, AnOrder(status=S.CANCELLING))
    assert (found.naked, found.cancel, found.place) == (100, (), 0)


def test_a_short_is_judged_by_its_own_side() -> None:
    stop = AnOrder(side=OrderSide.BUY, stop_price=Decimal("10.20"))
    assert judge(Side.SHORT, 100, Decimal("10.20"), [stop]) == Protection(naked=0)


ORDERS = st.lists(
    st.builds(
        AnOrder,
        purpose=st.sampled_from([STOP, EXIT]),
        status=st.sampled_from(OrderStatus),
        quantity=st.integers(1, 120),
        stop_price=st.sampled_from([AT, Decimal("9.70")]),
        id=st.integers(1, 99),
    ),
    max_size=4,
    unique_by=lambda order: order.id,
)


@given(st.integers(0, 150), ORDERS)
def test_no_verdict_ever_covers_more_than_is_held(held: int, orders: list[AnOrder]) -> None:
    found = judged(held, *orders)
    covering = {S.SUBMITTING, S.WORKING, S.PARTIALLY_FILLED}
    held_by_orders = sum(o.quantity for o in orders if o.status in {*covering, S.CANCELLING})
    assert found.place == 0 or held_by_orders + found.place == held


@given(st.integers(0, 150), ORDERS)
def test_a_verdict_never_leaves_shares_naked_without_doing_or_awaiting_something(
    held: int, orders: list[AnOrder]
) -> None:
    found = judged(held, *orders)
    awaited = any(o.status is S.CANCELLING for o in orders)
    assert not found.naked or found.place or found.cancel or awaited


# ---------------------------------------------------------------------------- strays and jumps
@pytest.mark.parametrize("status", [S.WORKING, S.PARTIALLY_FILLED])
def test_a_stop_without_a_position_is_a_stray(status: OrderStatus) -> None:
    assert strays([AnOrder(status=status)], held=set()) == [1]


@pytest.mark.parametrize("status", [S.HELD, S.CANCELLING, S.CANCELLED, S.FILLED])
def test_a_stop_that_cannot_trade_is_no_stray(status: OrderStatus) -> None:
    assert strays([AnOrder(status=status)], held=set()) == []


def test_a_stop_of_what_is_held_or_entered_is_no_stray() -> None:
    assert strays([AnOrder()], held={"AAA"}) == []
    assert strays([AnOrder(), entry(S.WORKING)], held=set()) == []


@pytest.mark.parametrize(
    ("side", "price", "jumped"),
    [
        (Side.LONG, "9.49", True),
        (Side.LONG, "9.50", False),
        (Side.SHORT, "9.51", True),
        (Side.SHORT, "9.50", False),
    ],
)
def test_a_price_beyond_the_limit_of_a_stop_has_jumped_it(
    side: Side,
    price: str,
    jumped: bool,  # noqa: FBT001
) -> None:
    assert has_jumped(side, Decimal(price), Decimal("9.50")) is jumped


def test_a_stop_without_a_limit_cannot_be_jumped() -> None:
    assert not has_jumped(Side.LONG, Decimal("0.01"), None)
