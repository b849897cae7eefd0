"""Filters of trades: their words in an address, and the trades that they leave."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl

import pytest

from dashboard.components.groups import way_to_group
from dashboard.queries.analytics import BY, GROUPINGS, grouped_by, groups_by
from dashboard.queries.finished import finished
from dashboard.queries.group_filters import only
from dashboard.queries.trades import (
    TradeFilter,
    count_trades,
    exactly,
    filter_words,
    read_filter,
    trade_lines,
)
from engine.desk import Desk
from engine.market_hours import NEW_YORK
from models.vocabulary import ExitReason, Side, SignalStatus
from tests.dashboard import builders, desks

SUMMER, WINTER = date(2026, 7, 15), date(2026, 11, 19)  # a Wednesday and a Thursday
TRADES = (
    (SUMMER, "F", 10, 2.5, Side.LONG, ExitReason.STOP),
    (SUMMER, "FAST", 11, 10.0, Side.SHORT, ExitReason.FLATTEN),
    (WINTER, "F", 10, None, Side.LONG, ExitReason.STOP),
    (WINTER, "AMD", 9, 0.5, Side.LONG, None),
)


@pytest.fixture
def traded(database_url: str) -> Iterator[Desk]:
    desk = desks.make_desk(database_url)
    for day, symbol, hour, rvol, side, reason in TRADES:
        opened = datetime(day.year, day.month, day.day, hour, 59, 59, tzinfo=NEW_YORK)
        more = {"opened_at": opened.astimezone(UTC), "rvol": rvol, "side": side}
        builders.add_closed(desk, symbol, "10", session=day, exit_reason=reason, **more)
    yield desk
    desk.db.close()


def left(desk: Desk, wanted: TradeFilter) -> list[str]:
    with desk.db.read() as tx:
        return [f"{row.symbol} {row.session:%b}" for row in trade_lines(tx, desk, wanted)]


def test_an_hour_is_new_yorks_in_summer_and_in_winter(traded: Desk) -> None:
    assert left(traded, TradeFilter(hour=10)) == ["F Nov", "F Jul"]
    assert left(traded, TradeFilter(hour=11)) == ["FAST Jul"]
    assert left(traded, TradeFilter(hour=9)) == ["AMD Nov"]


@pytest.mark.parametrize("is_down", [True, False])
def test_an_open_trade_is_sorted_by_what_it_has_gained_by_now(
    traded: Desk,
    is_down: bool,  # noqa: FBT001
) -> None:
    builders.add_position(traded, "UP", quantity=10, prices=("100", "102", "1"))
    builders.add_position(traded, "DOWN", Side.SHORT, quantity=10, prices=("100", "100.5", "1"))
    prices, kept = ("100", "99", "1"), builders.D(20)
    builders.add_position(traded, "PART", quantity=10, prices=prices, open_quantity=5, pnl=kept)
    builders.add_position(traded, "UNSEEN", prices=("100", None, "1"))
    with traded.db.read() as tx:
        found = trade_lines(tx, traded, TradeFilter(), sort=[("pnl", is_down)])
    symbols = [row.symbol for row in found if row.symbol not in {"F", "FAST"}]
    rising = ["DOWN", "UNSEEN", "AMD", "PART", "UP"]
    assert symbols == (rising[::-1] if is_down else rising)


def test_a_weekday_is_that_of_the_session(traded: Desk) -> None:
    assert left(traded, TradeFilter(weekday=2)) == ["FAST Jul", "F Jul"]
    assert left(traded, TradeFilter(weekday=0)) == []


def test_ranges_of_volume_are_those_of_the_groups(traded: Desk) -> None:
    found = {name: left(traded, TradeFilter(rvol=name)) for name in ("2 to 3", "10 and more")}
    assert found == {"2 to 3": ["F Jul"], "10 and more": ["FAST Jul"]}
    assert left(traded, TradeFilter(rvol="below 1")) == ["AMD Nov"]
    assert left(traded, TradeFilter(rvol="unknown")) == ["F Nov"]


def test_a_symbol_between_quotation_marks_is_meant_alone(traded: Desk) -> None:
    assert left(traded, TradeFilter(symbol="F")) == ["F Nov", "FAST Jul", "F Jul"]
    assert left(traded, TradeFilter(symbol=exactly("F"))) == ["F Nov", "F Jul"]


@pytest.mark.parametrize("by", [*GROUPINGS, *BY])
def test_the_filter_of_a_group_leaves_its_trades_and_no_others(traded: Desk, by: str) -> None:
    wanted = TradeFilter(first=SUMMER)
    with traded.db.read() as tx:
        in_time = by in BY
        groups = (
            grouped_by(tx, traded, wanted, by)
            if in_time
            else groups_by(finished(tx, traded, wanted), by)
        )
        filters = {group.name: only(wanted, by, group.name) for group in groups}
        counts = {name: of and count_trades(tx, traded, of) for name, of in filters.items()}
    assert counts.pop("unknown", None) is None or by == "Relative volume"
    assert counts == {group.name: group.trades for group in groups if group.name in counts}
    assert len(counts) > 1


def test_a_week_does_not_reach_beyond_the_period() -> None:
    narrowed = only(TradeFilter(first=WINTER), "week", "2026, week 47")
    assert narrowed == TradeFilter(first=WINTER, last=date(2026, 11, 22))


def test_groups_stand_from_a_to_z_where_nothing_else_orders_them(traded: Desk) -> None:
    with traded.db.read() as tx:
        assert [of.name for of in grouped_by(tx, traded, TradeFilter(), "symbol")] == [
            *("AMD", "F", "FAST")
        ]
        trades = finished(tx, traded, TradeFilter())
        assert [of.name for of in groups_by(trades, "Symbol")] == ["F", "AMD", "FAST"]
        months = grouped_by(tx, traded, TradeFilter(), "month")
        assert [of.name for of in months] == ["2026-11", "2026-07"]


EVERYTHING = TradeFilter(
    symbol='"BRK.B"',
    side=Side.SHORT,
    reason=ExitReason.STOP,
    first=SUMMER,
    last=WINTER,
    strategy=0,
    risk=3,
    hour=10,
    weekday=2,
    rvol="2 to 3",
)


@pytest.mark.parametrize("wanted", [TradeFilter(), EVERYTHING])
def test_what_an_address_says_is_read_as_it_was_meant(wanted: TradeFilter) -> None:
    assert read_filter(filter_words(wanted)) == wanted


def test_the_way_to_a_group_carries_the_filters_of_its_page() -> None:
    way = way_to_group(TradeFilter(side=Side.LONG, risk=3), "Hour of the entry", "09:00")
    assert way is not None
    path, _, query = way.partition("?")
    assert (path, dict(parse_qsl(query))) == (
        "/history",
        {"side": "long", "risk": "3", "hour": "9"},
    )


@pytest.mark.parametrize(
    "words", [{"hour": "34"}, {"hour": "x"}, {"weekday": "Sunday"}, {"rvol": "7"}, {"risk": "-1"}]
)
def test_what_makes_no_sense_leaves_nothing_out(words: dict[str, str]) -> None:
    assert read_filter(words) == TradeFilter()


def test_an_address_of_before_names_the_strategys_version() -> None:
    assert read_filter({"version": "3"}) == TradeFilter(strategy=3)


def test_a_line_carries_both_versions_of_its_signal(traded: Desk) -> None:
    more = {"strategy_version": 0, "risk_version": 2}
    signal = builders.add_signal(traded, 1, "TSLA", SignalStatus.FILLED, **more)
    builders.add_closed(traded, "TSLA", "5", signal_id=signal.id)
    for wanted in (TradeFilter(strategy=0), TradeFilter(risk=2)):
        with traded.db.read() as tx:
            [found] = trade_lines(tx, traded, wanted)
        assert (found.symbol, found.strategy_version, found.risk_version) == ("TSLA", 0, 2)
    with traded.db.read() as tx:
        unknown = trade_lines(tx, traded, TradeFilter(symbol="AMD"))
    assert [each.strategy_version for each in unknown] == [None]
