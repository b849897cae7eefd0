"""What Alpaca's rules make of protection: grouped stops, held shares, short sales, prices."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.actions.permissions import SYSTEM
from engine.actions.trading_settings import change_settings
from engine.adapters.alpaca.wire import CENT, order_body, orders_of
from models.broker import OrderRequest
from models.vocabulary import (
    ExitReason,
    OrderClass,
    OrderSide,
    OrderStatus,
    OrderType,
    SettingsKind,
    Side,
    TradeStatus,
)
from tests.alpaca.conftest import Open, session_of
from tests.alpaca.lockstep import BOTH, Lockstep
from tests.alpaca.naked import naked_times
from tests.alpaca.test_trouble import STEADY, is_flat_and_agrees
from tests.builders import DOWN, LONG, a_day, a_market, at
from tests.local_alpaca import Rules
from tests.local_alpaca.faults import FillPart, RejectLater, Respond, Silence, StickCancel

POLL_SECONDS = 1.0
FALLS = a_day(
    "ABLE",
    ("09:40", 101),
    ("09:50", 100.9, 100.9, 100.5, 100.6),
    ("15:55", 104),
    opens=(100, 101, 99, 100.9),
)


def longest_naked(played: Lockstep) -> float:
    return max((gap.seconds for gap in naked_times(played.local.ledger, ())), default=0.0)


def largest_stop(played: Lockstep) -> Decimal:
    """Return by how many shares the stops ever exceeded the position."""
    changes = played.local.ledger.coverage("ABLE")
    return max(change.stopped - abs(change.position) for change in changes)


# ------------------------------------------------------------- beside an entry that still works
def test_beside_an_entry_whose_cancel_is_slow_a_grouped_stop_protects_within_a_poll(
    open_desk: Open,
) -> None:
    played = open_desk(a_market(STEADY), Rules(cancel_after=timedelta(seconds=4)))
    played.local.faults.add(FillPart(), client_order_id="*-entry-1")
    played.until(at("10:00"))
    stop = played.orders("ABLE")["stop-2"]
    assert (stop.order_class, stop.status) == (OrderClass.OCO, OrderStatus.WORKING)
    assert longest_naked(played) <= POLL_SECONDS
    assert largest_stop(played) <= 0


def test_beside_an_entry_whose_cancel_fails_a_grouped_stop_protects_within_a_poll(
    open_desk: Open,
) -> None:
    played = open_desk(a_market(STEADY), Rules(), attachable=frozenset())
    played.local.faults.add(FillPart(), client_order_id="*-entry-1")
    played.local.faults.add(Respond(503), method="DELETE", path="/v2/orders/*", times=None)
    played.until(at("09:41")).seconds(5)
    stop = played.orders("ABLE")["stop-1"]
    assert (stop.order_class, stop.status) == (OrderClass.OCO, OrderStatus.WORKING)
    assert longest_naked(played) <= POLL_SECONDS


def test_beside_an_entry_whose_cancel_is_stuck_the_grouped_stop_does_its_work(
    open_desk: Open,
) -> None:
    played = open_desk(a_market(FALLS), Rules(), attachable=frozenset())
    played.local.faults.add(FillPart(), client_order_id="*-entry-1")
    played.local.faults.add(StickCancel(), client_order_id="*-entry-1", times=None)
    played.day(session_of())
    stop = played.orders("ABLE")["stop-1"]
    assert (stop.order_class, stop.status) == (OrderClass.OCO, OrderStatus.FILLED)
    assert is_flat_and_agrees(played)
    assert not [o for o in played.orders("ABLE").values() if o.code == "wash_trade"]


def test_a_grouped_stop_is_no_foreign_order_and_is_cancelled_at_the_flatten(
    open_desk: Open,
) -> None:
    played = open_desk(a_market(STEADY), Rules(cancel_after=timedelta(seconds=4)))
    played.local.faults.add(FillPart(), client_order_id="*-entry-1")
    played.day(session_of())
    assert played.alerts("foreign_order") == []
    assert played.trade("ABLE").exit_reason is ExitReason.FLATTEN
    assert is_flat_and_agrees(played)


def test_a_venue_that_refuses_grouped_stops_is_waited_for(open_desk: Open) -> None:
    played = open_desk(a_market(STEADY), Rules(cancel_after=timedelta(seconds=4)))
    refusal = '{"code":42210000,"message":"oco orders must be exit orders"}'
    played.local.faults.add(FillPart(), client_order_id="*-entry-1")
    name = "orb-20241120-ABLE-stop-2"
    played.local.faults.add(Respond(422, refusal), method="POST", client_order_id=name)
    played.until(at("10:00"))
    stops = [o for name, o in played.orders("ABLE").items() if name.startswith("stop")]
    assert [o.order_class for o in stops if o.status is OrderStatus.WORKING] == [OrderClass.SIMPLE]
    assert len(stops) == 3  # the attached one, the refused one, and the one that was waited for


def test_a_grouped_stop_that_the_exchange_rejects_is_asked_for_again(open_desk: Open) -> None:
    played = open_desk(a_market(STEADY), Rules(cancel_after=timedelta(seconds=4)))
    played.local.faults.add(FillPart(), client_order_id="*-entry-1")
    played.local.faults.add(RejectLater(), client_order_id="*-stop-2")
    played.until(at("10:00"))
    rejected, again = (played.orders("ABLE")[name] for name in ("stop-2", "stop-3"))
    assert (rejected.order_class, rejected.status) == (OrderClass.OCO, OrderStatus.REJECTED)
    assert (again.order_class, again.status) == (OrderClass.OCO, OrderStatus.WORKING)
    assert longest_naked(played) <= 2 * POLL_SECONDS  # one until it was known


def test_of_a_group_alpacas_stop_is_the_order_and_carries_its_name() -> None:
    leg = {"id": "2", "symbol": "A", "side": "sell", "type": "stop", "status": "held"}
    head = {"id": "1", "symbol": "A", "side": "sell", "type": "limit", "client_order_id": "mine"}
    row = {**head, "order_class": "oco", "status": "new", "legs": [{**leg, "order_class": "oco"}]}
    (order,) = orders_of(row)
    assert (order.broker_order_id, order.client_order_id) == ("2", "mine")
    assert order.status is OrderStatus.WORKING


# ------------------------------------------------------------- an answer that does not come
def test_a_stop_that_is_not_answered_is_looked_up_and_sent_again_at_once(open_desk: Open) -> None:
    played = open_desk(a_market(STEADY), Rules(), attachable=frozenset())
    played.local.faults.add(Silence(), method="POST", client_order_id="*-stop-1")
    played.until(at("10:00"))
    assert played.orders("ABLE")["stop-1"].status is OrderStatus.WORKING
    assert longest_naked(played) <= POLL_SECONDS


def test_a_stop_that_is_turned_away_is_sent_again_under_its_own_name(open_desk: Open) -> None:
    played = open_desk(a_market(STEADY), Rules(), attachable=frozenset())
    too_many = Respond(429, '{"code":42910000,"message":"rate limit exceeded"}')
    played.local.faults.add(too_many, method="POST", client_order_id="*-stop-1", times=2)
    played.until(at("10:00"))
    names = {name for name in played.orders("ABLE") if name.startswith("stop")}
    assert (names, played.orders("ABLE")["stop-1"].status) == ({"stop-1"}, OrderStatus.WORKING)


# ------------------------------------------------------------- held shares, short sales, prices
def test_shares_that_somebody_elses_order_holds_get_their_stop_once_they_are_free(
    open_desk: Open,
) -> None:
    played = open_desk(a_market(STEADY), Rules(), attachable=frozenset())
    played.until(at("09:41"))
    played.local.somebody_else.cancels(played.local.exchange.book.open("ABLE")[0].client_order_id)
    foreign = played.local.somebody_else.orders(
        symbol="ABLE", side="sell", qty=str(LONG), type="limit", limit_price="150"
    )
    played.seconds(3)
    refused = [o for o in played.orders("ABLE").values() if o.code == "held_quantity"]
    played.local.somebody_else.cancels(foreign.client_order_id)
    played.seconds(10)
    assert refused
    live = [o for o in played.orders("ABLE").values() if o.status is OrderStatus.WORKING]
    assert [o.quantity for o in live] == [LONG]


def test_a_name_that_is_hard_to_borrow_is_sold_short_with_orders_for_the_day(
    open_desk: Open,
) -> None:
    market = a_market(a_day("ABLE", ("09:40", 98.9), ("15:55", 96), opens=DOWN))
    played = open_desk(market).until(at("09:34"))
    book = played.local.exchange.assets
    book.put(replace(book.named("ABLE"), easy_to_borrow=False))
    played.day(session_of())
    assert played.trade("ABLE").status is TradeStatus.CLOSED


@pytest.mark.parametrize("attachable", [frozenset(), BOTH])
def test_a_tick_finer_than_alpacas_leaves_the_stop_that_it_keeps(
    open_desk: Open, attachable: frozenset[Side]
) -> None:
    played = open_desk(a_market(STEADY), Rules(), attachable=attachable)
    finer = {"tick_size": "0", "stop_atr_fraction": "0.1003"}
    change_settings(played.desk, SYSTEM, SettingsKind.STRATEGY, finer, "research")
    played.until(at("09:41")).seconds(10)
    stop, books = played.orders("ABLE")["stop-1"], played.trade("ABLE").stop_price
    assert stop.stop_price is not None
    assert books is not None
    assert (stop.status, 0 < books - stop.stop_price < CENT) == (OrderStatus.WORKING, True)
    assert "stop-2" not in played.orders("ABLE")


def test_prices_have_the_decimals_that_alpaca_takes() -> None:
    request = OrderRequest(
        client_order_id="x",
        symbol="A",
        side=OrderSide.SELL,
        quantity=1,
        type=OrderType.STOP,
        stop_price=Decimal("101.00799"),
    )
    assert order_body(request)["stop_price"] == "101.00"
    assert order_body(replace(request, side=OrderSide.BUY))["stop_price"] == "101.01"
    assert order_body(replace(request, stop_price=Decimal("0.99999")))["stop_price"] == "0.9999"
