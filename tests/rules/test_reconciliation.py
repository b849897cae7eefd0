"""Where our books and the broker's differ, and nowhere else."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.rules.reconciliation import Difference, holding_differences, order_differences
from models.broker import Holding

BOOKS = st.dictionaries(st.sampled_from("ABC"), st.integers(-9, 9).filter(bool))


def holdings(books: dict[str, int]) -> list[Holding]:
    return [
        Holding(symbol=symbol, quantity=Decimal(quantity), average_price=Decimal(10))
        for symbol, quantity in books.items()
    ]


@given(BOOKS)
def test_equal_books_have_no_differences(books: dict[str, int]) -> None:
    assert holding_differences(books, holdings(books)) == []


@given(BOOKS, BOOKS)
def test_every_symbol_that_differs_is_named_once(
    ours: dict[str, int], theirs: dict[str, int]
) -> None:
    found = [difference.symbol for difference in holding_differences(ours, holdings(theirs))]
    assert found == [s for s in "ABC" if ours.get(s, 0) != theirs.get(s, 0)]


def test_a_position_that_is_not_ours_is_called_foreign() -> None:
    assert holding_differences({}, holdings({"AAA": 5})) == [
        Difference("foreign_position", "AAA", "AAA: our books 0, the broker 5")
    ]


def test_another_quantity_is_told_with_both_figures() -> None:
    assert holding_differences({"AAA": -10}, holdings({"AAA": -5})) == [
        Difference("quantity", "AAA", "AAA: our books -10, the broker -5")
    ]


def test_what_the_broker_does_not_hold_is_a_difference_too() -> None:
    assert [d.code for d in holding_differences({"AAA": 10}, [])] == ["quantity"]


def test_a_holding_of_nothing_is_none() -> None:
    assert holding_differences({}, holdings({"AAA": 0})) == []


def test_orders_are_missed_on_either_side() -> None:
    found = order_differences(["orb-1", "orb-2"], ["orb-2", "web-9"])
    assert [(d.code, d.symbol) for d in found] == [
        ("missing_order", "orb-1"),
        ("foreign_order", "web-9"),
    ]


def test_the_same_orders_on_both_sides_are_no_difference() -> None:
    assert order_differences(["orb-1", "orb-2"], ["orb-2", "orb-1"]) == []
