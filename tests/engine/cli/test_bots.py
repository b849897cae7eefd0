"""`bellwether bots`, as people run it."""

import sqlite3
from pathlib import Path

from tests.engine.cli.processes import bellwether

DIP = ("bots", "add", "dipper", "dip", "big_dipper.log")
FUNDING = ("bots", "add", "delta", "funding", "http://127.0.0.1:8000")


def test_bots_are_added_listed_and_removed(tmp_path: Path) -> None:
    added = bellwether(tmp_path, *DIP)
    assert (added.returncode, added.stdout) == (0, "dipper is watched; its page is /bots/1\n")
    assert "There is nothing at" in added.stderr
    assert bellwether(tmp_path, *FUNDING).returncode == 0
    listed = bellwether(tmp_path, "bots", "list").stdout.splitlines()
    assert [line.split()[1:4] for line in listed] == [
        ["dipper", "dip", "unknown"],
        ["delta", "funding", "unknown"],
    ]
    assert bellwether(tmp_path, "bots", "remove", "dipper").returncode == 0
    assert "dipper" not in bellwether(tmp_path, "bots", "list").stdout


def test_a_name_is_taken_once_and_its_key_is_in_no_database(tmp_path: Path) -> None:
    key = {"BELLWETHER_BOT_KEY_DELTA": "a-secret-of-the-bot"}
    assert bellwether(tmp_path, *FUNDING, **key).returncode == 0
    again = bellwether(tmp_path, *FUNDING, **key)
    assert again.stderr.endswith("Error: there is already a bot delta\n")
    with sqlite3.connect(tmp_path / "data" / "bellwether.db") as database:
        assert "a-secret-of-the-bot" not in "\n".join(database.iterdump())
    database.close()
