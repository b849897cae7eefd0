"""What stops trading is carried out whatever the broker does meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import select, update

from engine.actions import control, trading
from engine.actions.permissions import SYSTEM, Actor
from engine.clock import wall_now
from engine.desk import Desk
from engine.errors import NotTheEngineError
from engine.lease import Lease
from engine.scheduler import Scheduler
from models.control import Command, EngineLease
from models.journal import JournalRow
from models.trading import Trade
from models.vocabulary import (
    CommandKind,
    CommandStatus,
    ExitReason,
    OrderPurpose,
    OrderStatus,
    Severity,
    TradeStatus,
)
from tests.alpaca.conftest import Open
from tests.alpaca.lockstep import SECOND, Lockstep
from tests.builders import a_day, a_market, at
from tests.local_alpaca.faults import Breaking, Reset, Respond

NEAR = (100, 101, 99, 100.9)
WAITING = a_market(
    a_day("ABLE", ("09:40", 100.5), ("10:30", 102), ("15:55", 104), opens=NEAR)
)  # its entry works until 10:30
HELD = a_market(a_day("ABLE", ("09:40", 101), ("10:30", 102), ("15:55", 104), opens=NEAR))
BUSY = Respond(429, '{"message": "too many requests."}')


@pytest.fixture
def waiting(open_desk: Open) -> Lockstep:
    """A desk whose entry waits for its level."""
    played = open_desk(WAITING).until(at("09:42"))
    assert played.orders("ABLE")["entry-1"].status is OrderStatus.WORKING
    return played


@pytest.fixture
def held(open_desk: Open) -> Lockstep:
    """A desk that holds a position."""
    played = open_desk(HELD).until(at("10:00"))
    assert played.trade("ABLE").status is TradeStatus.OPEN
    return played


def command(played: Lockstep, number: int) -> Command:
    with played.db.read() as tx:
        return tx.get_one(Command, number)


def sent_entries(played: Lockstep) -> int:
    return played.local.ledger.orders_sent("orb-20241120-ABLE-entry-1")


@pytest.mark.parametrize("cancel", [BUSY, Reset(), Reset(acts=True)])
def test_a_kill_goes_on_until_the_broker_has_answered(waiting: Lockstep, cancel: Breaking) -> None:
    waiting.local.faults.add(cancel, method="DELETE", path="/v2/orders/*")
    waiting.local.faults.add(BUSY, method="GET", path="/v2/orders*", times=3)
    number = control.kill(waiting.desk, SYSTEM, "stop everything")
    waiting.seconds(15)
    assert command(waiting, number).status is CommandStatus.DONE
    assert waiting.orders("ABLE")["entry-1"].status is OrderStatus.CANCELLED
    waiting.until(at("10:31"))
    assert waiting.trades == []


def test_an_emergency_stop_goes_on_and_says_once_what_it_waits_for(held: Lockstep) -> None:
    held.local.faults.add(BUSY, method="GET", path="/v2/positions", times=3)
    number = control.emergency_stop(held.desk, SYSTEM, "close all")
    held.until(at("10:31"))  # the next bar is what the closing order trades with
    assert command(held, number).status is CommandStatus.DONE
    assert held.trade("ABLE").status is TradeStatus.CLOSED
    with held.db.read() as tx:
        told = tx.scalars(
            select(JournalRow.seq).where(
                JournalRow.scope == f"command:{number}", JournalRow.severity == Severity.WARNING
            )
        ).all()
    assert len(told) == 1


def test_an_emergency_stop_outlives_a_question_that_the_broker_refuses(held: Lockstep) -> None:
    no = Respond(403, '{"code":40310000,"message":"request is not authorized"}')
    held.local.faults.add(no, method="GET", path="/v2/positions", times=2)
    number = control.emergency_stop(held.desk, SYSTEM, "close all")
    held.seconds(1)
    waits = command(held, number)
    assert waits.status is CommandStatus.RUNNING
    assert "(Alpaca: request is not authorized). It goes on" in (waits.answer or "")
    held.until(at("10:31"))
    assert command(held, number).status is CommandStatus.DONE
    assert held.trade("ABLE").exit_reason is ExitReason.EMERGENCY


def test_an_entry_is_cancelled_while_trading_is_halted_whatever_became_of_the_command(
    waiting: Lockstep,
) -> None:
    number = control.kill(waiting.desk, SYSTEM, "stop everything")
    with waiting.db.write() as tx:
        tx.execute(update(Command).values(status=CommandStatus.FAILED))
    waiting.seconds(5)
    assert command(waiting, number).status is CommandStatus.FAILED
    assert waiting.orders("ABLE")["entry-1"].status is OrderStatus.CANCELLED


def test_an_emergency_stop_that_outlasts_the_kill_switch_leaves_alone_what_is_entered_after_it(
    open_desk: Open,
) -> None:
    played = open_desk(WAITING).until(at("09:32"))
    silent = played.local.faults.add(Respond(503), method="GET", path="/v2/positions", times=None)
    number = control.emergency_stop(played.desk, SYSTEM, "close all")
    played.seconds(2)
    control.lift_kill(played.desk, SYSTEM, "it was nothing")
    played.until(at("09:42")).seconds(5)
    assert command(played, number).status is CommandStatus.RUNNING
    played.local.faults.remove(silent)
    played.seconds(2)
    assert command(played, number).status is CommandStatus.DONE
    assert played.orders("ABLE")["entry-1"].status is OrderStatus.WORKING


@pytest.mark.parametrize("ask", [control.flatten, control.emergency_stop])
def test_what_was_asked_of_another_account_closes_nothing_in_this_one(
    held: Lockstep, ask: Callable[[Desk, Actor, str], int]
) -> None:
    number = ask(replace(held.desk, account="ira"), SYSTEM, "close all")
    held.seconds(2)
    failed = command(held, number)
    assert failed.status is CommandStatus.FAILED
    assert failed.answer == "it was asked of ira, which is not traded any more"
    assert held.trade("ABLE").status is TradeStatus.OPEN


def test_a_close_that_another_account_was_asked_for_comes_to_an_end(held: Lockstep) -> None:
    with held.db.write() as tx:
        tx.execute(update(Trade).values(account="ira"))
    trade = held.trade("ABLE").id
    number = control.close_position(replace(held.desk, account="ira"), SYSTEM, trade, "enough")
    held.seconds(2)
    assert command(held, number).status is CommandStatus.FAILED


def test_a_command_that_cannot_be_carried_out_is_in_the_way_of_no_kill(waiting: Lockstep) -> None:
    control.kill(waiting.desk, SYSTEM, "stop everything")
    with waiting.db.write() as tx:
        tx.execute(update(Command).values(kind=CommandKind.CLOSE_POSITION, body={"trade_id": "?"}))
    number = control.kill(waiting.desk, SYSTEM, "stop everything")
    waiting.seconds(5)
    assert command(waiting, number).status is CommandStatus.DONE


def test_who_was_replaced_cannot_cancel_a_stop(held: Lockstep) -> None:
    with held.db.write() as tx:
        tx.execute(update(EngineLease).values(expires_at=wall_now()))
    assert Lease(held.db, holder="elsewhere").acquire()
    stop = held.orders("ABLE")["stop-1"]
    with pytest.raises(NotTheEngineError):
        trading.cancel(held.desk, [stop])
    assert not [r for r in held.local.ledger.requests if r.method == "DELETE"]
    assert held.orders("ABLE")["stop-1"].status is OrderStatus.WORKING


def test_nothing_is_entered_before_the_books_were_compared_with_the_broker(
    open_desk: Open,
) -> None:
    played = open_desk(WAITING).until(at("09:34"))
    played.local.advance_to(at("09:35") + SECOND)
    unanswered = played.local.faults.add(
        Respond(503), method="GET", path="/v2/positions", times=None
    )
    scheduler = Scheduler(played.desk)
    try:
        follow_the_clock(scheduler, played, timedelta(seconds=5))
        assert sent_entries(played) == 0
        played.local.faults.remove(unanswered)
        for _ in range(100):
            follow_the_clock(scheduler, played, SECOND)
            if sent_entries(played):
                break
            Event().wait(0.1)
    finally:
        scheduler.stop()
    [entry] = [o for o in played.orders("ABLE").values() if o.purpose is OrderPurpose.ENTRY]
    assert entry.status is OrderStatus.WORKING


def test_whoever_becomes_the_engine_again_compares_the_books_first(held: Lockstep) -> None:
    scheduler = Scheduler(held.desk)
    try:
        scheduler.trade()
        expire(held)
        other = Lease(held.db, holder="elsewhere", account="")
        assert other.acquire()
        other.release()
        held.local.advance_to(held.now + SECOND)  # the regular comparison is not due
        asked = questions(held, "/v2/positions")
        scheduler.trade()
    finally:
        scheduler.stop()
    assert questions(held, "/v2/positions") > asked
    starts = [row.body["token"] for row in held.all(JournalRow) if row.kind == "engine"]
    assert starts == [1, 3]


def expire(played: Lockstep) -> None:
    """Let the lease of a process that was suspended run out."""
    with played.db.write() as tx:
        tx.execute(update(EngineLease).values(expires_at=wall_now()))
    played.desk.lease._valid_until = 0.0


def questions(played: Lockstep, path: str) -> int:
    return len([r for r in played.local.ledger.requests if r.path == path])


def follow_the_clock(scheduler: Scheduler, played: Lockstep, lasting: timedelta) -> None:
    for _ in range(lasting // SECOND):
        scheduler.trade()
        played.local.advance_to(played.now + SECOND)
