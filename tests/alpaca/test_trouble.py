"""One thing goes wrong at Alpaca, and what the desk makes of it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from models.people import SettingsVersion
from models.trading_settings import RiskSettings
from models.vocabulary import (
    ExitReason,
    OrderClass,
    OrderStatus,
    SettingsKind,
    Side,
    SignalStatus,
    TradeStatus,
)
from tests.alpaca.conftest import Open, session_of
from tests.alpaca.lockstep import Lockstep
from tests.builders import DOWN, LONG, a_day, a_market, at, dollars
from tests.local_alpaca import Rules
from tests.local_alpaca.faults import (
    FillPart,
    RejectLater,
    Respond,
    StickCancel,
)

NEAR = (100, 101, 99, 100.9)  # the market is above the stop, 100.80, at 9:35
STEADY = a_day(
    "ABLE",
    ("09:40", 101),
    ("09:41", 101.2),
    ("12:00", 102),
    ("15:55", 104),
    ("15:57", 104),
    opens=NEAR,
)
BELOW_THE_STOP = a_day(
    "ABLE", ("09:40", 101), ("12:00", 102), ("15:55", 104), opens=(100, 101, 99, 100.5)
)
GAPS = a_day(
    "ABLE", ("09:40", 101.55, 101.8, 101.5, 101.6), ("12:00", 102), ("15:55", 104), opens=NEAR
)
LONGEST_NAKED = timedelta(seconds=3)
MARKET_CLOSED_FLAT = (TradeStatus.CLOSED, ExitReason.FLATTEN)


def is_flat_and_agrees(played: Lockstep) -> bool:
    """Say whether nothing is held and our profit is the broker's, to the cent."""
    ours = sum((trade.pnl for trade in played.trades), Decimal(0))
    return not played.local.exchange.holdings.all() and ours == played.broker_profit()


def longest_naked(played: Lockstep) -> timedelta:
    gaps = played.local.ledger.unprotected(exits_protect=True)
    return max((gap.length for gap in gaps), default=timedelta(0))


# --------------------------------------------------------------- the two ways of an entry
def test_an_entry_carries_its_stop_where_that_is_proven(open_desk: Open) -> None:
    played = open_desk(a_market(STEADY), Rules()).until(at("10:00"))
    entry, stop = played.orders("ABLE")["entry-1"], played.orders("ABLE")["stop-1"]
    assert (entry.order_class, stop.order_class) == (OrderClass.OTO, OrderClass.OTO)
    assert stop.status is OrderStatus.WORKING


def test_where_it_is_not_proven_the_stop_is_placed_on_the_fill(open_desk: Open) -> None:
    played = open_desk(a_market(STEADY), Rules(), attachable=frozenset({Side.SHORT}))
    played.day(session_of())
    assert played.orders("ABLE")["entry-1"].order_class is OrderClass.SIMPLE
    assert played.orders("ABLE")["stop-1"].order_class is OrderClass.SIMPLE
    assert longest_naked(played) <= LONGEST_NAKED
    assert is_flat_and_agrees(played)


def test_a_market_below_the_stop_takes_the_plain_way_without_being_refused(open_desk: Open) -> None:
    played = open_desk(a_market(BELOW_THE_STOP), Rules()).until(at("09:36"))
    assert played.orders("ABLE")["entry-1"].order_class is OrderClass.SIMPLE
    assert played.local.ledger.orders_sent("orb-20241120-ABLE-entry-1") == 1


def test_a_stop_refused_for_its_price_goes_again_at_once_under_the_same_name(
    open_desk: Open,
) -> None:
    played = open_desk(a_market(STEADY), Rules())
    refusal = (
        '{"code":42210000,"message":"stop_loss.stop_price must be <= base_price - 0.01",'
        '"base_price":"100.10"}'
    )
    played.local.faults.add(Respond(422, refusal), method="POST", path="/v2/orders")
    played.until(at("09:36"))
    entry = played.orders("ABLE")["entry-1"]
    assert (entry.status, entry.order_class) == (OrderStatus.WORKING, OrderClass.SIMPLE)
    posts = [r for r in played.local.ledger.requests if r.method == "POST"]
    assert [(p.client_order_id, p.at) for p in posts] == [
        ("orb-20241120-ABLE-entry-1", at("09:35"))
    ] * 2


def test_a_venue_that_takes_no_stops_with_stop_entries_is_no_hindrance(open_desk: Open) -> None:
    played = open_desk(a_market(STEADY), Rules(stop_entries_may_have_legs=False))
    played.day(session_of())
    assert played.trade("ABLE").exit_reason is ExitReason.FLATTEN
    assert is_flat_and_agrees(played)


def test_after_a_gap_the_stop_is_moved_to_where_it_belongs(open_desk: Open) -> None:
    played = open_desk(a_market(GAPS), Rules()).until(at("10:00"))
    assert played.trade("ABLE").stop_price == dollars("101.35")
    assert played.orders("ABLE")["stop-1"].status is OrderStatus.CANCELLED
    assert played.orders("ABLE")["stop-2"].stop_price == dollars("101.35")
    assert longest_naked(played) <= LONGEST_NAKED


# --------------------------------------------------------------- orders that do not go well
def test_the_rest_of_a_part_filled_entry_is_cancelled_and_the_part_protected(
    open_desk: Open,
) -> None:
    played = open_desk(a_market(STEADY), Rules())
    played.local.faults.add(FillPart(), client_order_id="*-entry-1")
    played.until(at("10:00"))
    entry, stop = played.orders("ABLE")["entry-1"], played.orders("ABLE")["stop-2"]
    assert (entry.status, entry.filled_quantity) == (OrderStatus.CANCELLED, LONG // 2)
    assert (stop.status, stop.quantity) == (OrderStatus.WORKING, LONG // 2)
    assert longest_naked(played) <= LONGEST_NAKED


def test_a_slow_cancel_of_the_rest_is_waited_for_and_no_stop_is_refused(open_desk: Open) -> None:
    played = open_desk(a_market(STEADY), Rules(cancel_after=timedelta(seconds=4)))
    played.local.faults.add(FillPart(), client_order_id="*-entry-1")
    played.until(at("10:00"))
    assert played.orders("ABLE")["stop-2"].status is OrderStatus.WORKING
    assert not [o for o in played.orders("ABLE").values() if o.code == "wash_trade"]


def test_an_entry_that_is_rejected_later_says_so(open_desk: Open) -> None:
    played = open_desk(a_market(STEADY), Rules())
    played.local.faults.add(RejectLater(), client_order_id="*-entry-1")
    played.until(at("09:50"))
    assert played.orders("ABLE")["entry-1"].status is OrderStatus.REJECTED
    assert played.trades == []


def test_a_stop_that_is_rejected_later_is_placed_again(open_desk: Open) -> None:
    played = open_desk(a_market(STEADY), Rules(), attachable=frozenset())
    played.local.faults.add(RejectLater(), client_order_id="*-stop-1")
    played.until(at("10:00"))
    assert played.orders("ABLE")["stop-1"].status is OrderStatus.REJECTED
    assert played.orders("ABLE")["stop-2"].status is OrderStatus.WORKING
    assert longest_naked(played) <= 2 * LONGEST_NAKED


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (422, "shortable", 'asset \\"ABLE\\" cannot be sold short'),
        (422, "hard_to_borrow", 'only day orders are allowed for hard-to-borrow asset \\"ABLE\\"'),
        (422, "sub_penny", "invalid stop_price 101.001. sub-penny increment does not fulfill"),
        (403, "buying_power", "insufficient buying power"),
        (403, "wash_trade", "potential wash trade detected. use complex orders"),
        (422, "inactive", "asset ABLE is not active"),
    ],
)
def test_a_refusal_is_kept_with_its_code_and_not_asked_again(
    open_desk: Open, status: int, code: str, message: str
) -> None:
    played = open_desk(a_market(STEADY), Rules())
    body = f'{{"code":42210000,"message":"{message}"}}'
    played.local.faults.add(Respond(status, body), method="POST", path="/v2/orders")
    played.until(at("09:40"))
    entry = played.orders("ABLE")["entry-1"]
    assert (entry.status, entry.code) == (OrderStatus.REJECTED, code)
    assert played.local.ledger.orders_sent("orb-20241120-ABLE-entry-1") == 1


# --------------------------------------------------------------- shorts, halts, stuck cancels
SQUEEZED = a_day(
    "ABLE",
    ("09:40", 98.9),
    ("10:00", 103, 103, 103, 103),  # over the stop at 99.10 and the limit above it, at once
    ("10:01", 103.5),
    ("10:02", 104),
    opens=DOWN,
)


def test_a_short_whose_stop_was_jumped_is_bought_back_at_market(open_desk: Open) -> None:
    played = open_desk(a_market(SQUEEZED), Rules()).until(at("10:00"))
    while played.now < at("10:05"):
        played.seconds(1)
    trade = played.trade("ABLE")
    assert (trade.status, trade.exit_reason) == (TradeStatus.CLOSED, ExitReason.STOP)
    assert trade.exit_price == dollars("103.50")
    assert len(played.alerts("stop_jumped")) == 1


def test_a_stuck_cancel_is_asked_for_again_and_the_day_ends_flat(open_desk: Open) -> None:
    steady = a_day("ABLE", ("09:40", 101), *[(f"15:{m}", 104) for m in range(55, 60)])
    played = open_desk(a_market(steady), Rules())
    played.local.faults.add(StickCancel(), client_order_id="*")
    played.until(at("15:56"))
    stop = played.orders("ABLE")["stop-1"]
    assert stop.status is OrderStatus.CANCELLING
    held = played.local.exchange.order(stop.broker_order_id or "")
    played.local.release(held)
    played.until(session_of().closes_at)
    assert is_flat_and_agrees(played)
    assert played.trade("ABLE").exit_reason is ExitReason.FLATTEN


def test_a_cancel_that_sticks_to_the_end_is_a_critical_alert(open_desk: Open) -> None:
    steady = a_day("ABLE", ("09:40", 101), *[(f"15:{m}", 104) for m in range(55, 60)])
    played = open_desk(a_market(steady), Rules())
    played.local.faults.add(StickCancel(), times=None)
    played.until(session_of().closes_at)
    (alert,) = played.alerts("not_flat")
    assert alert.at >= at("15:59")


def test_a_halted_symbol_is_sold_once_it_trades_again(open_desk: Open) -> None:
    steady = a_day("ABLE", ("09:40", 101), *[(f"15:{m}", 104) for m in range(54, 60)])
    played = open_desk(a_market(steady), Rules()).until(at("15:54"))
    played.local.halt("ABLE")
    played.until(at("15:57"))
    assert played.trade("ABLE").status is TradeStatus.OPEN
    played.local.resume("ABLE")
    played.until(session_of().closes_at)
    assert is_flat_and_agrees(played)
    exits = [name for name in played.orders("ABLE") if name.startswith("exit")]
    assert len(exits) <= 40  # not one a second


def test_a_signal_that_is_never_touched_is_cancelled(open_desk: Open) -> None:
    quiet = a_day("ABLE", ("10:00", 100.5), ("15:55", 100))
    played = open_desk(a_market(quiet), Rules()).day(session_of())
    assert played.orders("ABLE")["entry-1"].status is OrderStatus.CANCELLED
    assert {s.status for s in played.all_signals()} == {SignalStatus.CANCELLED}


def test_a_stop_is_placed_without_market_data_too(open_desk: Open) -> None:
    played = open_desk(a_market(SQUEEZED), Rules(), attachable=frozenset()).until(at("09:40"))
    played.local.faults.add(Respond(504), path="/v2/stocks/*", times=None)
    played.until(at("09:45"))
    assert played.orders("ABLE")["stop-1"].status is OrderStatus.WORKING


def test_behind_a_stuck_cancel_a_stop_is_tried_all_the_same(open_desk: Open) -> None:
    played = open_desk(a_market(STEADY), Rules())
    played.local.faults.add(FillPart(), client_order_id="*-entry-1")
    played.until(at("09:40"))
    leg = played.local.exchange.order(played.orders("ABLE")["stop-1"].broker_order_id or "")
    played.local.faults.add(StickCancel(), client_order_id=leg.client_order_id, times=None)
    played.until(at("09:45"))
    assert leg.is_open
    assert played.orders("ABLE")["stop-2"].status is OrderStatus.WORKING
    assert longest_naked(played) <= timedelta(seconds=10)


# --------------------------------------------------------------- what comes late
def test_what_an_entry_fills_after_its_stop_did_is_held_protected_and_closed(
    open_desk: Open,
) -> None:
    played = open_desk(a_market(STEADY), Rules(), attachable=frozenset())
    played.local.faults.add(FillPart(), client_order_id="*-entry-1")
    played.local.faults.add(StickCancel(), client_order_id="*-entry-1", times=None)
    played.until(at("09:41")).seconds(10)
    fill(played, "stop-1", Decimal("100.80"))  # it stood beside what was left of the entry
    played.seconds(2)
    assert played.trade("ABLE").status is TradeStatus.CLOSED
    fill(played, "entry-1", Decimal("101.20"))  # before its cancel is confirmed
    played.seconds(5)
    again = played.trade("ABLE")
    assert (again.status, again.closed_at, again.exit_reason) == (TradeStatus.OPEN, None, None)
    assert played.orders("ABLE")["stop-2"].quantity == again.open_quantity
    played.day(session_of())
    assert played.trade("ABLE").status is TradeStatus.CLOSED
    assert is_flat_and_agrees(played)


def fill(played: Lockstep, name: str, price: Decimal) -> None:
    order = played.local.exchange.order(played.orders("ABLE")[name].broker_order_id or "")
    played.local.somebody_else.fills(order, price)


# --------------------------------------------------------------- settings
def test_settings_that_have_been_outgrown_keep_nothing_from_being_closed(open_desk: Open) -> None:
    played = open_desk(a_market(STEADY), Rules()).until(at("10:00"))
    outgrown = {**RiskSettings().model_dump(mode="json"), "max_positions": 500}
    with played.db.write() as tx:
        tx.add(
            SettingsVersion(
                kind=SettingsKind.RISK,
                version=1,
                body=outgrown,
                actor="anna",
                reason="before the bounds were narrowed",
                created_at=played.now,
            )
        )
    played.day(session_of())
    assert played.trade("ABLE").exit_reason is ExitReason.FLATTEN
    assert played.orders("ABLE")["exit-1"].risk_version == 1
    assert is_flat_and_agrees(played)
