"""What people ask for that takes long is done where nothing that trades waits for it."""

from sqlalchemy import select

from engine.actions import control
from engine.actions.permissions import SYSTEM
from engine.jobs import JOBS
from engine.jobs.carry_out_commands import SLOW_STEPS, STEPS, carry_out_commands, carry_out_fetches
from models.control import Command
from models.vocabulary import CommandKind, CommandStatus
from tests.engine.adapters.data_server import Fault
from tests.engine.jobs.desk_of_sources import Scene

WHY = "a test"


def command(live: Scene) -> Command:
    with live.desk.db.read() as tx:
        return tx.scalars(select(Command)).one()


def test_every_command_is_carried_out_by_one_of_the_two() -> None:
    assert STEPS.keys() | SLOW_STEPS.keys() == set(CommandKind)
    assert not STEPS.keys() & SLOW_STEPS.keys()
    assert {job.name for job in JOBS if job.slow} >= {"carry_out_fetches", "sync_bars"}


def test_trading_does_not_wait_for_a_sync(live: Scene) -> None:
    control.sync(live.desk, SYSTEM, WHY)
    assert carry_out_commands(live.desk) is None
    assert (command(live).status, live.server.asked) == (CommandStatus.REQUESTED, [])


def test_a_sync_brings_bars_lists_and_opening_volumes(live: Scene) -> None:
    live.history("AAPL", sessions=30)
    control.sync(live.desk, SYSTEM, WHY)
    carry_out_fetches(live.desk)
    done = command(live)
    assert done.status is CommandStatus.DONE
    assert done.answer == "30 daily bars of 30 sessions; 14 opening volumes of 1 symbols (sip)"


def test_a_second_sync_says_that_nothing_is_missing(live: Scene) -> None:
    live.history("AAPL", sessions=30)
    control.sync(live.desk, SYSTEM, WHY)
    carry_out_fetches(live.desk)
    number = control.sync(live.desk, SYSTEM, WHY)
    carry_out_fetches(live.desk)
    with live.desk.db.read() as tx:
        again = tx.get_one(Command, number)
    assert again.answer == "Everything is there already."


def test_a_sync_whose_source_is_silent_says_why_it_failed(live: Scene) -> None:
    live.server.faults.extend([Fault(status=503)] * 2)
    control.sync(live.desk, SYSTEM, WHY)
    carry_out_fetches(live.desk)
    failed = command(live)
    assert failed.status is CommandStatus.FAILED
    assert "gave no whole answer in 2 attempts: HTTP 503" in str(failed.answer)
