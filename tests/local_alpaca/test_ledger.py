"""The ledger tells when shares stood without a stop, whatever the desk believes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.local_alpaca import LocalAlpaca, Rules
from tests.local_alpaca.conftest import Client, Start
from tests.local_alpaca.faults import FillPart
from tests.local_alpaca.moments import nanoseconds
from tests.local_alpaca.played_days import day_with, minute

BUY_STOP = {"type": "stop", "stop_price": "101"}
SELL_STOP = {"side": "sell", "type": "stop", "stop_price": "99"}
WITH_STOP: dict[str, Any] = {"order_class": "oto", "stop_loss": {"stop_price": "99"}}
RISE = ("100", "102", "100", "101.5")
HIGH = ("101.5", "101.6", "101.4", "101.5")


def gaps(broker: LocalAlpaca, **options: bool) -> list[tuple[timedelta, str]]:
    return [(one.length, str(one.shares)) for one in broker.ledger.unprotected("AAA", **options)]


def test_an_attached_stop_protects_from_the_first_moment(start: Start) -> None:
    broker = start(day_with([RISE, *[HIGH] * 10]))
    Client(broker).placed(**BUY_STOP, **WITH_STOP)
    broker.advance_to(minute(10))
    assert gaps(broker) == []


def test_a_stop_placed_later_leaves_a_gap_before_it(broker: LocalAlpaca, client: Client) -> None:
    client.placed()
    broker.advance_to(minute(6.5))
    client.placed(**SELL_STOP)
    broker.advance_to(minute(10))
    assert gaps(broker) == [(timedelta(seconds=30), "10")]


def test_a_gap_that_begins_now_has_not_lasted_yet(broker: LocalAlpaca, client: Client) -> None:
    client.placed()
    broker.advance_to(minute(6))
    assert gaps(broker) == []


def test_a_partly_filled_entry_is_naked_until_it_is_complete(start: Start) -> None:
    broker = start(day_with([RISE, *[HIGH] * 10]))
    broker.faults.add(FillPart(Decimal("0.4")))
    Client(broker).placed(**BUY_STOP, **WITH_STOP)
    broker.advance_to(minute(10))
    assert gaps(broker) == [(timedelta(minutes=1), "4")]


def test_a_stop_for_too_few_shares_covers_only_those(broker: LocalAlpaca, client: Client) -> None:
    client.placed()
    broker.advance_to(minute(6))
    client.placed(**SELL_STOP | {"qty": "7"})
    broker.advance_to(minute(7))
    assert gaps(broker) == [(timedelta(minutes=1), "3")]


def test_an_exit_may_count_as_protection(broker: LocalAlpaca, client: Client) -> None:
    client.placed()
    broker.advance_to(minute(6))
    client.ask("DELETE", "/v2/positions/AAA")
    broker.advance_to(minute(7))
    assert gaps(broker) == [(timedelta(minutes=1), "10")]
    assert gaps(broker, exits_protect=True) == []


def test_a_stop_that_is_to_be_cancelled_protects_until_it_is(start: Start) -> None:
    broker = start(rules=Rules(cancel_after=timedelta(seconds=20)))
    client = Client(broker)
    client.placed()
    broker.advance_to(minute(6))
    client.cancel(client.placed(**SELL_STOP)["id"])
    broker.advance_to(minute(7))
    assert gaps(broker) == [(timedelta(seconds=40), "10")]


def test_both_halves_of_an_oco_count_as_one_stop(broker: LocalAlpaca, client: Client) -> None:
    client.placed()
    broker.advance_to(minute(6))
    exits = {"take_profit": {"limit_price": "105"}, "stop_loss": {"stop_price": "99"}}
    client.placed(side="sell", type="limit", order_class="oco", **exits)
    broker.advance_to(minute(10))
    assert gaps(broker) == []


def test_positions_are_known_at_every_moment(broker: LocalAlpaca, client: Client) -> None:
    client.placed()
    broker.advance_to(minute(6))
    client.placed(side="sell", qty="4")
    broker.advance_to(minute(7))
    held = [broker.ledger.position_at("AAA", nanoseconds(minute(n))) for n in (5, 6, 6.5, 7)]
    assert held == [0, 10, 10, 6]


def test_executions_carry_when_they_happened_and_what_was_held_then(
    broker: LocalAlpaca, client: Client
) -> None:
    client.placed(client_order_id="mine")
    broker.advance_to(minute(6))
    (one,) = broker.ledger.executions
    assert (one.client_order_id, one.quantity, one.position_after) == (
        "mine",
        Decimal(10),
        Decimal(10),
    )
    assert (one.filled_at, one.booked_at) == (nanoseconds(minute(5)), nanoseconds(minute(6)))
