"""What Alpaca refuses, with which status, code and words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.local_alpaca import LocalAlpaca, Rules
from tests.local_alpaca.conftest import Client, Start
from tests.local_alpaca.faults import FillPart
from tests.local_alpaca.observed_refusals import (
    BUY_STOP,
    LEGS,
    OBSERVED,
    SELL_STOP,
    Observed,
    hold_shares,
)
from tests.local_alpaca.played_days import day_with, minute


@pytest.mark.parametrize("observed", OBSERVED, ids=lambda observed: observed.name)
def test_it_refuses_in_alpacas_words(
    broker: LocalAlpaca, client: Client, observed: Observed
) -> None:
    status, body = observed.act(broker, client)
    expected = (observed.status, observed.code, observed.message)
    assert (status, body.get("code"), body["message"]) == expected


@pytest.mark.parametrize("observed", OBSERVED, ids=lambda observed: observed.name)
def test_a_refusal_has_the_keys_that_were_recorded(
    broker: LocalAlpaca, client: Client, shared: Path, observed: Observed
) -> None:
    listed = json.loads((shared / "alpaca" / "errors.json").read_text())
    recorded = next(error for error in listed if error["name"] == observed.name)
    status, body = observed.act(broker, client)
    assert (status, set(body)) == (recorded["status"], set(recorded["body"]))


def test_a_refused_order_leaves_no_row_and_its_id_free(client: Client) -> None:
    client.place(qty="5000", client_order_id="mine")
    assert client.get("/v2/orders", status="all") == []
    assert client.place(client_order_id="mine")[0] == 200


def test_every_open_order_reserves_buying_power(client: Client) -> None:
    client.placed(qty="3000", **BUY_STOP)
    assert client.get("/v2/account")["buying_power"] == "97000"


def test_a_short_reserves_at_least_three_percent_above_the_market(client: Client) -> None:
    client.placed(qty="1000", **SELL_STOP)
    assert client.get("/v2/account")["buying_power"] == "297000"


def test_an_exit_needs_no_buying_power(broker: LocalAlpaca, client: Client) -> None:
    client.placed(qty="3900")
    broker.advance_to(minute(6))
    assert client.place(qty="3900", **SELL_STOP)[0] == 200


def test_an_oco_may_protect_while_the_entry_still_works(
    broker: LocalAlpaca, client: Client
) -> None:
    hold_shares(broker, client)
    client.placed(type="stop", stop_price="101")
    plain = client.place(**SELL_STOP)[0]
    group = client.place(side="sell", type="limit", order_class="oco", **LEGS)[0]
    assert (plain, group) == (403, 200)


def test_a_waiting_leg_holds_none_of_the_shares_that_filled(start: Start) -> None:
    broker = start(day_with([("100", "102", "100", "101.5")]))
    broker.faults.add(FillPart())
    client = Client(broker)
    client.placed(**BUY_STOP, order_class="oto", stop_loss={"stop_price": "99"})
    broker.advance_to(minute(6))
    exit_ = {"side": "sell", "type": "limit", "order_class": "oco"}
    assert client.place(**exit_, qty="5", **LEGS)[0] == 200


def test_a_market_order_may_meet_a_limit_that_does_not_cross(client: Client) -> None:
    client.placed(side="sell", type="limit", limit_price="105")
    assert client.place()[0] == 200


def test_an_entry_with_legs_may_be_limited_to_market_and_limit_orders(start: Start) -> None:
    client = Client(start(rules=Rules(stop_entries_may_have_legs=False)))
    status, body = client.place(**BUY_STOP, order_class="bracket", **LEGS)
    assert (status, body["code"]) == (422, 40010001)


def test_the_market_price_may_be_left_out_of_the_base_price(start: Start) -> None:
    client = Client(start(rules=Rules(base_price_is_market=False)))
    legs = {"stop_loss": {"stop_price": "100.5"}}
    assert client.place(**BUY_STOP, order_class="oto", **legs)[0] == 200


def test_a_suspended_account_takes_no_orders(client: Client) -> None:
    client.ask("PATCH", "/v2/account/configurations", json={"suspend_trade": True})
    assert client.place()[0] == 403


@pytest.mark.parametrize(
    "words",
    [
        {"qty": "many"},
        {"qty": None},
        {"side": "up"},
        {"type": "stop"},
        {"time_in_force": "whenever"},
        {"client_order_id": "x" * 129},
    ],
)
def test_a_field_that_cannot_be_read_is_a_bad_parameter(
    client: Client, words: dict[str, Any]
) -> None:
    status, body = client.place(**words)
    assert (status, body["code"]) == (422, 40010001)


def test_without_any_price_a_market_order_is_refused(start: Start) -> None:
    broker = start({"AAA": day_with([]).slice(0, 0)})
    status, body = Client(broker).place()
    assert (status, body["code"]) == (403, 40310000)
