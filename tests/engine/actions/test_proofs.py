"""Whoever opens again what was stopped, or gives access, has just shown who they are."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select, update

from engine.actions import account_switch, control, keys, logins, people, second_factor
from engine.actions.permissions import SYSTEM, Actor
from engine.actions.proofs import GOOD_FOR, GRAVE
from engine.actions.proving import prove
from engine.actions.two_steps import Confirmation
from engine.actions.vault import Vault
from engine.clock import wall_now
from engine.desk import Desk
from engine.errors import (
    InvalidRequestError,
    NotPermittedError,
    NotProvenError,
    TooManyRequestsError,
)
from models.database import Database
from models.journal import AuditRow
from models.people import Login, User
from models.vocabulary import Outcome, Role, Way
from tests.databases import with_schema
from tests.engine.small_desk import desk_on

PASSWORD = "correct horse battery"  # noqa: S105  # opens nothing
OTHER = "another good password"
VAULT = Vault("a secret of thirty-two characters or more")
GRAVE_DEEDS: dict[str, Callable[[Desk, Actor], object]] = {
    "lift_kill": lambda desk, who: control.lift_kill(desk, who, "x"),
    "add_user": lambda desk, who: people.add_user(desk, who, "mallory", Role.ADMIN, OTHER),
    "set_password": lambda desk, who: people.set_password(desk, who, who.name, OTHER),
    "set_role": lambda desk, who: people.set_role(desk, who, "vera", Role.ADMIN),
    "enable_user": lambda desk, who: people.enable_user(desk, who, "vera"),
    "add_second_factor": lambda desk, who: second_factor.confirm_factor(desk, VAULT, who, "", "1"),
    "remove_second_factor": lambda desk, who: second_factor.remove_factor(desk, who, "vera"),
    "new_recovery_codes": second_factor.new_recovery_codes,
    "switch_account": lambda desk, who: account_switch.confirm_switch(
        desk, VAULT, who, "ira", Confirmation(""), "x"
    ),
    "create_key": lambda desk, who: keys.create_key(desk, who, "mine", Role.ADMIN),
}


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    db = with_schema(Database(database_url))
    made = desk_on(db, tmp_path)
    people.add_user(made, SYSTEM, "anna", Role.ADMIN, PASSWORD)
    people.add_user(made, SYSTEM, "vera", Role.VIEWER, PASSWORD)
    yield made
    db.close()


@pytest.fixture
def anna(desk: Desk) -> Actor:
    """An admin at a browser."""
    with desk.db.read() as tx:
        user = people.find_user(tx, "anna")
    assert user is not None
    login = logins.begin_login(desk.db, user, Way.PAGE, "192.0.2.1", "")
    return Actor("anna", Role.ADMIN, Way.PAGE, "192.0.2.1", login.id)


def lift(desk: Desk, who: Actor) -> None:
    control.lift_kill(desk, who, "the fire is out")


def enrol(desk: Desk, who: Actor) -> str:
    """Give somebody a second factor; return its secret."""
    proposal = second_factor.propose_factor(VAULT, who)
    prove(desk, VAULT, who, PASSWORD)
    code = pyotp.TOTP(proposal.secret).now()
    second_factor.confirm_factor(desk, VAULT, who, proposal.sealed, code)
    return proposal.secret


def test_every_grave_deed_is_known() -> None:
    assert set(GRAVE_DEEDS) | {"confirm_live"} == GRAVE


@pytest.mark.parametrize("way", [Way.PAGE, Way.API])
@pytest.mark.parametrize("deed", GRAVE_DEEDS)
def test_a_session_alone_does_nothing_grave(desk: Desk, anna: Actor, deed: str, way: Way) -> None:
    with pytest.raises(NotProvenError):
        GRAVE_DEEDS[deed](desk, Actor("anna", Role.ADMIN, way, "", anna.login))


@pytest.mark.parametrize("deed", GRAVE_DEEDS)
def test_a_key_does_nothing_grave(desk: Desk, deed: str) -> None:
    with pytest.raises(NotPermittedError):
        GRAVE_DEEDS[deed](desk, Actor("key:robot", Role.ADMIN, Way.API))


def test_a_proof_opens_one_deed(desk: Desk, anna: Actor) -> None:
    prove(desk, VAULT, anna, PASSWORD)
    lift(desk, anna)
    with pytest.raises(NotProvenError):
        lift(desk, anna)


def test_a_deed_that_was_refused_leaves_the_proof(desk: Desk, anna: Actor) -> None:
    prove(desk, VAULT, anna, PASSWORD)
    with pytest.raises(InvalidRequestError):
        keys.create_key(desk, anna, "NOT A NAME", Role.VIEWER)
    lift(desk, anna)


def test_a_proof_is_soon_too_old(desk: Desk, anna: Actor) -> None:
    prove(desk, VAULT, anna, PASSWORD)
    with desk.db.write() as tx:
        tx.execute(update(Login).values(proved_at=wall_now() - GOOD_FOR - timedelta(seconds=1)))
    with pytest.raises(NotProvenError):
        lift(desk, anna)


def test_a_proof_belongs_to_its_login(desk: Desk, anna: Actor) -> None:
    prove(desk, VAULT, anna, PASSWORD)
    with desk.db.read() as tx:
        user = tx.scalars(select(User).where(User.name == "anna")).one()
    other = logins.begin_login(desk.db, user, Way.PAGE, "198.51.100.7", "")
    with pytest.raises(NotProvenError):
        lift(desk, Actor("anna", Role.ADMIN, Way.PAGE, "198.51.100.7", other.id))


def test_a_wrong_password_proves_nothing_and_is_audited(desk: Desk, anna: Actor) -> None:
    with pytest.raises(NotProvenError, match="not yours"):
        prove(desk, VAULT, anna, "not it")
    with desk.db.read() as tx:
        row = tx.scalars(select(AuditRow).where(AuditRow.action == "prove")).one()
    assert (row.actor, row.outcome) == ("anna", Outcome.REFUSED)


def test_guessing_in_a_stolen_session_is_slowed_down(desk: Desk, anna: Actor) -> None:
    for _ in range(5):
        with pytest.raises(NotProvenError):
            prove(desk, VAULT, anna, "not it")
    with pytest.raises(TooManyRequestsError):
        prove(desk, VAULT, anna, PASSWORD)


def test_who_has_a_second_factor_shows_it_too(desk: Desk, anna: Actor) -> None:
    secret = enrol(desk, anna)
    with pytest.raises(NotProvenError, match="second factor"):
        prove(desk, VAULT, anna, PASSWORD)
    later = pyotp.TOTP(secret).at(int(wall_now().timestamp()) + 30)
    prove(desk, VAULT, anna, PASSWORD, later)
    lift(desk, anna)


def test_a_second_factor_is_not_replaced_without_the_old_one(desk: Desk, anna: Actor) -> None:
    enrol(desk, anna)
    with pytest.raises(NotProvenError):
        enrol(desk, anna)


def test_the_command_line_needs_no_proof(desk: Desk) -> None:
    lift(desk, Actor("cli:root", Role.ADMIN, Way.COMMAND_LINE))
