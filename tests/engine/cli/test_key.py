"""`bellwether key` and `bellwether check --audit`, as people run them."""

import sqlite3
from pathlib import Path

import pytest

from tests.engine.cli.processes import bellwether


def test_a_key_is_printed_once_and_listed_without_its_secret(tmp_path: Path) -> None:
    made = bellwether(tmp_path, "key", "create", "grafana", "--role", "viewer", "--days", "30")
    assert (made.returncode, made.stdout[:3]) == (0, "bw_")
    listed = bellwether(tmp_path, "key", "list")
    assert "grafana" in listed.stdout
    assert "never used" in listed.stdout
    assert made.stdout.strip() not in listed.stdout


def test_a_revoked_key_is_shown_as_such_and_cannot_be_revoked_again(tmp_path: Path) -> None:
    bellwether(tmp_path, "key", "create", "grafana")
    assert bellwether(tmp_path, "key", "revoke", "grafana").returncode == 0
    assert "revoked" in bellwether(tmp_path, "key", "list").stdout
    again = bellwether(tmp_path, "key", "revoke", "grafana")
    assert again.returncode == 1
    assert again.stderr.endswith("Error: there is no key grafana in use\n")


@pytest.mark.parametrize("name", ["Grafana", "two words", "x" * 49])
def test_an_odd_name_is_refused(tmp_path: Path, name: str) -> None:
    assert bellwether(tmp_path, "key", "create", name).returncode == 1


def test_the_audit_is_verified(tmp_path: Path) -> None:
    bellwether(tmp_path, "key", "create", "grafana")
    checked = bellwether(tmp_path, "check", "--audit")
    assert checked.returncode == 0
    assert "1 rows, newest hash" in checked.stdout


def test_an_audit_that_was_changed_is_an_error(tmp_path: Path) -> None:
    bellwether(tmp_path, "key", "create", "grafana")
    with sqlite3.connect(tmp_path / "data" / "bellwether.db") as database:
        database.execute("DROP TRIGGER audit_no_update")
        database.execute("UPDATE audit SET actor = 'somebody else'")
    database.close()
    checked = bellwether(tmp_path, "check", "--audit")
    assert checked.returncode == 1
    assert "row 1 is not what was written" in checked.stdout
