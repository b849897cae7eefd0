"""The audit: in the same transaction, chained, and closed to whoever would change it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from engine.actions import control, people
from engine.actions.audit import BEGINNING, verify_audit
from engine.actions.keys import create_key
from engine.actions.live_switch import propose_live
from engine.actions.logins import end_all_logins
from engine.actions.permissions import PERMISSIONS, SYSTEM, Actor, Permission
from engine.actions.trading_settings import change_settings
from engine.actions.vault import Vault
from engine.desk import Desk
from engine.errors import DeskError, InvalidRequestError, NotPermittedError, NotProvenError
from models.database import Database
from models.journal import AuditRow
from models.vocabulary import Control, ControlScope, Outcome, Role, SettingsKind, Way
from tests.databases import with_schema
from tests.engine.small_desk import desk_on

GOOD = "correct horse battery"
VAULT = Vault("a secret of thirty-two characters or more")
ACTIONS: dict[Permission, Callable[[Desk, Actor], object]] = {
    Permission.KILL: lambda desk, actor: control.kill(desk, actor, "x"),
    Permission.LIFT_KILL: lambda desk, actor: control.lift_kill(desk, actor, "x"),
    Permission.EMERGENCY_STOP: lambda desk, actor: control.emergency_stop(desk, actor, "x"),
    Permission.PAUSE_ENTRY: lambda desk, actor: control.pause(desk, actor, ControlScope.ENTRY, "x"),
    Permission.PAUSE_EXIT: lambda desk, actor: control.pause(desk, actor, ControlScope.EXIT, "x"),
    Permission.PAUSE_ALL: lambda desk, actor: control.pause(desk, actor, ControlScope.ALL, "x"),
    Permission.FLATTEN: lambda desk, actor: control.flatten(desk, actor, "x"),
    Permission.SCAN: lambda desk, actor: control.scan(desk, actor, "x"),
    Permission.CLOSE_POSITION: lambda desk, actor: control.close_position(desk, actor, 1, "x"),
    Permission.CHANGE_SETTINGS: lambda desk, actor: change_settings(
        desk, actor, SettingsKind.RISK, {}, "x"
    ),
    Permission.MANAGE_USERS: lambda desk, actor: people.add_user(
        desk, actor, "otto", Role.VIEWER, GOOD
    ),
    Permission.MANAGE_KEYS: lambda desk, actor: create_key(desk, actor, "mine", Role.VIEWER),
    Permission.SWITCH_LIVE: lambda desk, actor: propose_live(desk, VAULT, actor, "x"),
    Permission.VIEW: end_all_logins,
}


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    db = with_schema(Database(database_url))
    yield desk_on(db, tmp_path)
    db.close()


def rows(desk: Desk) -> list[AuditRow]:
    with desk.db.read() as tx:
        return list(tx.scalars(select(AuditRow).order_by(AuditRow.seq)))


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", ACTIONS)
def test_every_action_asks_for_its_permission_and_is_audited(
    desk: Desk, permission: Permission, role: Role
) -> None:
    actor = Actor("somebody", role, Way.PAGE, "192.0.2.1")
    allowed = permission in PERMISSIONS[role]
    try:
        ACTIONS[permission](desk, actor)
    except NotProvenError:
        assert allowed  # their role is enough, their session alone is not
    except NotPermittedError:
        assert not allowed
    except DeskError:
        assert allowed  # it got as far as the action itself
    [row] = rows(desk)
    assert (row.actor, row.way, row.address) == ("somebody", Way.PAGE, "192.0.2.1")
    assert allowed or row.outcome is Outcome.REFUSED


def test_a_refused_action_changes_nothing_and_is_told(desk: Desk) -> None:
    control.kill(desk, SYSTEM, "x")
    with pytest.raises(InvalidRequestError):
        control.pause(desk, SYSTEM, ControlScope.ALL, "y")
    last = rows(desk)[-1]
    assert (last.action, last.outcome) == ("pause", Outcome.REFUSED)
    assert last.sentence == "the kill switch is on; lift it first"


def test_each_row_is_chained_to_the_one_before(desk: Desk) -> None:
    control.kill(desk, SYSTEM, "x")
    control.lift_kill(desk, SYSTEM, "y")
    first, second = rows(desk)
    assert (first.previous_hash, second.previous_hash) == (BEGINNING, first.hash)
    assert verify_audit(desk.db).rows == 2


def test_a_row_that_was_changed_breaks_the_chain(desk: Desk) -> None:
    control.kill(desk, SYSTEM, "the true reason")
    control.lift_kill(desk, SYSTEM, "y")
    tamper(desk, "UPDATE audit SET reason = 'another reason' WHERE seq = 1")
    assert verify_audit(desk.db).broken_at == 1


def test_a_row_that_was_removed_breaks_the_chain(desk: Desk) -> None:
    for reason in ("x", "y", "z"):
        control.kill(desk, SYSTEM, reason)
    tamper(desk, "DELETE FROM audit WHERE seq = 2")
    assert verify_audit(desk.db).broken_at == 3


@pytest.mark.parametrize("statement", [update(AuditRow).values(reason="another"), delete(AuditRow)])
def test_the_database_itself_refuses_changes(desk: Desk, statement: object) -> None:
    control.kill(desk, SYSTEM, "x")
    with pytest.raises(DBAPIError, match="append-only"), desk.db.write() as tx:
        tx.execute(statement)  # type: ignore[call-overload]
    assert rows(desk)[0].reason == "x"


def test_what_changed_is_told(desk: Desk) -> None:
    control.pause(desk, VERA_AS_ADMIN, ControlScope.ALL, "x")
    [row] = rows(desk)
    assert row.before == '{"state": "active"}'
    assert row.after == f'{{"state": "{Control.PAUSED}"}}'


VERA_AS_ADMIN = Actor("vera", Role.ADMIN, Way.PAGE)


def tamper(desk: Desk, statement: str) -> None:
    """Do what somebody does who owns the database: take the guard away first."""
    with desk.db.engine.begin() as connection:
        if desk.db.is_sqlite:
            connection.execute(text("DROP TRIGGER audit_no_update"))
            connection.execute(text("DROP TRIGGER audit_no_delete"))
        else:
            connection.execute(text("DROP TRIGGER audit_append_only ON audit"))
        connection.execute(text(statement))
