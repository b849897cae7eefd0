"""A request that is not answered, and a process that is killed: nothing is ever sent twice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from engine.actions import control
from engine.actions.permissions import SYSTEM
from engine.clock import DrivenClock
from models.trading import Order
from models.vocabulary import ExitReason, OrderStatus, TradeStatus
from tests.alpaca.conftest import Open, session_of
from tests.alpaca.fragile import FragileDatabase
from tests.alpaca.lockstep import BEFORE_OPEN, Lockstep
from tests.builders import LONG, a_day, a_market, at
from tests.databases import with_schema
from tests.local_alpaca import LocalAlpaca, PlayedMarket, Rules
from tests.local_alpaca.faults import Breaking, Reset, Respond, Silence, Truncate

NEAR = (100, 101, 99, 100.9)
MARKET = a_market(
    a_day("ABLE", ("09:40", 101), ("12:00", 102), ("15:55", 104), ("15:56", 104), opens=NEAR)
)
ENTRY = "orb-20241120-ABLE-entry-1"
TOO_MANY = '{"code":42910000,"message":"rate limit exceeded"}'
UNANSWERED = {
    "reset before": Reset(),
    "reset after": Reset(acts=True),
    "silence before": Silence(),
    "silence after": Silence(acts=True),
    "504 before": Respond(504, "upstream request timeout"),
    "504 after": Respond(504, "upstream request timeout", acts=True),
    "500 before": Respond(500),
    "500 after": Respond(500, acts=True),
    "truncated": Truncate(),
}


def posts_and_lookups(played: Lockstep, name: str) -> str:
    """Return P for each submission of a name and L for each look-up of it, in their order."""
    letters = []
    for seen in played.local.ledger.requests:
        if seen.client_order_id == name and seen.method == "POST":
            letters.append("P")
        elif seen.client_order_id == name and "by_client_order_id" in seen.path:
            letters.append("L")
    return "".join(letters)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        *[pytest.param("entry-1", fault, id=f"entry {name}") for name, fault in UNANSWERED.items()],
        *[
            pytest.param(order, UNANSWERED[name], id=f"{order} {name}")
            for order in ("stop-1", "exit-1")
            for name in ("reset before", "504 after")
        ],
    ],
)
def test_an_unanswered_order_is_looked_up_and_the_day_is_as_any_other(
    open_desk: Open, name: str, fault: Breaking
) -> None:
    played = open_desk(MARKET, Rules(), attachable=frozenset())
    order = f"orb-20241120-ABLE-{name}"
    played.local.faults.add(fault, method="POST", client_order_id=order)
    played.day(session_of())
    story = posts_and_lookups(played, order)
    assert story.startswith("PL")
    assert "PP" not in story
    trade = played.trade("ABLE")
    assert (trade.quantity, trade.exit_reason) == (LONG, ExitReason.FLATTEN)
    assert trade.pnl == played.broker_profit()


def test_an_order_that_arrived_is_adopted_and_not_sent_again(open_desk: Open) -> None:
    played = open_desk(MARKET, Rules())
    played.local.faults.add(Respond(504, acts=True), method="POST", client_order_id=ENTRY)
    played.until(at("09:36"))
    assert played.orders("ABLE")["entry-1"].status is OrderStatus.WORKING
    assert played.orders("ABLE")["stop-1"].status is OrderStatus.HELD
    assert posts_and_lookups(played, ENTRY).count("P") == 1


def test_an_order_that_is_turned_away_at_the_limit_is_sent_again(open_desk: Open) -> None:
    played = open_desk(MARKET, Rules())
    played.local.faults.add(Respond(429, TOO_MANY), method="POST", client_order_id=ENTRY, times=2)
    played.until(at("09:37"))
    assert played.orders("ABLE")["entry-1"].status is OrderStatus.WORKING


def test_after_a_429_entries_wait_some_seconds(open_desk: Open) -> None:
    played = open_desk(MARKET, Rules())
    played.local.faults.add(Respond(429, TOO_MANY), method="POST", client_order_id=ENTRY)
    played.until(at("09:37"))
    posts = [r.at for r in played.local.ledger.requests if r.method == "POST"]
    assert posts[1] - posts[0] >= timedelta(seconds=5)


def test_a_look_up_that_fails_does_not_keep_the_others_from_being_followed(
    open_desk: Open,
) -> None:
    other = a_day("BAKE", ("09:40", 101), ("15:55", 104), opens=NEAR)
    able = a_day("ABLE", ("09:40", 101), ("15:55", 104), opens=NEAR)
    played = open_desk(a_market(able, other), Rules())
    faults = played.local.faults
    faults.add(Respond(504), method="POST", client_order_id=ENTRY)
    faults.add(Respond(504), method="GET", client_order_id=ENTRY, times=None)
    played.until(at("09:42"))
    assert played.orders("ABLE")["entry-1"].status is OrderStatus.SUBMITTING
    assert played.trade("BAKE").status is TradeStatus.OPEN


def test_a_kill_does_not_lose_an_order_whose_fate_is_unknown(open_desk: Open) -> None:
    played = open_desk(MARKET, Rules())
    faults = played.local.faults
    faults.add(Respond(504, acts=True), method="POST", client_order_id=ENTRY)
    faults.add(Respond(504), method="GET", path="/v2/orders:by*", times=3)
    played.step(at("09:25"))
    played.step(at("09:35"))
    control.kill(played.desk, SYSTEM, "for the test")
    played.until(at("09:37"))
    assert played.orders("ABLE")["entry-1"].status is OrderStatus.CANCELLED
    assert played.local.exchange.book.open() == []


def test_an_order_that_arrives_after_it_was_given_up_is_cancelled(open_desk: Open) -> None:
    played = open_desk(MARKET, Rules())
    played.local.faults.add(Respond(504), method="POST", client_order_id=ENTRY)
    played.step(at("09:25"))
    played.step(at("09:35"))
    control.kill(played.desk, SYSTEM, "for the test")
    played.until(at("09:37"))
    assert played.orders("ABLE")["entry-1"].status is OrderStatus.CANCELLED
    late = played.local.somebody_else.orders(
        symbol="ABLE", side="buy", qty="10", type="stop", stop_price="105", client_order_id=ENTRY
    )
    played.seconds(70)
    assert not late.is_open


def test_an_exit_intended_before_a_crash_is_not_sent_once_nothing_is_held(
    open_desk: Open,
) -> None:
    played = open_desk(MARKET, Rules()).until(at("10:00"))
    with played.db.write() as tx:
        trade = played.trade("ABLE")
        stop = tx.merge(played.orders("ABLE")["stop-1"])
        tx.add(_an_exit_like(stop, trade.id))
    played.local.somebody_else.cancels(_leg_name(played))
    played.local.somebody_else.trades("ABLE", -LONG, Decimal(102))
    played.seconds(70)
    assert played.orders("ABLE")["exit-9"].status is OrderStatus.REFUSED
    assert played.local.exchange.holdings.all() == []


def _an_exit_like(stop: object, trade_id: int) -> object:
    values = {c.name: getattr(stop, c.name) for c in Order.__table__.columns if c.name != "id"}
    values |= {
        "client_order_id": "orb-20241120-ABLE-exit-9",
        "broker_order_id": None,
        "status": OrderStatus.INTENDED,
        "purpose": "exit",
        "type": "market",
        "quantity": LONG,
        "parent_id": None,
        "trade_id": trade_id,
        "attempt": 9,
        "stop_price": None,
    }
    return Order(**values)


def _leg_name(played: Lockstep) -> str:
    (leg,) = played.local.exchange.book.open("ABLE")
    return leg.client_order_id


@pytest.mark.parametrize("every", [1, 2, 3, 5])
def test_a_process_killed_again_and_again_sends_nothing_twice(tmp_path: Path, every: int) -> None:
    """Over the day it dies at every so-many-th commit or request: each step is hit by some run."""
    clock = DrivenClock(session_of().opens_at - 2 * BEFORE_OPEN)
    db = with_schema(FragileDatabase(f"sqlite:///{tmp_path / 'desk.db'}"))
    played = PlayedMarket(bars=MARKET.minutes, daily=MARKET.daily)
    with LocalAlpaca(played, clock, Rules()) as local:
        desk = Lockstep(local, db)
        desk.until(at("09:34"))
        while desk.now < session_of().closes_at:
            if db.fatal is None:
                db.fatal = db.steps + 7 * every
            desk.until(desk.now + timedelta(minutes=1))
        db.fatal = None
        desk.seconds(20)
        assert desk.kills > 5
        assert local.ledger.orders_sent(ENTRY) == 1
        assert desk.trade("ABLE").pnl == desk.broker_profit()
        assert local.exchange.holdings.all() == []
    db.close()
