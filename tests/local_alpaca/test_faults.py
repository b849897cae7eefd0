"""Trouble on demand strikes where it was asked for, and the ledger knows the truth behind it."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from tests.local_alpaca import LocalAlpaca, Rules
from tests.local_alpaca.conftest import Client, Start, an_order
from tests.local_alpaca.faults import (
    Edit,
    FillPart,
    RejectLater,
    Reset,
    Respond,
    Silence,
    Slow,
    Truncate,
    with_values,
    without,
)
from tests.local_alpaca.played_days import day_with, minute

ORDERS = {"method": "POST", "path": "/v2/orders"}
RISE = ("100", "102", "100", "101.5")


def ids_at_the_broker(broker: LocalAlpaca) -> list[str]:
    return [order.client_order_id for order in broker.exchange.book.all()]


@pytest.mark.parametrize(("acts", "known"), [(False, []), (True, ["mine"])])
def test_an_error_may_hide_that_the_order_exists(
    broker: LocalAlpaca,
    client: Client,
    acts: bool,  # noqa: FBT001  (a parameter of the test)
    known: list[str],
) -> None:
    broker.faults.add(Respond(504, "upstream timeout", acts=acts), **ORDERS)
    answer = client.ask("POST", "/v2/orders", json=an_order(client_order_id="mine"))
    assert (answer.status_code, answer.text) == (504, "upstream timeout")
    assert ids_at_the_broker(broker) == known


@pytest.mark.parametrize(("acts", "known"), [(False, []), (True, ["mine"])])
def test_a_connection_may_break_before_or_after_the_act(
    broker: LocalAlpaca,
    client: Client,
    acts: bool,  # noqa: FBT001
    known: list[str],
) -> None:
    broker.faults.add(Reset(acts=acts), **ORDERS)
    with pytest.raises(requests.ConnectionError):
        client.place(client_order_id="mine")
    assert ids_at_the_broker(broker) == known


def test_half_an_answer_cannot_be_read(broker: LocalAlpaca, client: Client) -> None:
    broker.faults.add(Truncate(), **ORDERS)
    with pytest.raises(requests.exceptions.RequestException):
        client.place(client_order_id="mine")
    assert ids_at_the_broker(broker) == ["mine"]


def test_a_silent_server_answers_nothing_until_it_is_closed(
    broker: LocalAlpaca, client: Client
) -> None:
    broker.faults.add(Silence(acts=True), **ORDERS)
    with pytest.raises(requests.ReadTimeout):
        client.session.post(
            f"{broker.url}/v2/orders", json=an_order(client_order_id="mine"), timeout=0.2
        )
    assert ids_at_the_broker(broker) == ["mine"]


def test_a_slow_request_still_succeeds(broker: LocalAlpaca, client: Client) -> None:
    slow = broker.faults.add(Slow(0.05), path="/v2/account")
    assert (client.ask("GET", "/v2/account").status_code, slow.hits) == (200, 1)


def test_a_fault_strikes_the_nth_request_as_often_as_asked(
    broker: LocalAlpaca, client: Client
) -> None:
    broker.faults.add(Respond(503), path="/v2/clock", nth=2, times=2)
    seen = [client.ask("GET", "/v2/clock").status_code for _ in range(5)]
    assert seen == [200, 503, 503, 200, 200]


def test_a_fault_may_be_about_one_symbol_or_one_order(broker: LocalAlpaca, client: Client) -> None:
    broker.faults.add(Respond(503), symbol="BBB", times=None)
    broker.faults.add(Respond(500), client_order_id="orb-*-stop-1", times=None)
    named = [
        client.ask("POST", "/v2/orders", json=an_order(client_order_id=name, symbol=symbol))
        for name, symbol in [("orb-x-entry-1", "BBB"), ("orb-x-stop-1", "AAA"), ("a", "AAA")]
    ]
    assert [answer.status_code for answer in named] == [503, 500, 200]


def test_a_fault_knows_the_order_that_a_path_names(broker: LocalAlpaca, client: Client) -> None:
    first, second = client.placed(client_order_id="a"), client.placed(client_order_id="b")
    broker.faults.add(Respond(500), method="DELETE", client_order_id="b")
    assert [client.cancel(order["id"]) for order in (first, second)] == [204, 500]


def test_chance_is_the_same_for_the_same_seed(start: Start) -> None:
    patterns = []
    for _ in range(2):
        broker = start(seed=7)
        broker.faults.add(Respond(503), times=None, chance=0.5)
        client = Client(broker)
        patterns.append([client.ask("GET", "/v2/clock").status_code for _ in range(20)])
    assert patterns[0] == patterns[1]
    assert set(patterns[0]) == {200, 503}


def test_a_fault_can_be_taken_away(broker: LocalAlpaca, client: Client) -> None:
    fault = broker.faults.add(Respond(503), times=None)
    broker.faults.remove(fault)
    assert client.ask("GET", "/v2/clock").status_code == 200


def test_a_field_may_be_missing_and_another_unknown(broker: LocalAlpaca, client: Client) -> None:
    broker.faults.add(Edit(without("buying_power")), path="/v2/account")
    broker.faults.add(Edit(with_values(status="UNHEARD_OF")), path="/v2/account")
    account = client.get("/v2/account")
    assert ("buying_power" in account, account["status"]) == (False, "UNHEARD_OF")


def test_every_object_of_a_list_is_changed(broker: LocalAlpaca, client: Client) -> None:
    for _ in range(2):
        client.placed(type="stop", stop_price="101")
    broker.faults.add(Edit(with_values(status="pending_review")), path="/v2/orders")
    assert {order["status"] for order in client.get("/v2/orders")} == {"pending_review"}


def test_an_order_may_be_rejected_after_it_was_taken(broker: LocalAlpaca, client: Client) -> None:
    broker.faults.add(RejectLater())
    order = client.placed(order_class="oto", stop_loss={"stop_price": "99"})
    after = client.order(order["id"])
    assert (after["status"], after["legs"][0]["status"]) == ("rejected", "rejected")


def test_a_part_is_filled_and_the_rest_on_the_next_bar(start: Start) -> None:
    broker = start(day_with([RISE]))
    broker.faults.add(FillPart(Decimal("0.3")))
    client = Client(broker)
    client.placed(type="stop", stop_price="101")
    broker.advance_to(minute(7))
    fills = client.get("/v2/account/activities/FILL", direction="asc")
    assert [(fill["qty"], fill["leaves_qty"], fill["type"]) for fill in fills] == [
        ("3", "7", "partial_fill"),
        ("7", "0", "fill"),
    ]


def test_random_partial_fills_come_to_the_whole_in_the_end(start: Start) -> None:
    broker = start(rules=Rules(partial_fill_chance=0.9), seed=3)
    client = Client(broker)
    client.placed(qty="1000")
    broker.advance_to(minute(60))
    assert len(broker.ledger.executions) > 1
    assert client.get("/v2/positions/AAA")["qty"] == "1000"


def test_the_clock_endpoint_may_be_skewed(broker: LocalAlpaca, client: Client) -> None:
    broker.clock_skew = timedelta(seconds=90)
    assert client.get("/v2/clock")["timestamp"] == "2026-11-20T09:36:30-05:00"


def test_somebody_else_may_trade_in_the_account(broker: LocalAlpaca, client: Client) -> None:
    broker.somebody_else.trades("AAA", -5, Decimal("99.5"))
    broker.somebody_else.trades("UNSEEN", 2, Decimal(7))
    broker.somebody_else.orders(symbol="AAA", qty="5", side="buy", type="limit", limit_price="90")
    assert [held["qty"] for held in client.get("/v2/positions")] == ["-5", "2"]
    assert [order["limit_price"] for order in client.get("/v2/orders")] == ["90"]


def test_somebody_else_may_cancel_an_order_of_ours(broker: LocalAlpaca, client: Client) -> None:
    order = client.placed(type="stop", stop_price="101", client_order_id="mine")
    broker.somebody_else.cancels("mine")
    assert client.order(order["id"])["status"] == "canceled"


def test_the_ledger_notes_what_the_client_saw_and_whether_it_acted(
    broker: LocalAlpaca, client: Client
) -> None:
    broker.faults.add(Respond(504, acts=True), **ORDERS)
    broker.faults.add(Reset(), **ORDERS, nth=2)
    client.ask("POST", "/v2/orders", json=an_order(client_order_id="mine"))
    with pytest.raises(requests.ConnectionError):
        client.place(client_order_id="mine")
    seen = [(one.client_order_id, one.status, one.acted) for one in broker.ledger.requests]
    assert seen == [("mine", 504, True), ("mine", None, False)]
    assert broker.ledger.orders_sent("mine") == 2


def test_a_mistake_of_the_broker_itself_is_not_swallowed(start: Start) -> None:
    broker = start()

    def break_(_body: Any) -> Any:
        raise json.JSONDecodeError("a mistake", "", 0)

    broker.faults.add(Edit(break_), path="/v2/clock")
    with pytest.raises(requests.ConnectionError):
        Client(broker).get("/v2/clock")
    assert len(broker.mistakes) == 1
    broker.mistakes.clear()
