"""A real engine process is told to trade another account, and killed while it is at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from subprocess import Popen, TimeoutExpired

import pytest
from sqlalchemy import select

from engine.actions.account_switch import confirm_switch, propose_switch
from engine.actions.permissions import SYSTEM
from engine.actions.two_steps import Confirmation
from engine.alpaca_account import alpaca_desk
from engine.clock import Clock
from engine.desk import Desk
from engine.lease import traded_account
from engine.settings import load_settings
from models.accounts import StoredAccount
from models.control import Command
from models.database import Database
from models.vocabulary import CommandStatus
from tests.alpaca.killed_engine import engine_process
from tests.alpaca.serving_two import Two, two_served
from tests.alpaca.two_accounts import VAULT, WHY, sent_to
from tests.engine.cli.serving import until

AT_ONCE, SOON, LATER = 0.0, 0.15, 0.4  # seconds between the command and the end of the process


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    with two_served(tmp_path) as two:
        yield two


@contextmanager
def desk_of(two: Two) -> Iterator[Desk]:
    """The desk as its pages see it, in a process of their own."""
    settings = load_settings(two.settings)
    with closing(Database(settings.database_url)) as db:
        db.upgrade()
        clock: Clock = two.first.clock
        yield alpaca_desk(db, settings, clock)


def ask_for_ira(desk: Desk, engine: Popen[bytes]) -> int:
    until(lambda: is_seen(desk, "paper") and is_seen(desk, "ira"), engine)
    sealed = propose_switch(desk, VAULT, SYSTEM, "ira", WHY).sealed
    return confirm_switch(desk, VAULT, SYSTEM, "ira", Confirmation(sealed), WHY)


def is_seen(desk: Desk, account: str) -> bool:
    with desk.db.read() as tx:
        return tx.get(StoredAccount, account) is not None


def status(desk: Desk, number: int) -> CommandStatus:
    with desk.db.read() as tx:
        return tx.execute(select(Command.status).where(Command.id == number)).scalar_one()


def test_an_engine_begins_anew_for_the_other_account_by_itself(two: Two, tmp_path: Path) -> None:
    with desk_of(two) as desk, engine_process(tmp_path, two.settings) as engine:
        number = ask_for_ira(desk, engine)
        until(lambda: status(desk, number) is CommandStatus.DONE, engine)
        assert traded_account(desk.db) == "ira"


@pytest.mark.parametrize("life", [AT_ONCE, SOON, LATER])
def test_killed_after_the_command_one_account_is_traded(
    two: Two, tmp_path: Path, life: float
) -> None:
    with desk_of(two) as desk:
        with engine_process(tmp_path, two.settings) as engine, suppress(TimeoutExpired):
            number = ask_for_ira(desk, engine)
            engine.wait(life)
        traded = traded_account(desk.db)
        assert (traded == "ira") or status(desk, number) is not CommandStatus.DONE
        with engine_process(tmp_path, two.settings) as engine:
            until(lambda: status(desk, number) is CommandStatus.DONE, engine)
        assert traded_account(desk.db) == "ira"
    assert sent_to(two.first) + sent_to(two.second) == 0
