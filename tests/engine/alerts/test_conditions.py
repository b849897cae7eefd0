"""What stands wrong is raised, grows graver, and ends; each is said once, also after a restart."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from engine.adapters.channels import AddressedChannel
from engine.clock import ClockSetting, ShiftedClock, wall_now
from engine.desk import Desk
from engine.jobs.decide_alerts import decide_alerts, may_tell
from engine.jobs.watch_conditions import tell_of_gap, watch_conditions
from engine.lease import Lease
from models.control import TROUBLE, Heartbeat
from models.journal import JournalRow
from models.reconciliation import DifferenceRow
from models.trading import Trade
from models.vocabulary import DifferenceStatus, Severity, TradeStatus
from tests.dashboard import builders, desks

INFO, WARNING = Severity.INFO, Severity.WARNING
CRITICAL, EMERGENCY = Severity.CRITICAL, Severity.EMERGENCY
CLOSE = builders.OPEN + timedelta(hours=6, minutes=30)


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    """A desk whose engine is this process and is well."""
    channel = AddressedChannel("hook", "json://127.0.0.1:9/nobody")
    made = replace(desks.make_desk(sqlite_url), channels=(channel,))
    made.lease.acquire()
    builders.beat(made)
    yield made
    made.db.close()


def at(desk: Desk, moment: datetime, speed: float = 1.0) -> Desk:
    """Return the same desk at another time."""
    return replace(desk, clock=ShiftedClock(ClockSetting(moment, speed, wall_now())))


def look(desk: Desk) -> list[tuple[str, Severity]]:
    """Look twice and decide, as two turns would; return what was raised."""
    before = len(alerts(desk))
    for _ in range(2):
        watch_conditions(desk)
        decide_alerts(desk)
    found = alerts(desk)[before:]
    return [(r.body["code"], r.severity) for r in found if r.body["code"] != "heartbeat"]


def alerts(desk: Desk) -> list[JournalRow]:
    with desk.db.read() as tx:
        chosen = select(JournalRow).where(JournalRow.kind == "alert")
        return list(tx.scalars(chosen.order_by(JournalRow.seq)))


def set_naked(desk: Desk, since: datetime | None) -> None:
    with desk.db.write() as tx:
        tx.execute(update(Trade).values(naked_since=since))


def age(desk: Desk, part: str, seconds: float) -> None:
    builders.beat(desk, part, seconds_ago=seconds)


# ------------------------------------------------------------------------------ escalation
def test_shares_without_a_stop_become_graver_and_then_it_is_over(desk: Desk) -> None:
    builders.add_position(desk)
    start = desk.clock.now()
    set_naked(desk, start)
    heard = {s: look(at(desk, start + timedelta(seconds=s))) for s in (5, 15, 40, 65, 90)}
    assert heard == {
        5: [],
        15: [("naked", CRITICAL)],
        40: [],
        65: [("naked", EMERGENCY)],
        90: [],
    }
    set_naked(desk, None)
    assert look(desk) == [("naked", INFO)]
    assert alerts(desk)[-1].body["over"] is True
    assert look(desk) == []


def test_another_gap_of_the_same_trade_is_told_anew(desk: Desk) -> None:
    builders.add_position(desk)
    start = desk.clock.now()
    for minutes in (0, 10):
        began = start + timedelta(minutes=minutes)
        set_naked(desk, began)
        assert look(at(desk, began + timedelta(seconds=15))) == [("naked", CRITICAL)]
        set_naked(desk, None)
        look(at(desk, began + timedelta(seconds=20)))


def test_a_fast_market_frightens_nobody(desk: Desk) -> None:
    builders.add_position(desk)
    start = desk.clock.now()
    set_naked(desk, start)
    assert look(at(desk, start + timedelta(seconds=65), speed=30)) == []


def test_a_difference_that_stands_is_told_and_becomes_graver(desk: Desk) -> None:
    found = desk.clock.now()
    row = DifferenceRow(account=desk.account, code="quantity", symbol="KO", sentence="KO: 5 and 7")
    row.status, row.found_at, row.seen_at = DifferenceStatus.OPEN, found, found
    builders.add(desk, row)
    assert look(desk) == [("difference", WARNING)]
    assert look(at(desk, found + timedelta(seconds=301))) == [("difference", CRITICAL)]


def test_what_is_open_after_the_close_is_an_emergency(desk: Desk) -> None:
    builders.add_position(desk)
    assert look(at(desk, CLOSE - timedelta(seconds=1))) == []
    assert look(at(desk, CLOSE + timedelta(seconds=1))) == [("not_flat", EMERGENCY)]
    with desk.db.write() as tx:
        tx.execute(update(Trade).values(status=TradeStatus.CLOSED))
    assert look(at(desk, CLOSE + timedelta(seconds=30))) == [("not_flat", INFO)]


def test_old_prices_matter_while_something_is_held(desk: Desk) -> None:
    age(desk, "data", 200)
    assert look(desk) == []
    builders.add_position(desk)
    assert look(desk) == [("stale_data", CRITICAL)]
    age(desk, "data", 1)
    assert look(desk) == [("stale_data", INFO)]


def test_trouble_at_the_broker_is_an_emergency_once_it_lasts_and_something_is_held(
    desk: Desk,
) -> None:
    began = desk.clock.now()
    scope, sentence = f"broker:{desk.account}", "Alpaca does not answer"
    more = {"code": "broker", "scope": scope, "severity": CRITICAL}
    builders.add_fact(desk, "alert", sentence, **more)
    beat = Heartbeat(part=TROUBLE, at=wall_now(), desk_at=began)
    beat.detail = {"troubles": {"broker": sentence}}
    builders.add(desk, beat)
    later = at(desk, began + timedelta(seconds=130))
    assert look(later) == []
    builders.add_position(desk)
    assert look(later) == [("broker", EMERGENCY)]


# ------------------------------------------------------------------------------ the engine
def test_a_process_beside_the_engine_says_that_it_is_gone(desk: Desk) -> None:
    beside = replace(desk, lease=Lease(desk.db, "web"))
    assert not may_tell(beside)
    desk.lease.release()
    assert may_tell(beside)
    age(desk, "engine", 40)
    assert look(beside) == [("engine_down", CRITICAL)]
    age(desk, "engine", 130)
    assert look(beside) == [("engine_down", EMERGENCY)]
    assert look(beside) == []


def test_who_has_no_channel_leaves_it_to_the_others(desk: Desk) -> None:
    desk.lease.release()
    assert not may_tell(replace(desk, channels=()))


def test_an_engine_that_takes_over_says_for_how_long_there_was_none(desk: Desk) -> None:
    age(desk, "engine", 600)
    tell_of_gap(desk)
    (alert,) = alerts(desk)
    assert alert.severity is CRITICAL
    assert "No engine ran for 10 minutes" in alert.body["text"]


@pytest.mark.parametrize("seconds", [1, 59])
def test_a_restart_is_no_gap(desk: Desk, seconds: float) -> None:
    age(desk, "engine", seconds)
    tell_of_gap(desk)
    assert alerts(desk) == []


def test_a_night_without_an_engine_is_no_gap(desk: Desk) -> None:
    age(desk, "engine", 600)
    tell_of_gap(at(desk, CLOSE + timedelta(hours=1)))
    assert alerts(desk) == []


# ------------------------------------------------------------------------------ all is well
def heartbeats(desk: Desk) -> int:
    return sum(row.body["code"] == "heartbeat" for row in alerts(desk))


def test_the_heartbeat_comes_once_in_its_time(desk: Desk) -> None:
    builders.set_account(desk, "103184.60")
    for _ in range(3):
        watch_conditions(desk)
        decide_alerts(desk, lambda: wall_now() - timedelta(minutes=59))
    assert heartbeats(desk) == 1
    assert alerts(desk)[0].body["text"] == (
        "All is well. Equity $103,184.60, today +$3,184.60, 0 positions open."
    )


def test_the_heartbeat_comes_again_after_its_time(desk: Desk) -> None:
    for _ in range(2):
        watch_conditions(desk)
        decide_alerts(desk, lambda: wall_now() - timedelta(minutes=61))
    assert heartbeats(desk) == 2


def test_without_a_channel_nothing_beats(desk: Desk) -> None:
    watch_conditions(replace(desk, channels=()))
    assert heartbeats(desk) == 0
