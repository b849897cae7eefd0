"""Real money: two steps, by an admin, with the words typed and the password shown again."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.actions import control, logins, people
from engine.actions.live_switch import (
    confirm_live,
    end_live,
    live_facts,
    propose_live,
)
from engine.actions.permissions import SYSTEM, Actor
from engine.actions.proving import prove
from engine.actions.trading_settings import change_settings
from engine.actions.two_steps import GOOD_FOR
from engine.actions.vault import Vault
from engine.clock import wall_now
from engine.desk import Desk
from engine.errors import InvalidRequestError, NotPermittedError, NotProvenError
from engine.rules.risk import blocked_by_control
from models.accounts import StoredAccount
from models.database import IN_MEMORY, Database
from models.journal import AuditRow
from models.vocabulary import Outcome, Role, SettingsKind, TradingMode, Way
from tests.dashboard import builders
from tests.databases import with_schema
from tests.engine.small_desk import desk_on

PASSWORD = "correct horse battery"  # noqa: S105  # opens nothing
VAULT = Vault("a secret of thirty-two characters or more")
WORDS = "trade real money in simulated 555001"
WHY = "a month of paper went well"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk that is connected to real money."""
    db = with_schema(Database(IN_MEMORY))
    made = replace(desk_on(db, tmp_path), mode=TradingMode.LIVE)
    for name, role in (("anna", Role.ADMIN), ("otto", Role.OPERATOR)):
        people.add_user(made, SYSTEM, name, role, PASSWORD)
    builders.add_account(made, "simulated", TradingMode.LIVE, "555001")
    yield made
    db.close()


def somebody(desk: Desk, name: str, role: Role) -> Actor:
    with desk.db.read() as tx:
        user = people.find_user(tx, name)
    assert user is not None
    login = logins.begin_login(desk.db, user, Way.PAGE, "192.0.2.1", "")
    return Actor(name, role, Way.PAGE, "192.0.2.1", login.id)


@pytest.fixture
def anna(desk: Desk) -> Actor:
    return somebody(desk, "anna", Role.ADMIN)


def confirm(desk: Desk, who: Actor, sealed: str, words: str = WORDS) -> None:
    prove(desk, VAULT, who, PASSWORD)
    confirm_live(desk, VAULT, who, sealed, words, WHY)


def first_step(desk: Desk, who: Actor) -> str:
    return propose_live(desk, VAULT, who, WHY).sealed


def is_blocked(desk: Desk) -> bool:
    with desk.db.read() as tx:
        states = control.control_states(tx, None)
    return blocked_by_control(states, desk.mode) is not None


def test_nothing_is_sent_before_both_steps(desk: Desk, anna: Actor) -> None:
    assert is_blocked(desk)
    sealed = first_step(desk, anna)
    assert is_blocked(desk)
    confirm(desk, anna, sealed)
    assert not is_blocked(desk)


def test_both_steps_are_audited(desk: Desk, anna: Actor) -> None:
    confirm(desk, anna, first_step(desk, anna))
    with desk.db.read() as tx:
        told = tx.execute(
            select(AuditRow.action, AuditRow.reason, AuditRow.outcome).where(
                AuditRow.target == "live"
            )
        ).all()
    assert told == [("propose_live", WHY, Outcome.DONE), ("confirm_live", WHY, Outcome.DONE)]


def test_only_an_admin_may(desk: Desk) -> None:
    otto = somebody(desk, "otto", Role.OPERATOR)
    with pytest.raises(NotPermittedError):
        first_step(desk, otto)
    with pytest.raises(NotPermittedError):
        confirm(desk, otto, VAULT.seal("[]"))


def test_the_password_is_shown_again(desk: Desk, anna: Actor) -> None:
    with pytest.raises(NotProvenError):
        confirm_live(desk, VAULT, anna, first_step(desk, anna), WORDS, WHY)
    assert is_blocked(desk)


def test_other_words_switch_nothing(desk: Desk, anna: Actor) -> None:
    with pytest.raises(InvalidRequestError, match="type exactly"):
        confirm(desk, anna, first_step(desk, anna), "yes")
    assert is_blocked(desk)


def test_the_words_name_the_number_as_well(desk: Desk, anna: Actor) -> None:
    with pytest.raises(InvalidRequestError, match="type exactly"):
        confirm(desk, anna, first_step(desk, anna), "trade real money in simulated")
    assert is_blocked(desk)


def test_an_account_that_was_never_seen_is_not_confirmed(desk: Desk, anna: Actor) -> None:
    with desk.db.write() as tx:
        tx.get_one(StoredAccount, "simulated").number = None
    with pytest.raises(InvalidRequestError, match="number has not been seen"):
        first_step(desk, anna)


def test_the_second_step_alone_switches_nothing(desk: Desk, anna: Actor) -> None:
    for sealed in ("", "nonsense", Vault("another secret of thirty-two letters").seal("[]")):
        with pytest.raises(InvalidRequestError, match="first step"):
            confirm(desk, anna, sealed)


def test_the_first_step_of_somebody_else_counts_for_nothing(desk: Desk, anna: Actor) -> None:
    people.add_user(desk, SYSTEM, "boris", Role.ADMIN, PASSWORD)
    boris = somebody(desk, "boris", Role.ADMIN)
    with pytest.raises(InvalidRequestError, match="somebody else"):
        confirm(desk, boris, first_step(desk, anna))


def test_the_first_step_of_another_browser_counts_for_nothing(desk: Desk, anna: Actor) -> None:
    elsewhere = somebody(desk, "anna", Role.ADMIN)
    with pytest.raises(InvalidRequestError, match="somebody else"):
        confirm(desk, elsewhere, first_step(desk, anna))


def test_the_first_step_is_soon_too_long_ago(desk: Desk, anna: Actor) -> None:
    *about, _at = json.loads(VAULT.open(first_step(desk, anna)) or "")
    before = wall_now() - GOOD_FOR - timedelta(seconds=1)
    with pytest.raises(InvalidRequestError, match="too long ago"):
        confirm(desk, anna, VAULT.seal(json.dumps([*about, before.isoformat()])))


def test_what_was_shown_is_what_is_confirmed(desk: Desk, anna: Actor) -> None:
    sealed = first_step(desk, anna)
    change_settings(desk, SYSTEM, SettingsKind.RISK, {"max_positions": 50}, "more")
    with pytest.raises(InvalidRequestError, match="settings have changed"):
        confirm(desk, anna, sealed)


def test_it_waits_until_nothing_is_open(desk: Desk, anna: Actor) -> None:
    builders.add_position(desk)
    with pytest.raises(InvalidRequestError, match="positions or orders are open"):
        first_step(desk, anna)


def test_a_paper_desk_has_no_such_switch(desk: Desk, anna: Actor) -> None:
    paper = replace(desk, mode=TradingMode.PAPER)
    with pytest.raises(InvalidRequestError, match="ALPACA_PAPER=false"):
        first_step(paper, anna)


def test_an_operator_stops_it_without_a_password(desk: Desk, anna: Actor) -> None:
    confirm(desk, anna, first_step(desk, anna))
    end_live(desk, somebody(desk, "otto", Role.OPERATOR), "something smells")
    assert is_blocked(desk)


def test_a_kill_stays_on(desk: Desk, anna: Actor) -> None:
    control.kill(desk, SYSTEM, "x")
    confirm(desk, anna, first_step(desk, anna))
    with desk.db.read() as tx:
        facts = live_facts(tx, desk)
    assert (facts.is_on, facts.is_halted) == (True, True)
    assert is_blocked(desk)
