"""When the exchange says that something happens next, against trying every minute."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from models.database import Database
from models.vocabulary import OrderSide, OrderType
from tests.databases import with_schema
from tests.engine.adapters.exchange_by_hand import (
    BUY,
    MARKET,
    SELL,
    SESSION,
    Floor,
    Prices,
    bars_of,
    minute,
)

LAST = 25  # minutes that a random market lasts
TENTHS = st.integers(80, 120).map(lambda n: n / 10)
Asked = tuple[OrderSide, OrderType, float, float]


@st.composite
def prices(draw: st.DrawFn) -> Prices:
    four = sorted(draw(st.tuples(TENTHS, TENTHS, TENTHS, TENTHS)))
    open_, close = draw(st.permutations(four[1:3]))
    return (open_, four[3], four[0], close)


MINUTES = st.dictionaries(st.integers(1, LAST), prices(), max_size=8)
ORDERS = st.lists(
    st.tuples(st.sampled_from([BUY, SELL]), st.sampled_from(OrderType), TENTHS, TENTHS),
    min_size=1,
    max_size=3,
)
HELD = st.dictionaries(st.sampled_from(["AAA", "BBB"]), st.integers(-50, 50), min_size=1)
FLOORS = st.builds(  # near what an account can be worth: whole multiples of 10 dollars
    lambda tens, beside: Decimal(99_000 + 10 * tens) + beside,
    st.integers(0, 200),
    st.sampled_from([Decimal(0), Decimal("-0.4"), Decimal("0.6"), Decimal("-0.000001")]),
)


def floor_with(bars: dict[str, dict[int, Prices]], at: float = 0) -> Floor:
    db = with_schema(Database("sqlite://"))
    return Floor(db, {symbol: bars_of(rows) for symbol, rows in bars.items()}, minute(at))


def send_all(floor: Floor, orders: list[Asked]) -> None:
    for side, type_, stop, limit in orders:
        floor.send(side, type_, stop=stop, limit=limit, quantity=10)


def first_change(floor: Floor) -> datetime:
    """Try every minute until an order has changed."""
    before = [order.updated_at for order in floor.exchange._orders.values()]
    for number in (*range(1, LAST + 2), 390):
        floor.at(number)
        if [order.updated_at for order in floor.exchange._orders.values()] != before:
            return minute(number)
    raise AssertionError("an order outlived its session")


@settings(max_examples=40)
@given(MINUTES, ORDERS)
def test_the_next_moment_is_the_first_minute_in_which_an_order_changes(
    bars: dict[int, Prices], orders: list[Asked]
) -> None:
    floor = floor_with({"AAA": bars})
    send_all(floor, orders)
    said = floor.exchange.next_moment()
    assert said == first_change(floor)
    floor.db.close()


@settings(max_examples=40)
@given(MINUTES, ORDERS)
def test_going_from_moment_to_moment_misses_nothing(
    bars: dict[int, Prices], orders: list[Asked]
) -> None:
    leaping, stepping = floor_with({"AAA": bars}), floor_with({"AAA": bars})
    for floor in (leaping, stepping):
        send_all(floor, orders)
    while moment := leaping.exchange.next_moment():
        leaping.at(moment)
    for number in (*range(1, LAST + 2), 390):
        stepping.at(number)
    assert leaping.deals == stepping.deals
    for floor in (leaping, stepping):
        floor.db.close()


def test_nothing_happens_next_where_nothing_waits() -> None:
    assert floor_with({"AAA": {}}).exchange.next_moment() is None


def test_an_order_that_nothing_touches_expires_next() -> None:
    floor = floor_with({"AAA": {}})
    floor.send(BUY, MARKET)
    assert floor.exchange.next_moment() == SESSION.closes_at


# ---------------------------------------------------------------------------- equity
def holding(held: dict[str, int], bars: dict[str, dict[int, Prices]]) -> Floor:
    """A market in which positions were entered in the first minute, at 10."""
    floor = floor_with({symbol: {0: (10, 10, 10, 10)} | rows for symbol, rows in bars.items()})
    for symbol, quantity in held.items():
        if quantity:
            floor.send(BUY if quantity > 0 else SELL, MARKET, abs(quantity), symbol=symbol)
    return floor.at(1)


def first_fall(floor: Floor, limit: Decimal, until: int) -> datetime | None:
    """Look at the account every minute."""
    for number in range(2, until + 1):
        if floor.at(number).broker.account().equity <= limit:
            return minute(number)
    return None


@settings(max_examples=50)
@given(HELD, MINUTES, MINUTES, FLOORS, st.integers(2, LAST + 3))
def test_the_first_fall_is_the_minute_in_which_the_account_says_so(
    held: dict[str, int],
    one: dict[int, Prices],
    other: dict[int, Prices],
    limit: Decimal,
    until: int,
) -> None:
    held = {symbol: quantity * 100 for symbol, quantity in held.items()}
    floor = holding(held, {"AAA": one, "BBB": other})
    already = floor.broker.account().equity <= limit
    said = floor.exchange.first_below(limit, minute(until))
    seen = first_fall(floor, limit, until)
    assert already or said == seen
    floor.db.close()


def test_a_fall_to_a_part_of_a_dollar_above_the_limit_is_none() -> None:
    floor = holding({"AAA": 100}, {"AAA": {1: (9, 9, 9, 9)}})
    assert floor.exchange.first_below(Decimal("99899.60"), minute(9)) is None


def test_a_fall_to_a_part_of_a_dollar_below_the_limit_counts() -> None:
    floor = holding({"AAA": 100}, {"AAA": {1: (9, 9.003, 9, 9.003)}})  # equity 99,900.30
    assert floor.exchange.first_below(Decimal("99900.40"), minute(9)) == minute(2)


def test_a_limit_with_more_places_than_money_has_is_no_trouble() -> None:
    floor = holding({"AAA": 100}, {"AAA": {1: (9, 9, 9, 9)}})
    assert floor.exchange.first_below(Decimal("99900.00000049"), minute(9)) == minute(2)


def test_without_a_position_the_account_does_not_fall() -> None:
    floor = holding({}, {"AAA": {1: (9, 9, 9, 9)}})
    assert floor.exchange.first_below(Decimal(200_000), minute(9)) is None


def test_a_fall_after_the_given_moment_is_not_told() -> None:
    floor = holding({"AAA": 100}, {"AAA": {5: (9, 9, 9, 9)}})
    later = minute(6) + timedelta(seconds=1)
    limit = Decimal(99_900)
    found = [floor.exchange.first_below(limit, until) for until in (minute(5.9), later)]
    assert found == [None, minute(6)]
