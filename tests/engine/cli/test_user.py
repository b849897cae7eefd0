"""`bellwether user` as a person types it."""

from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from tests.engine.cli.processes import bellwether

GOOD = "correct horse battery"
User = Callable[..., "CompletedProcess[str]"]


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> User:
    """`bellwether user ...` on one desk, whose only admin is Adam."""
    folder = tmp_path_factory.mktemp("desk")

    def run(*arguments: str, typed: str | None = None) -> CompletedProcess[str]:
        return bellwether(folder, "user", *arguments, typed=typed)

    run("add", "Adam", "--role", "admin", "--password-stdin", typed=f"{GOOD}\n")
    return run


def test_whoever_is_added_is_listed(user: User) -> None:
    assert "adam                     admin     never logged in\n" in user("list").stdout


def test_a_short_password_is_refused(user: User) -> None:
    refused = user("add", "otto", "--password-stdin", typed="short\n")
    assert refused.returncode == 1
    assert refused.stderr == "Error: a password has 12 to 256 characters\n"


def test_without_a_terminal_nobody_is_asked(user: User) -> None:
    refused = user("passwd", "adam", typed=f"{GOOD}\n")
    assert refused.returncode == 2
    assert "give --password-stdin" in refused.stderr


def test_the_last_admin_is_not_disabled(user: User) -> None:
    refused = user("disable", "adam")
    assert refused.returncode == 1
    assert refused.stderr == "Error: adam is the last admin; make another one first\n"


def test_a_role_is_changed(user: User) -> None:
    user("add", "otto", "--password-stdin", typed=f"{GOOD}\n")
    user("role", "otto", "operator")
    assert "otto                     operator" in user("list").stdout


def test_a_password_is_changed_without_being_shown(user: User) -> None:
    changed = user("passwd", "ADAM", "--password-stdin", typed="another good password\n")
    assert changed.returncode == 0
    assert "another good password" not in changed.stdout + changed.stderr
