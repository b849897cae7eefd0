"""When orders trade and at which price."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from models.market import BarColumns
from tests.local_alpaca import LocalAlpaca, Rules
from tests.local_alpaca.conftest import Client, Start
from tests.local_alpaca.matching import band_limit
from tests.local_alpaca.played_days import CLOSE, OPEN, QUIET, Prices, day_with, minute
from tests.local_alpaca.wire import plain

RISE: Prices = ("100", "102", "100", "101.5")
GAP: Prices = ("101.5", "102", "101.2", "101.5")
WILD: Prices = ("100", "102", "98", "101")
HIGH: Prices = ("101.5", "101.6", "101.4", "101.5")
BUY_STOP = {"type": "stop", "stop_price": "101"}
WITH_STOP: dict[str, Any] = {"order_class": "oto", "stop_loss": {"stop_price": "99"}}


def executions(broker: LocalAlpaca) -> list[tuple[str, str]]:
    return [(one.side, plain(one.price)) for one in broker.ledger.executions]


def test_a_stop_fills_at_its_price_when_a_bar_touches_it(start: Start) -> None:
    broker = start(day_with([RISE]))
    Client(broker).placed(**BUY_STOP)
    broker.advance_to(minute(6))
    assert executions(broker) == [("buy", "101")]


def test_a_stop_that_the_bar_gaps_through_fills_at_the_open(start: Start) -> None:
    broker = start(day_with([GAP]))
    Client(broker).placed(**BUY_STOP)
    broker.advance_to(minute(6))
    assert executions(broker) == [("buy", "101.5")]


def test_a_bar_acts_only_when_it_has_closed(start: Start) -> None:
    broker = start(day_with([RISE]))
    Client(broker).placed(**BUY_STOP)
    broker.advance_to(minute(5.99))
    assert executions(broker) == []


def test_an_order_does_not_trade_in_a_bar_that_began_before_it(start: Start) -> None:
    broker = start(day_with([RISE]))
    broker.advance_to(minute(5.5))
    Client(broker).placed(**BUY_STOP)
    broker.advance_to(minute(20))
    assert executions(broker) == []


def test_a_market_order_fills_at_the_open_of_the_next_bar(start: Start) -> None:
    broker = start(day_with([RISE, GAP]))
    broker.advance_to(minute(5.5))
    Client(broker).placed()
    broker.advance_to(minute(7))
    assert executions(broker) == [("buy", "101.5")]


def test_a_fill_carries_the_start_of_the_bar_that_acted(start: Start) -> None:
    broker = start(day_with([RISE]))
    client = Client(broker)
    order = client.placed(**BUY_STOP)
    broker.advance_to(minute(6))
    assert client.order(order["id"])["filled_at"] == "2026-11-20T14:35:00Z"


def test_a_fill_may_carry_the_end_of_its_bar(start: Start) -> None:
    broker = start(day_with([RISE]), Rules(fill_stamp="bar_end"))
    client = Client(broker)
    order = client.placed(**BUY_STOP)
    broker.advance_to(minute(6))
    assert client.order(order["id"])["filled_at"] == "2026-11-20T14:36:00Z"


@pytest.mark.parametrize(("stop", "limit"), [("40", "41.60"), ("50", "51.25"), ("200", "205.00")])
def test_a_buy_stop_has_a_limit_above_it(stop: str, limit: str) -> None:
    assert band_limit(Decimal(stop)) == Decimal(limit)


def test_a_squeeze_through_the_band_leaves_a_buy_stop_unfilled(start: Start) -> None:
    broker = start(day_with([("104", "105", "103.9", "104.5"), ("104.5", "105", "104", "104.5")]))
    Client(broker).placed(**BUY_STOP)
    broker.advance_to(minute(7))
    assert executions(broker) == []


def test_a_squeezed_buy_stop_fills_at_its_limit_when_the_price_comes_back(start: Start) -> None:
    broker = start(day_with([("104", "105", "103.9", "104"), ("104", "104", "103", "103.2")]))
    Client(broker).placed(**BUY_STOP)
    broker.advance_to(minute(7))
    assert executions(broker) == [("buy", "103.53")]


def test_a_sell_stop_has_no_limit(start: Start) -> None:
    broker = start(day_with([("90", "91", "89", "90")]))
    Client(broker).placed(side="sell", type="stop", stop_price="99")
    broker.advance_to(minute(6))
    assert executions(broker) == [("sell", "90")]


def test_a_limit_waits_for_its_price_and_takes_a_better_open(start: Start) -> None:
    broker = start(day_with([QUIET, ("98", "99", "97", "98.5")]))
    Client(broker).placed(type="limit", limit_price="99")
    broker.advance_to(minute(7))
    assert executions(broker) == [("buy", "98")]


def test_the_attached_stop_counts_as_touched_on_the_entry_bar(start: Start) -> None:
    broker = start(day_with([WILD]))
    Client(broker).placed(**BUY_STOP, **WITH_STOP)
    broker.advance_to(minute(6))
    assert executions(broker) == [("buy", "101"), ("sell", "99")]


def test_the_optimistic_reading_gives_it_from_the_next_bar_on(start: Start) -> None:
    broker = start(day_with([WILD, HIGH]), Rules(intrabar="optimistic"))
    Client(broker).placed(**BUY_STOP, **WITH_STOP)
    broker.advance_to(minute(7))
    assert executions(broker) == [("buy", "101")]


def test_a_later_bar_that_opens_beyond_the_attached_stop_fills_at_its_open(start: Start) -> None:
    broker = start(day_with([RISE, HIGH, ("97", "98", "96", "97")]))
    Client(broker).placed(**BUY_STOP, **WITH_STOP)
    broker.advance_to(minute(8))
    assert executions(broker) == [("buy", "101"), ("sell", "97")]


def test_minutes_without_a_bar_trigger_nothing(start: Start) -> None:
    bars: BarColumns = day_with([RISE])
    broker = start(bars.slice(0, 5))
    Client(broker).placed()
    broker.advance_to(minute(60))
    assert executions(broker) == []


def test_a_halted_symbol_does_not_trade(start: Start) -> None:
    broker = start(day_with([RISE]))
    Client(broker).placed(**BUY_STOP)
    broker.halt("AAA")
    broker.advance_to(minute(6))
    assert executions(broker) == []


def test_bars_outside_the_session_do_not_trade(start: Start) -> None:
    broker = start(day_with([], minutes=400))
    broker.advance_to(CLOSE - timedelta(seconds=30))
    Client(broker).placed(time_in_force="gtc")
    broker.advance_to(CLOSE + timedelta(minutes=9))
    assert executions(broker) == []


def test_a_bracket_takes_its_profit_and_drops_its_stop(start: Start) -> None:
    broker = start(day_with([RISE, ("101.5", "103", "101.4", "103")]))
    client = Client(broker)
    order = client.placed(
        **BUY_STOP,
        order_class="bracket",
        take_profit={"limit_price": "102.5"},
        stop_loss={"stop_price": "99"},
    )
    broker.advance_to(minute(7))
    assert [leg["status"] for leg in client.order(order["id"])["legs"]] == ["filled", "canceled"]


def test_a_bracket_stop_works_although_it_is_held(start: Start) -> None:
    broker = start(day_with([RISE, ("101", "101", "98", "98")]))
    client = Client(broker)
    legs = {"take_profit": {"limit_price": "105"}, "stop_loss": {"stop_price": "99"}}
    order = client.placed(**BUY_STOP, order_class="bracket", **legs)
    broker.advance_to(minute(6))
    before = [leg["status"] for leg in client.order(order["id"])["legs"]]
    broker.advance_to(minute(7))
    after = [leg["status"] for leg in client.order(order["id"])["legs"]]
    assert (before, after) == (["new", "held"], ["canceled", "filled"])


def test_both_halves_of_an_oco_work_and_the_worse_one_wins_a_wild_bar(start: Start) -> None:
    broker = start(day_with([QUIET, WILD]))
    client = Client(broker)
    client.placed()
    broker.advance_to(minute(6))
    exits = {"take_profit": {"limit_price": "101.5"}, "stop_loss": {"stop_price": "99"}}
    client.placed(side="sell", type="limit", order_class="oco", **exits)
    broker.advance_to(minute(7))
    assert executions(broker) == [("buy", "100"), ("sell", "99")]
    assert client.get("/v2/orders", status="open") == []


def test_the_same_seed_gives_the_same_ids(start: Start) -> None:
    first, second = start(), start()
    ids = {Client(one).placed(client_order_id="a")["id"] for one in (first, second)}
    assert len(ids) == 1


def test_the_open_of_the_test_day_is_a_session(broker: LocalAlpaca) -> None:
    session = broker.exchange.market.hours.session_on(OPEN.date())
    assert session is not None
    assert (session.opens_at, session.closes_at) == (OPEN, CLOSE)
