"""Kill, pause, close: who may, and that it is stored before anything else happens."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from engine.actions import control
from engine.actions.permissions import SYSTEM, Actor, Permission, may, require
from engine.desk import Desk
from engine.errors import InvalidRequestError, NotPermittedError
from engine.journal import JOURNAL_LOCK
from engine.rules.risk import DAILY_LOSS
from models.control import Command, TradingState
from models.database import Database
from models.journal import JournalRow
from models.tables import Table
from models.trading import Trade
from models.vocabulary import (
    CommandKind,
    CommandStatus,
    Control,
    ControlScope,
    Role,
    Severity,
    Side,
    TradeStatus,
)
from tests.databases import with_schema
from tests.engine.small_desk import DAY, desk_on

VIEWER, OPERATOR, ADMIN = (Actor(f"the {role}", role) for role in Role)
ALL, ENTRY, EXIT = ControlScope
OPERATORS, ADMINS = {Role.OPERATOR, Role.ADMIN}, {Role.ADMIN}
WHY = "smoke in the server room"

Action = Callable[[Desk, Actor], object]
ACTIONS: dict[str, tuple[Action, set[Role]]] = {
    "kill": (lambda desk, who: control.kill(desk, who, WHY), OPERATORS),
    "emergency_stop": (lambda desk, who: control.emergency_stop(desk, who, WHY), ADMINS),
    "lift_kill": (lambda desk, who: control.lift_kill(desk, who, WHY), ADMINS),
    "pause_all": (lambda desk, who: control.pause(desk, who, ALL, WHY), ADMINS),
    "pause_entry": (lambda desk, who: control.pause(desk, who, ENTRY, WHY), OPERATORS),
    "pause_exit": (lambda desk, who: control.pause(desk, who, EXIT, WHY), OPERATORS),
    "resume_all": (lambda desk, who: control.resume(desk, who, ALL, WHY), ADMINS),
    "resume_entry": (lambda desk, who: control.resume(desk, who, ENTRY, WHY), OPERATORS),
    "resume_exit": (lambda desk, who: control.resume(desk, who, EXIT, WHY), OPERATORS),
    "close_position": (lambda desk, who: control.close_position(desk, who, 1, WHY), OPERATORS),
    "flatten": (lambda desk, who: control.flatten(desk, who, WHY), ADMINS),
    "scan": (lambda desk, who: control.scan(desk, who, WHY), OPERATORS),
    "sync": (lambda desk, who: control.sync(desk, who, WHY), OPERATORS),
}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk in memory with one open trade, number 1."""
    db = with_schema(Database("sqlite://"))
    made = desk_on(db, tmp_path)
    open_trade(made)
    yield made
    db.close()


def open_trade(
    desk: Desk, status: TradeStatus = TradeStatus.OPEN, attempt: int = 1, account: str = ""
) -> None:
    ten = Decimal(10)
    with desk.db.write() as tx:
        tx.add(
            Trade(
                account=account or desk.account,
                session=DAY,
                symbol="ACME",
                attempt=attempt,
                side=Side.LONG,
                status=status,
                quantity=100,
                open_quantity=100,
                entry_price=ten,
                pnl=Decimal(0),
                opened_at=desk.clock.now(),
                naked_seconds=0.0,
            )
        )


def states(desk: Desk) -> dict[str, Control]:
    with desk.db.read() as tx:
        return control.control_states(tx, None)


def count(desk: Desk, table: type[Table]) -> int:
    with desk.db.read() as tx:
        return tx.scalar(select(func.count()).select_from(table)) or 0


def command(desk: Desk, number: int) -> Command:
    with desk.db.read() as tx:
        return tx.get_one(Command, number)


# ---------------------------------------------------------------------------- who may
@pytest.mark.parametrize("actor", [VIEWER, OPERATOR, ADMIN])
@pytest.mark.parametrize("name", ACTIONS)
def test_each_role_may_do_what_it_may_and_nothing_else(desk: Desk, name: str, actor: Actor) -> None:
    action, roles = ACTIONS[name]
    if actor.role in roles:
        action(desk, actor)
        return
    with pytest.raises(NotPermittedError, match=f"the {actor.role} is {actor.role}"):
        action(desk, actor)


@pytest.mark.parametrize("name", ACTIONS)
def test_a_refused_action_leaves_no_row(desk: Desk, name: str) -> None:
    with pytest.raises(NotPermittedError):
        ACTIONS[name][0](desk, VIEWER)
    assert [count(desk, table) for table in (TradingState, Command, JournalRow)] == [0, 0, 0]


@pytest.mark.parametrize("permission", Permission)
def test_an_admin_may_do_everything_and_a_viewer_only_look(permission: Permission) -> None:
    assert may(ADMIN, permission)
    assert may(VIEWER, permission) == (permission is Permission.VIEW)


def test_what_an_operator_may_an_admin_may_too() -> None:
    allowed = [p for p in Permission if may(OPERATOR, p)]
    assert all(may(ADMIN, p) for p in allowed)


def test_the_desks_own_rules_may_do_what_they_decide() -> None:
    assert all(may(SYSTEM, permission) for permission in Permission)


def test_a_missing_permission_is_named() -> None:
    with pytest.raises(NotPermittedError, match="lift kill needs another role"):
        require(OPERATOR, Permission.LIFT_KILL)


# ---------------------------------------------------------------------------- the kill switch
@pytest.mark.parametrize(
    ("action", "kind"),
    [
        (control.kill, CommandKind.KILL),
        (control.emergency_stop, CommandKind.EMERGENCY_STOP),
    ],
)
def test_stopping_is_stored_with_the_command_that_carries_it_out(
    desk: Desk, action: Callable[[Desk, Actor, str], int], kind: CommandKind
) -> None:
    asked = command(desk, action(desk, ADMIN, WHY))
    assert states(desk) == {"all": Control.HALTED}
    assert (asked.kind, asked.status, asked.reason) == (kind, CommandStatus.REQUESTED, WHY)


def test_who_and_why_and_when_are_kept(desk: Desk) -> None:
    control.kill(desk, OPERATOR, WHY)
    with desk.db.read() as tx:
        row = tx.get_one(TradingState, "all")
    assert (row.actor, row.reason, row.changed_at) == (OPERATOR.name, WHY, desk.clock.now())


def test_a_kill_is_in_the_journal_under_one_correlation_id(desk: Desk) -> None:
    number = control.kill(desk, OPERATOR, WHY)
    with desk.db.read() as tx:
        rows = tx.scalars(select(JournalRow).order_by(JournalRow.seq)).all()
    assert [(row.kind, row.severity) for row in rows] == [
        ("control", Severity.WARNING),
        ("alert", Severity.CRITICAL),
        ("command", Severity.INFO),
    ]
    assert {row.correlation_id for row in rows} == {command(desk, number).correlation_id}


def test_two_clicks_have_two_correlation_ids(desk: Desk) -> None:
    numbers = [control.flatten(desk, ADMIN, WHY) for _ in range(2)]
    assert len({command(desk, number).correlation_id for number in numbers}) == 2


def test_a_kill_survives_a_restart(sqlite_url: str, tmp_path: Path) -> None:
    before = with_schema(Database(sqlite_url))
    control.kill(desk_on(before, tmp_path), OPERATOR, WHY)
    before.close()
    after = Database(sqlite_url)
    assert states(desk_on(after, tmp_path)) == {"all": Control.HALTED}
    after.close()


@pytest.mark.parametrize("action", [control.pause, control.resume])
def test_neither_a_pause_nor_a_resume_ends_a_kill(
    desk: Desk, action: Callable[[Desk, Actor, ControlScope, str], None]
) -> None:
    control.kill(desk, OPERATOR, WHY)
    with pytest.raises(InvalidRequestError, match="the kill switch is on"):
        action(desk, ADMIN, ALL, WHY)
    assert states(desk) == {"all": Control.HALTED}


def test_a_pause_of_entries_does_not_touch_a_kill(desk: Desk) -> None:
    control.kill(desk, OPERATOR, WHY)
    control.pause(desk, OPERATOR, ENTRY, WHY)
    assert states(desk) == {"all": Control.HALTED, "entry": Control.PAUSED}


def test_only_lifting_ends_a_kill(desk: Desk) -> None:
    control.kill(desk, OPERATOR, WHY)
    control.lift_kill(desk, ADMIN, "the fire is out")
    assert states(desk) == {"all": Control.ACTIVE}


def test_a_kill_on_top_of_a_pause_stands(desk: Desk) -> None:
    control.pause(desk, ADMIN, ALL, WHY)
    control.kill(desk, OPERATOR, WHY)
    assert states(desk) == {"all": Control.HALTED}


# ---------------------------------------------------------------------------- pauses
@pytest.mark.parametrize("scope", ControlScope)
def test_a_pause_holds_until_it_is_ended(desk: Desk, scope: ControlScope) -> None:
    control.pause(desk, ADMIN, scope, WHY)
    paused = states(desk)
    control.resume(desk, ADMIN, scope, WHY)
    assert (paused, states(desk)) == ({scope: Control.PAUSED}, {scope: Control.ACTIVE})


def test_the_journal_says_from_what_to_what(desk: Desk) -> None:
    control.pause(desk, ADMIN, ENTRY, WHY)
    with desk.db.read() as tx:
        body = tx.scalars(select(JournalRow.body)).one()
    assert (body["before"], body["after"], body["reason"]) == ("active", "paused", WHY)


def test_a_reached_loss_limit_ends_with_its_session(desk: Desk) -> None:
    with desk.db.write() as tx:
        control.pause_for_loss(tx, desk, SYSTEM, "5 % lost")
    now = desk.clock.now()
    with desk.db.read() as tx:
        opened_before = control.control_states(tx, now - timedelta(hours=1))
        opened_later = control.control_states(tx, now + timedelta(hours=1))
    assert (opened_before, opened_later) == ({DAILY_LOSS: Control.PAUSED}, {})


# ---------------------------------------------------------------------------- closing
def test_closing_a_position_is_asked_for_by_its_trade(desk: Desk) -> None:
    asked = command(desk, control.close_position(desk, OPERATOR, 1, WHY))
    assert (asked.kind, asked.body) == ("close_position", {"trade_id": 1, "symbol": "ACME"})


@pytest.mark.parametrize("ask", [control.kill, control.emergency_stop, control.flatten])
def test_a_stop_is_asked_for_of_what_is_there_in_this_account(
    desk: Desk, ask: Callable[[Desk, Actor, str], int]
) -> None:
    assert command(desk, ask(desk, ADMIN, WHY)).body == {"account": desk.account, "last_order": 0}


def test_what_is_closed_already_cannot_be_closed(desk: Desk) -> None:
    open_trade(desk, TradeStatus.CLOSED, attempt=2)
    with pytest.raises(InvalidRequestError, match="trade 2 is not open"):
        control.close_position(desk, OPERATOR, 2, WHY)
    assert count(desk, Command) == 0


def test_what_another_account_holds_cannot_be_closed_from_here(desk: Desk) -> None:
    open_trade(desk, account="ira")
    with pytest.raises(InvalidRequestError, match="trade 2 is of ira, not traded now"):
        control.close_position(desk, OPERATOR, 2, WHY)
    assert count(desk, Command) == 0


def test_what_never_was_cannot_be_closed(desk: Desk) -> None:
    with pytest.raises(InvalidRequestError, match="trade 77 is not open"):
        control.close_position(desk, OPERATOR, 77, WHY)


# ---------------------------------------------------------------------------- at the same moment
@contextmanager
def held_up(db: Database) -> Iterator[Callable[[Future[Any]], None]]:
    """Hold every writer of the journal up; yields how to wait until one more stands there."""
    with db.engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": JOURNAL_LOCK})
        standing: list[Future[Any]] = []

        def wait(future: Future[Any]) -> None:
            standing.append(future)
            while not future.done() and held(db) < len(standing):
                pass

        yield wait


def held(db: Database) -> int:
    with db.read() as tx:
        return tx.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")) or 0


@pytest.fixture
def served(postgres_url: str, tmp_path: Path) -> Iterator[Desk]:
    """A desk on PostgreSQL, where two people write at the same moment."""
    db = with_schema(Database(postgres_url))
    made = desk_on(db, tmp_path)
    control.lift_kill(made, ADMIN, "a row to begin with")
    yield made
    db.close()


@pytest.mark.parametrize("other", [control.pause, control.resume])
def test_a_pause_at_the_same_moment_does_not_overwrite_a_kill(
    served: Desk, other: Callable[[Desk, Actor, ControlScope, str], None]
) -> None:
    with ThreadPoolExecutor(2) as pool:
        with held_up(served.db) as stands:
            stands(killing := pool.submit(control.kill, served, OPERATOR, WHY))
            stands(pausing := pool.submit(other, served, ADMIN, ALL, WHY))
        killing.result()
        assert isinstance(pausing.exception(), InvalidRequestError)
    assert states(served)["all"] is Control.HALTED


def test_two_kills_at_the_same_moment_are_one_state_and_two_commands(
    served: Desk,
) -> None:
    with served.db.write() as tx:
        tx.execute(text("DELETE FROM trading_state"))
    with ThreadPoolExecutor(2) as pool:
        with held_up(served.db) as stands:
            stands(first := pool.submit(control.kill, served, OPERATOR, WHY))
            stands(second := pool.submit(control.kill, served, ADMIN, WHY))
        assert (first.result(), second.result()) == (1, 2)
    assert states(served) == {"all": Control.HALTED}
