"""The account's money, its lists and its pages."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.local_alpaca import LocalAlpaca, Rules
from tests.local_alpaca.conftest import Client, Start
from tests.local_alpaca.played_days import CLOSE, day_with, minute

BUY_STOP = {"type": "stop", "stop_price": "101"}
SELL_STOP = {"side": "sell", "type": "stop", "stop_price": "99"}
WITH_STOP: dict[str, Any] = {"order_class": "oto", "stop_loss": {"stop_price": "99"}}
RISE = ("100", "102", "100", "101.5")
FALL = ("100", "100", "97", "98")
LOW = ("98", "98", "98", "98")


def test_a_short_has_negative_shares_value_and_cost(start: Start) -> None:
    broker = start(day_with([FALL]))
    client = Client(broker)
    client.placed(**SELL_STOP)
    broker.advance_to(minute(6))
    held = client.get("/v2/positions/AAA")
    assert {key: held[key] for key in ("side", "qty", "market_value", "cost_basis")} == {
        "side": "short",
        "qty": "-10",
        "market_value": "-980",
        "cost_basis": "-990",
    }
    assert (held["avg_entry_price"], held["unrealized_pl"]) == ("99", "10")


def test_equity_is_cash_and_positions_at_the_last_price(start: Start) -> None:
    broker = start(day_with([FALL]))
    client = Client(broker)
    client.placed(**SELL_STOP)
    broker.advance_to(minute(6))
    account = client.get("/v2/account")
    assert (account["cash"], account["equity"], account["last_equity"]) == (
        "100990",
        "100010",
        "100000",
    )


def test_the_closing_equity_is_the_last_equity_of_the_next_morning(start: Start) -> None:
    broker = start(day_with([FALL, *[LOW] * 384]))
    client = Client(broker)
    client.placed(**SELL_STOP, time_in_force="gtc")
    broker.advance_to(CLOSE + timedelta(hours=1))
    evening = client.get("/v2/account")["last_equity"]
    broker.advance_to(CLOSE + timedelta(days=2, hours=14))
    assert (evening, client.get("/v2/account")["last_equity"]) == ("100000", "100010")


def test_shares_under_an_order_are_not_available(broker: LocalAlpaca, client: Client) -> None:
    client.placed()
    broker.advance_to(minute(6))
    client.placed(**SELL_STOP | {"qty": "4"})
    assert client.get("/v2/positions/AAA")["qty_available"] == "6"


def test_of_a_short_the_available_shares_are_negative_too(start: Start) -> None:
    broker = start(day_with([FALL]))
    client = Client(broker)
    client.placed(**SELL_STOP)
    broker.advance_to(minute(6))
    client.placed(**BUY_STOP | {"qty": "4"})
    assert client.get("/v2/positions/AAA")["qty_available"] == "-6"


def test_fills_come_page_by_page_newest_first(broker: LocalAlpaca, client: Client) -> None:
    for number in range(5):
        client.placed(client_order_id=f"{number}")
        broker.advance_to(minute(6 + number))
    first = client.get("/v2/account/activities/FILL", page_size=2)
    rest = client.get("/v2/account/activities/FILL", page_token=first[-1]["id"])
    times = [fill["transaction_time"][14:16] for fill in first + rest]
    assert times == ["39", "38", "37", "36", "35"]


def test_an_activity_is_named_by_new_yorks_clock_and_its_execution(
    broker: LocalAlpaca, client: Client
) -> None:
    client.placed()
    broker.advance_to(minute(6))
    (fill,) = client.get("/v2/account/activities/FILL")
    assert fill["id"] == f"20261120093500000::{broker.ledger.executions[0].id}"


def test_fills_can_be_asked_for_since_a_moment(broker: LocalAlpaca, client: Client) -> None:
    for number in range(2):
        client.placed()
        broker.advance_to(minute(6 + number))
    after = client.get("/v2/account/activities", after="2026-11-20T14:35:00Z")
    assert [fill["transaction_time"] for fill in after] == ["2026-11-20T14:36:00Z"]


def test_orders_are_listed_newest_first_and_limited(client: Client) -> None:
    ids = [client.placed(**BUY_STOP)["id"] for _ in range(3)]
    listed = client.get("/v2/orders", limit=2)
    assert [order["id"] for order in listed] == [ids[2], ids[1]]


def test_orders_can_be_asked_for_after_one_of_them(client: Client) -> None:
    ids = [client.placed(**BUY_STOP)["id"] for _ in range(3)]
    listed = client.get("/v2/orders", after_order_id=ids[0], direction="asc")
    assert [order["id"] for order in listed] == ids[1:]


def test_after_and_until_leave_their_own_moments_out(client: Client) -> None:
    orders = [client.placed(**BUY_STOP) for _ in range(3)]
    after, until = orders[0]["submitted_at"], orders[2]["submitted_at"]
    listed = client.get("/v2/orders", after=after, until=until)
    assert [order["id"] for order in listed] == [orders[1]["id"]]


def test_a_held_leg_is_missing_among_the_open_orders(client: Client) -> None:
    order = client.placed(**BUY_STOP, **WITH_STOP)
    flat, nested = client.get("/v2/orders"), client.get("/v2/orders", nested="true")
    assert [row["id"] for row in flat] == [order["id"]]
    assert [len(row["legs"]) for row in nested] == [1]


def test_all_orders_list_a_leg_as_a_row_unless_they_are_nested(client: Client) -> None:
    client.placed(**BUY_STOP, **WITH_STOP)
    counts = [len(client.get("/v2/orders", status="all", nested=n)) for n in ("false", "true")]
    assert counts == [2, 1]


def test_a_working_leg_stands_alone_when_its_entry_is_not_listed(start: Start) -> None:
    broker = start(day_with([RISE, ("101.5", "101.6", "101.4", "101.5")]))
    client = Client(broker)
    order = client.placed(**BUY_STOP, **WITH_STOP)
    broker.advance_to(minute(7))
    listed = client.get("/v2/orders", status="open", nested="true")
    assert [row["id"] for row in listed] == [order["legs"][0]["id"]]


def test_the_headers_say_how_many_requests_are_left(client: Client) -> None:
    headers = [client.ask("GET", "/v2/clock").headers for _ in range(2)]
    assert [one["X-RateLimit-Remaining"] for one in headers] == ["199", "198"]
    assert (headers[0]["X-RateLimit-Limit"], headers[0]["X-RateLimit-Reset"]) == (
        "200",
        "1795185360",
    )


def test_the_next_minute_brings_new_requests(start: Start) -> None:
    broker = start(rules=Rules(trading_requests_per_minute=1))
    client = Client(broker)
    statuses = [client.ask("GET", "/v2/clock").status_code for _ in range(2)]
    broker.advance_to(minute(6))
    statuses.append(client.ask("GET", "/v2/clock").status_code)
    assert statuses == [200, 429, 200]


def test_portfolio_history_follows_the_prices_of_the_day(start: Start) -> None:
    broker = start(day_with([FALL, LOW]))
    client = Client(broker)
    client.placed(**SELL_STOP)
    broker.advance_to(minute(7))
    history = client.get("/v2/account/portfolio/history", period="1D", timeframe="1Min")
    assert history["equity"][-3:] == [100_000.0, 100_010.0, 100_010.0]
    assert history["profit_loss"][-1] == 10.0


def test_the_calendar_knows_half_days(client: Client) -> None:
    (day,) = client.get("/v2/calendar", start="2026-11-27", end="2026-11-27")
    assert (day["open"], day["close"]) == ("09:30", "13:00")


def test_an_average_price_is_of_both_executions(broker: LocalAlpaca, client: Client) -> None:
    broker.somebody_else.trades("AAA", 10, Decimal(100))
    broker.somebody_else.trades("AAA", 30, Decimal(104))
    assert client.get("/v2/positions/AAA")["avg_entry_price"] == "103"
