"""Requests that hang until they are given up cost the engine time, and nobody his protection."""

from __future__ import annotations

from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest

from engine.actions import control
from engine.actions.closing import cancel_entries
from engine.actions.permissions import SYSTEM
from engine.adapters.alpaca.http import CONNECT_SECONDS, READ_SECONDS
from engine.errors import BrokerUnavailableError
from engine.jobs import JOBS
from engine.scheduler import Rounds
from models.control import JobRun
from models.trading import Order
from models.vocabulary import OrderStatus
from tests.alpaca.conftest import Open
from tests.alpaca.lockstep import Lockstep
from tests.builders import a_day, a_market, at
from tests.local_alpaca import Rules

NEAR = (100, 101, 99, 100.9)
NEITHER_ENTERS = a_market(
    a_day("ABLE", ("12:00", 100.5), ("15:55", 100), opens=NEAR),
    a_day("BAKE", ("12:00", 100.5), ("15:55", 100), opens=NEAR),
)
ABLE_ENTERS = a_market(
    a_day("ABLE", ("09:40", 101), ("12:00", 102), ("15:55", 104), opens=NEAR),
    a_day("BAKE", ("12:00", 100.5), ("15:55", 100), opens=NEAR),
)


class Hanging:
    """A broker that answers everything but cancels; each is waited for as long as it may take."""

    def __init__(self, played: Lockstep, symbol: str) -> None:
        self._broker = played.desk.broker
        self._lease = played.desk.lease
        self._hung = played.orders(symbol)["entry-1"].broker_order_id

    def __getattr__(self, name: str) -> Any:
        return getattr(self._broker, name)

    def cancel(self, broker_order_id: str) -> None:
        if broker_order_id != self._hung:
            self._broker.cancel(broker_order_id)
            return
        self._lease._valid_until -= CONNECT_SECONDS + READ_SECONDS  # so much of its life goes by
        raise BrokerUnavailableError("Alpaca did not answer in time")


class Meeting:
    """A broker of whose cancels each waits for another: alone, one would wait in vain."""

    side_by_side = 2

    def __init__(self, played: Lockstep) -> None:
        self._broker = played.desk.broker
        self._both = Barrier(2, timeout=5)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._broker, name)

    def cancel(self, broker_order_id: str) -> None:
        self._both.wait()
        self._broker.cancel(broker_order_id)


@pytest.fixture
def waiting(open_desk: Open) -> Lockstep:
    """A desk whose two entries wait for their levels."""
    return open_desk(NEITHER_ENTERS, Rules(), attachable=frozenset()).until(at("09:39"))


def hang(played: Lockstep, symbol: str) -> None:
    played.desk = replace(played.desk, broker=Hanging(played, symbol))
    played._rounds = Rounds(played.desk, JOBS)


def test_a_cancel_that_hangs_keeps_a_kill_from_no_other_entry(waiting: Lockstep) -> None:
    hang(waiting, "ABLE")
    control.kill(waiting.desk, SYSTEM, "stop everything")
    waiting.seconds(3)
    assert waiting.orders("BAKE")["entry-1"].status is OrderStatus.CANCELLED


def test_entries_are_cancelled_side_by_side(waiting: Lockstep) -> None:
    waiting.desk = replace(waiting.desk, broker=Meeting(waiting))
    assert cancel_entries(waiting.desk) == 0
    ends = {order.status for order in waiting.all(Order)}
    assert ends == {OrderStatus.CANCELLED}


def test_a_kill_whose_cancels_hang_keeps_no_fill_from_its_stop(open_desk: Open) -> None:
    played = open_desk(ABLE_ENTERS, Rules(), attachable=frozenset()).until(at("09:39"))
    hang(played, "BAKE")
    played.local.advance_to(at("09:41"))  # the entry of ABLE is filled as the kill comes
    control.kill(played.desk, SYSTEM, "stop everything")
    played.seconds(3)
    assert played.orders("ABLE")["stop-1"].status is OrderStatus.WORKING


def test_no_job_fails_because_requests_hang(waiting: Lockstep) -> None:
    hang(waiting, "ABLE")
    control.kill(waiting.desk, SYSTEM, "stop everything")
    waiting.seconds(10)
    assert not [run.job for run in waiting.all(JobRun) if run.failed]
