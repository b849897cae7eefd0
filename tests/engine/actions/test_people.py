"""People: names, passwords, roles, and logins that cannot be guessed quickly."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import get_default_parameters
from sqlalchemy import select, update

from engine.actions import passwords
from engine.actions.login_attempts import (
    FAILED,
    LOGIN,
    MOST_FAILURES,
    WINDOW,
    TooManyLoginsError,
)
from engine.actions.logins import begin_login
from engine.actions.people import (
    add_user,
    check_login,
    disable_user,
    find_user,
    first_admin,
    list_users,
    set_password,
    set_role,
)
from engine.actions.permissions import SYSTEM, Actor
from engine.actions.proofs import keep_proof
from engine.clock import wall_now
from engine.desk import Desk
from engine.errors import InvalidRequestError, NotPermittedError
from models.database import IN_MEMORY, Database
from models.journal import AuditRow, JournalRow
from models.people import User
from models.vocabulary import Role, Way
from tests.databases import with_schema
from tests.engine.small_desk import desk_on

GOOD = "correct horse battery"
WRONG = "wrong horse battery"
HOME, CAFE = "192.0.2.1", "198.51.100.7"
VERA = Actor("vera", Role.VIEWER)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk whose only user is Vera, a viewer."""
    yield from desk_with_vera(IN_MEMORY, tmp_path)


@pytest.fixture
def any_desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """The same on either kind of database."""
    yield from desk_with_vera(database_url, tmp_path)


def desk_with_vera(url: str, folder: Path) -> Iterator[Desk]:
    with upgraded(url) as db:
        made = desk_on(db, folder)
        add_user(made, SYSTEM, "Vera", Role.VIEWER, GOOD)
        yield made


@contextmanager
def upgraded(url: str) -> Iterator[Database]:
    db = with_schema(Database(url))
    yield db
    db.close()


def user(desk: Desk, name: str) -> User:
    with desk.db.read() as tx:
        found = find_user(tx, name)
    assert found is not None
    return found


def journal(desk: Desk) -> str:
    with desk.db.read() as tx:
        return "\n".join(f"{row.scope} {row.body}" for row in tx.scalars(select(JournalRow)))


def fail(desk: Desk, times: int, name: str = "vera", address: str = HOME) -> None:
    for _ in range(times):
        assert check_login(desk, name, WRONG, address) is None


# ---------------------------------------------------------------------------- users
def test_names_are_the_same_in_capitals(any_desk: Desk) -> None:
    with pytest.raises(InvalidRequestError, match="already a user vera"):
        add_user(any_desk, SYSTEM, "VERA", Role.ADMIN, GOOD)


@pytest.mark.parametrize("name", ["", "two words", "x" * 65, "cli:root", "é"])
def test_odd_names_are_refused(desk: Desk, name: str) -> None:
    with pytest.raises(InvalidRequestError, match="a name has up to 64"):
        add_user(desk, SYSTEM, name, Role.VIEWER, GOOD)


@pytest.mark.parametrize("password", ["x" * 11, "x" * 257])
def test_a_password_has_12_to_256_characters(desk: Desk, password: str) -> None:
    with pytest.raises(InvalidRequestError, match="12 to 256 characters"):
        add_user(desk, SYSTEM, "otto", Role.VIEWER, password)


def test_passwords_cost_whoever_guesses_them_what_argon2_advises() -> None:
    ask = "from engine.actions.passwords import hash_password; print(hash_password('x' * 12))"
    command = [sys.executable, "-c", ask]
    said = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    cost = extract_parameters(said.stdout.strip())
    assert cost == get_default_parameters()
    assert cost.memory_cost >= 2**16  # kibibytes


def test_passwords_are_kept_as_argon2_hashes(desk: Desk) -> None:
    assert user(desk, "vera").password_hash.startswith("$argon2id$")


def test_only_admins_manage_users(desk: Desk) -> None:
    with pytest.raises(NotPermittedError):
        add_user(desk, VERA, "otto", Role.ADMIN, GOOD)


def test_people_change_their_own_password(desk: Desk) -> None:
    set_password(desk, VERA, "vera", "another good password")
    assert check_login(desk, "vera", "another good password", HOME) is not None


class Watchful(PasswordHasher):
    """Makes sure that others can write while it takes its time."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.db, self.hashed = desk.db, 0

    def hash(self, password: str | bytes, **more: Any) -> str:
        self.db.check_writable()
        self.hashed += 1
        return super().hash(password, **more)


@pytest.fixture
def watchful(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Desk, Watchful]]:
    """A desk in a file, and what hashes its passwords."""
    for desk in desk_with_vera(sqlite_url, tmp_path):
        hasher = Watchful(desk)
        monkeypatch.setattr(passwords, "HASHER", hasher)
        yield desk, hasher


def proven(desk: Desk) -> Actor:
    """Vera as an admin at the page, who has just proved who she is: that is read beforehand."""
    login = begin_login(desk.db, user(desk, "vera"), Way.PAGE, HOME, "a browser")
    with desk.db.write() as tx:
        keep_proof(tx, login.id)
    return Actor("vera", Role.ADMIN, Way.PAGE, HOME, login.id)


def test_nobody_waits_for_the_hash_of_a_password(watchful: tuple[Desk, Watchful]) -> None:
    desk, hasher = watchful
    add_user(desk, proven(desk), "otto", Role.OPERATOR, GOOD)
    set_password(desk, proven(desk), "vera", "another good password")
    assert hasher.hashed == 2


def test_what_is_refused_is_not_hashed(watchful: tuple[Desk, Watchful]) -> None:
    desk, hasher = watchful
    with pytest.raises(NotPermittedError):
        add_user(desk, VERA, "otto", Role.ADMIN, GOOD)
    with pytest.raises(InvalidRequestError):
        set_password(desk, VERA, "vera", "x" * 257)
    assert hasher.hashed == 0


def test_people_change_nobody_elses_password(desk: Desk) -> None:
    add_user(desk, SYSTEM, "otto", Role.ADMIN, GOOD)
    with pytest.raises(NotPermittedError):
        set_password(desk, VERA, "otto", "another good password")


def test_a_new_password_ends_every_session(desk: Desk) -> None:
    set_password(desk, SYSTEM, "vera", "another good password")
    assert user(desk, "vera").session_epoch == 1


def test_a_new_role_ends_every_session(desk: Desk) -> None:
    set_role(desk, SYSTEM, "vera", Role.OPERATOR)
    assert (user(desk, "vera").role, user(desk, "vera").session_epoch) == (Role.OPERATOR, 1)


def test_a_disabled_user_is_out_at_once(desk: Desk) -> None:
    disable_user(desk, SYSTEM, "vera")
    assert user(desk, "vera").session_epoch == 1
    assert check_login(desk, "vera", GOOD, HOME) is None


def test_the_last_admin_stays_admin(any_desk: Desk) -> None:
    add_user(any_desk, SYSTEM, "otto", Role.ADMIN, GOOD)
    with pytest.raises(InvalidRequestError, match="otto is the last admin"):
        set_role(any_desk, SYSTEM, "otto", Role.VIEWER)


def test_the_last_admin_is_not_disabled(desk: Desk) -> None:
    add_user(desk, SYSTEM, "otto", Role.ADMIN, GOOD)
    with pytest.raises(InvalidRequestError, match="otto is the last admin"):
        disable_user(desk, SYSTEM, "otto")


def test_an_unknown_user_is_named_in_the_refusal(desk: Desk) -> None:
    with pytest.raises(InvalidRequestError, match="there is no user otto"):
        disable_user(desk, SYSTEM, "otto")


def test_users_are_listed_by_name(desk: Desk) -> None:
    add_user(desk, SYSTEM, "otto", Role.ADMIN, GOOD)
    assert [each.name for each in list_users(desk, SYSTEM)] == ["otto", "vera"]


# ---------------------------------------------------------------------------- the first admin
def test_the_first_admin_gets_a_long_password(database_url: str) -> None:
    with upgraded(database_url) as db:
        password = first_admin(db, None)
    assert password is not None
    assert len(password) >= 32


def test_a_given_password_is_not_told_again() -> None:
    with upgraded(IN_MEMORY) as db:
        assert first_admin(db, GOOD) is None


def test_there_is_no_second_first_admin(desk: Desk) -> None:
    first_admin(desk.db, GOOD)
    assert [each.name for each in list_users(desk, SYSTEM)] == ["vera"]


# ---------------------------------------------------------------------------- logging in
def test_the_right_password_opens(desk: Desk) -> None:
    found = check_login(desk, " Vera ", GOOD, HOME)
    assert found is not None
    assert found.name == "vera"


def test_a_login_is_remembered(any_desk: Desk) -> None:
    check_login(any_desk, "vera", GOOD, HOME)
    assert user(any_desk, "vera").last_login_at is not None


def test_a_wrong_password_does_not_open(desk: Desk) -> None:
    assert check_login(desk, "vera", WRONG, HOME) is None


def test_an_unknown_name_does_not_open(desk: Desk) -> None:
    assert check_login(desk, "otto", GOOD, HOME) is None


def test_the_audit_alone_says_where_somebody_logged_in_from(desk: Desk) -> None:
    fail(desk, 1)
    check_login(desk, "vera", GOOD, CAFE)
    assert HOME not in journal(desk)
    assert CAFE not in journal(desk)
    with desk.db.read() as tx:
        rows = tx.scalars(select(AuditRow).where(AuditRow.action == LOGIN).order_by(AuditRow.seq))
        assert [row.address for row in rows] == [HOME, CAFE]


def test_five_failures_lock_the_name_from_that_address(any_desk: Desk) -> None:
    fail(any_desk, MOST_FAILURES)
    with pytest.raises(TooManyLoginsError, match="Try again in 5 minutes"):
        check_login(any_desk, "VERA", GOOD, HOME)


def test_an_unknown_name_is_locked_alike(desk: Desk) -> None:
    fail(desk, MOST_FAILURES, name="otto")
    with pytest.raises(TooManyLoginsError):
        check_login(desk, "otto", GOOD, HOME)


def test_a_lock_does_not_reach_another_address(desk: Desk) -> None:
    fail(desk, MOST_FAILURES)
    assert check_login(desk, "vera", GOOD, CAFE) is not None


def test_a_lock_ends_by_itself(desk: Desk) -> None:
    fail(desk, MOST_FAILURES)
    age(desk, WINDOW)
    assert check_login(desk, "vera", GOOD, HOME) is not None


def test_old_failures_do_not_count(desk: Desk) -> None:
    fail(desk, MOST_FAILURES - 1)
    age(desk, WINDOW)
    fail(desk, 1)
    assert check_login(desk, "vera", GOOD, HOME) is not None


def test_a_success_forgives_earlier_failures(desk: Desk) -> None:
    fail(desk, MOST_FAILURES - 1)
    check_login(desk, "vera", GOOD, HOME)
    fail(desk, 1)
    assert check_login(desk, "vera", GOOD, HOME) is not None


def test_failures_are_counted_for_the_users_page(desk: Desk) -> None:
    fail(desk, 3)
    assert user(desk, "vera").failed_logins == 3


def test_the_journal_keeps_failures_without_secrets(desk: Desk) -> None:
    fail(desk, 1, name="a password typed into the wrong field")
    told = journal(desk)
    assert "A login as an unknown user failed" in told
    assert "wrong" not in told


def age(desk: Desk, by: timedelta) -> None:
    """Let the failures have happened earlier."""
    with desk.db.write() as tx:
        for row in tx.scalars(select(JournalRow).where(JournalRow.kind == FAILED)):
            earlier = wall_now() - by - timedelta(seconds=1)
            body = {**row.body, "wall": earlier.isoformat()}
            tx.execute(update(JournalRow).where(JournalRow.seq == row.seq).values(body=body))
