"""From submission to the end: statuses, legs, cancels, replacements, expiry."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.clock import DrivenClock
from tests.local_alpaca import LocalAlpaca, Rules
from tests.local_alpaca.conftest import Client, Start
from tests.local_alpaca.faults import FillPart, StickCancel
from tests.local_alpaca.played_days import CLOSE, OPEN, QUIET, day_with, minute

BUY_STOP = {"type": "stop", "stop_price": "101"}
SELL_STOP = {"side": "sell", "type": "stop", "stop_price": "99"}
WITH_STOP: dict[str, Any] = {"order_class": "oto", "stop_loss": {"stop_price": "99"}}
RISE = ("100", "102", "100", "101.5")
HIGH = ("101.5", "101.6", "101.4", "101.5")
SECONDS = timedelta(seconds=2)


def statuses(client: Client, order_id: str) -> list[str]:
    """Return the status of an order and of its legs."""
    order = client.order(order_id)
    return [order["status"], *(leg["status"] for leg in order["legs"] or [])]


def test_an_order_is_pending_in_the_answer_and_new_afterwards(client: Client) -> None:
    order = client.placed(**BUY_STOP)
    assert (order["status"], statuses(client, order["id"])) == ("pending_new", ["new"])


def test_an_acknowledgement_may_take_time(start: Start) -> None:
    broker = start(rules=Rules(acknowledge_after=SECONDS))
    client = Client(broker)
    order = client.placed(**BUY_STOP)
    before = statuses(client, order["id"])
    broker.advance_to(minute(5) + SECONDS)
    assert (before, statuses(client, order["id"])) == (["pending_new"], ["new"])


def test_a_leg_is_held_until_its_entry_is_complete(start: Start) -> None:
    broker = start(day_with([RISE, HIGH]))
    broker.faults.add(FillPart())
    client = Client(broker)
    order = client.placed(**BUY_STOP, **WITH_STOP)
    seen = []
    for number in (6, 7):
        broker.advance_to(minute(number))
        seen.append(statuses(client, order["id"]))
    assert seen == [["partially_filled", "held"], ["filled", "new"]]


def test_legs_share_a_group_and_have_ids_of_their_own(client: Client) -> None:
    order = client.placed(**BUY_STOP, **WITH_STOP, client_order_id="mine")
    leg = order["legs"][0]
    assert leg["group_id"] == order["group_id"]
    assert (order["group_role"], leg["group_role"]) == ("entry", "stop_loss")
    assert leg["client_order_id"] not in {"", "mine"}


def test_a_simple_order_has_no_group(client: Client) -> None:
    assert "group_id" not in client.placed()


def test_cancelling_a_partly_filled_entry_takes_its_leg_along(start: Start) -> None:
    broker = start(day_with([RISE]))
    broker.faults.add(FillPart())
    client = Client(broker)
    order = client.placed(**BUY_STOP, **WITH_STOP)
    broker.advance_to(minute(6))
    client.cancel(order["id"])
    assert statuses(client, order["id"]) == ["canceled", "canceled"]
    assert client.get("/v2/positions/AAA")["qty"] == "5"


def test_cancelling_a_leg_cancels_its_waiting_entry(client: Client) -> None:
    order = client.placed(**BUY_STOP, **WITH_STOP)
    client.cancel(order["legs"][0]["id"])
    assert statuses(client, order["id"]) == ["canceled", "canceled"]


def test_a_cancel_is_a_request_that_a_fill_can_beat(start: Start) -> None:
    broker = start(day_with([RISE]), Rules(cancel_after=timedelta(minutes=2)))
    client = Client(broker)
    order = client.placed(**BUY_STOP)
    client.cancel(order["id"])
    pending = statuses(client, order["id"])
    broker.advance_to(minute(8))
    assert (pending, statuses(client, order["id"])) == (["pending_cancel"], ["filled"])


def test_a_stuck_cancel_stays_pending_until_it_is_released(
    broker: LocalAlpaca, client: Client
) -> None:
    broker.faults.add(StickCancel())
    order = client.placed(**BUY_STOP)
    client.cancel(order["id"])
    broker.advance_to(minute(60))
    stuck = statuses(client, order["id"])
    broker.release(broker.exchange.order(order["id"]))
    assert (stuck, statuses(client, order["id"])) == (["pending_cancel"], ["canceled"])


def test_cancelling_what_has_ended_is_refused(broker: LocalAlpaca, client: Client) -> None:
    order = client.placed()
    broker.advance_to(minute(6))
    assert client.cancel(order["id"]) == 422


def test_cancelling_everything_answers_for_each_order(client: Client) -> None:
    ids = {client.placed(**BUY_STOP)["id"] for _ in range(3)}
    answer = client.ask("DELETE", "/v2/orders")
    assert answer.status_code == 207
    assert {row["id"]: row["status"] for row in answer.json()} == dict.fromkeys(ids, 200)


def test_a_day_order_expires_at_the_close(broker: LocalAlpaca, client: Client) -> None:
    order = client.placed(**BUY_STOP, **WITH_STOP)
    broker.advance_to(CLOSE)
    assert statuses(client, order["id"]) == ["expired", "expired"]


def test_an_order_waits_for_the_open_and_then_trades_in_the_first_bar(start: Start) -> None:
    broker = start(clock=DrivenClock(OPEN - timedelta(hours=1)), bars=day_with([]))
    client = Client(broker)
    order = client.placed(type="limit", limit_price="100")
    queued = order["status"]
    broker.advance_to(minute(1))
    assert (queued, statuses(client, order["id"])) == ("accepted", ["filled"])


def test_after_the_close_an_order_belongs_to_the_next_session(
    broker: LocalAlpaca, client: Client
) -> None:
    broker.advance_to(CLOSE + timedelta(hours=1))
    order = client.placed(**BUY_STOP)
    assert (order["status"], order["expires_at"]) == ("accepted", "2026-11-23T21:00:00Z")


def replacing(client: Client, order: dict[str, Any], **words: Any) -> tuple[int, dict[str, Any]]:
    """Ask for a replacement."""
    answer = client.ask("PATCH", f"/v2/orders/{order['id']}", json=words)
    return answer.status_code, answer.json()


def test_a_replacement_is_a_new_order(client: Client) -> None:
    old = client.placed(**BUY_STOP)
    status, new = replacing(client, old, stop_price="102")
    assert (status, new["replaces"], new["stop_price"]) == (200, old["id"], "102")
    assert client.order(old["id"])["replaced_by"] == new["id"]
    assert [statuses(client, order["id"]) for order in (old, new)] == [["replaced"], ["new"]]


def test_a_fill_can_beat_a_replacement(start: Start) -> None:
    broker = start(day_with([RISE]), Rules(replace_after=timedelta(minutes=2)))
    client = Client(broker)
    old = client.placed(**BUY_STOP)
    _, new = replacing(client, old, stop_price="103")
    broker.advance_to(minute(8))
    assert [statuses(client, order["id"]) for order in (old, new)] == [["filled"], ["rejected"]]


@pytest.mark.parametrize("status", ["pending_new", "pending_cancel", "filled"])
def test_what_is_not_settled_cannot_be_replaced(start: Start, status: str) -> None:
    late = Rules(acknowledge_after=SECONDS) if status == "pending_new" else Rules()
    broker = start(rules=late)
    broker.faults.add(StickCancel())
    client = Client(broker)
    order = client.placed(**(BUY_STOP if status != "filled" else {}))
    if status == "pending_cancel":
        client.cancel(order["id"])
    if status == "filled":
        broker.advance_to(minute(6))
    assert replacing(client, order, stop_price="102")[0] == 422


def test_an_oto_is_not_replaceable_but_a_rule_may_allow_it(start: Start) -> None:
    strict, lenient = Client(start()), Client(start(rules=Rules(oto_is_replaceable=True)))
    orders = [client.placed(**BUY_STOP, **WITH_STOP) for client in (strict, lenient)]
    answers = [
        replacing(client, order, stop_price="102")[0]
        for client, order in zip((strict, lenient), orders, strict=True)
    ]
    assert answers == [422, 200]


def test_a_replaced_leg_goes_on_protecting(start: Start) -> None:
    broker = start(
        day_with([RISE, HIGH, ("101", "101", "98", "98")]), Rules(oto_is_replaceable=True)
    )
    client = Client(broker)
    order = client.placed(**BUY_STOP, **WITH_STOP)
    broker.advance_to(minute(6))
    _, leg = replacing(client, order["legs"][0], stop_price="100.9")
    broker.advance_to(minute(8))
    assert client.order(leg["id"])["filled_avg_price"] == "100.9"
    assert client.get("/v2/positions") == []


def test_a_leg_that_was_being_replaced_when_its_entry_filled_still_protects(start: Start) -> None:
    rules = Rules(oto_is_replaceable=True, replace_after=timedelta(seconds=90))
    broker = start(day_with([RISE, HIGH, HIGH, ("101", "101", "98", "98")]), rules)
    client = Client(broker)
    order = client.placed(**BUY_STOP, **WITH_STOP)
    _, leg = replacing(client, order["legs"][0], stop_price="98.5")
    broker.advance_to(minute(9))
    assert client.order(leg["id"])["filled_avg_price"] == "98.5"


def test_a_position_is_closed_at_the_market(broker: LocalAlpaca, client: Client) -> None:
    client.placed()
    broker.advance_to(minute(6))
    closing = client.ask("DELETE", "/v2/positions/AAA").json()
    broker.advance_to(minute(7))
    assert (closing["side"], closing["position_intent"]) == ("sell", "sell_to_close")
    assert client.get("/v2/positions") == []


def test_a_working_stop_holds_the_shares_against_closing(
    broker: LocalAlpaca, client: Client
) -> None:
    client.placed()
    broker.advance_to(minute(6))
    stop = client.placed(**SELL_STOP)
    answer = client.ask("DELETE", "/v2/positions/AAA")
    assert (answer.status_code, answer.json()["related_orders"]) == (403, [stop["id"]])


@pytest.mark.parametrize(("cancel_orders", "status"), [("True", 200), ("false", 403)])
def test_closing_everything_answers_for_each_position(
    broker: LocalAlpaca, client: Client, cancel_orders: str, status: int
) -> None:
    client.placed()
    broker.advance_to(minute(6))
    client.placed(**SELL_STOP)
    answer = client.ask("DELETE", f"/v2/positions?cancel_orders={cancel_orders}")
    assert answer.status_code == 207
    assert [(row["symbol"], row["status"]) for row in answer.json()] == [("AAA", status)]


def test_part_of_a_position_can_be_closed(broker: LocalAlpaca, client: Client) -> None:
    client.placed()
    broker.advance_to(minute(6))
    answers = [
        client.ask("DELETE", f"/v2/positions/AAA?{part}").json()["qty"]
        for part in ("qty=3", "percentage=50")
    ]
    assert answers == ["3", "5"]


def test_a_quiet_day_leaves_a_far_stop_alone(start: Start) -> None:
    broker = start(day_with([QUIET]))
    client = Client(broker)
    order = client.placed(**BUY_STOP)
    broker.advance_to(CLOSE - timedelta(minutes=1))
    assert statuses(client, order["id"]) == ["new"]
