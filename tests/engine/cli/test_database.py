"""`bellwether db`: migrations, and a copy that is compared."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine import lease
from engine.cli.command import open_database
from engine.cli.database_copy import copy_database
from engine.clock import wall_now
from engine.errors import DeskError
from engine.journal import record
from engine.lease import Lease
from models.database import Database, revision_heads
from models.every_table import TABLES
from models.journal import JournalRow
from tests.engine.cli.processes import bellwether
from tests.engine.small_desk import write_market


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database in which a session was played. Nobody changes it."""
    folder = tmp_path_factory.mktemp("played")
    url = f"sqlite:///{folder / 'played.db'}"
    bars, daily = map(str, write_market(folder))
    done = bellwether(folder, "replay", "--bars", bars, "--daily", daily, "--database", url)
    assert done.returncode == 0, done.stderr
    with open_database(url) as db:
        yield db


@pytest.fixture
def other(database_url: str) -> Iterator[Database]:
    """An empty database of either kind."""
    with open_database(database_url) as db:
        yield db


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Database]:
    """An empty PostgreSQL database."""
    with open_database(postgres_url) as db:
        yield db


def rows(db: Database) -> dict[str, int]:
    with db.read() as tx:
        return {
            table.name: tx.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES
        }


def test_upgrade_makes_the_database(tmp_path: Path) -> None:
    made = bellwether(tmp_path, "db", "upgrade")
    assert made.stdout == f"The database is at revision {revision_heads()}\n"
    assert (tmp_path / "data" / "bellwether.db").exists()


def test_downgrade_goes_back(tmp_path: Path) -> None:
    bellwether(tmp_path, "db", "upgrade")
    gone = bellwether(tmp_path, "db", "downgrade", "base")
    assert gone.stdout == "The database is at revision none: it is empty\n"


def test_an_unknown_revision_is_one_sentence(tmp_path: Path) -> None:
    bellwether(tmp_path, "db", "upgrade")
    failed = bellwether(tmp_path, "db", "downgrade", "nonsense")
    assert failed.returncode == 1
    assert failed.stderr == "Error: Can't locate revision identified by 'nonsense'\n"


def test_status_of_an_empty_database(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    assert "none: it is empty" in bellwether(tmp_path, "db", "status").stdout


def test_status_hides_the_password(tmp_path: Path, postgres_url: str) -> None:
    url = postgres_url.replace("://postgres:", "://postgres:hush")
    shown = bellwether(tmp_path, "db", "status", BELLWETHER_DATABASE_URL=url)
    assert "hush" not in shown.stdout + shown.stderr


def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    bellwether(tmp_path, "db", "upgrade")
    with sqlite3.connect(tmp_path / "data" / "bellwether.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    refused = bellwether(tmp_path, "db", "upgrade")
    assert refused.returncode == 1
    assert "newer than this program" in refused.stderr


def test_a_database_with_an_engine_is_not_downgraded(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "TIME_TO_LIVE", timedelta(minutes=5))  # a command takes its time
    with open_database(sqlite_url) as db:
        db.upgrade()
        Lease(db).acquire()
        refused = bellwether(tmp_path, "db", "downgrade", BELLWETHER_DATABASE_URL=sqlite_url)
    assert refused.returncode == 1
    assert "an engine is running on this database" in refused.stderr


# ---------------------------------------------------------------------------- copy
def test_a_copy_holds_every_row(played: Database, other: Database) -> None:
    copied = dict(copy_database(played, other))
    assert copied == rows(played) == rows(other)


def test_a_copy_counts_on_where_the_original_stopped(played: Database, other: Database) -> None:
    last = dict(copy_database(played, other))["journal"]
    with other.write() as tx:
        record(tx, wall_now(), "engine", "desk", text="the first fact in its new home")
    with other.read() as tx:
        assert tx.scalar(select(func.max(JournalRow.seq))) == last + 1


def test_a_copy_goes_back_to_sqlite(played: Database, postgres: Database, sqlite_url: str) -> None:
    list(copy_database(played, postgres))
    with open_database(sqlite_url) as back:
        list(copy_database(postgres, back))
        assert rows(back) == rows(played)


def test_a_filled_database_is_no_target(played: Database, other: Database) -> None:
    list(copy_database(played, other))
    with pytest.raises(DeskError, match="the target is not empty"):
        list(copy_database(played, other))


def test_the_command_tells_what_it_copied(tmp_path: Path, played: Database) -> None:
    url = played.url.render_as_string()
    target = f"sqlite:///{tmp_path / 'copy.db'}"
    copied = bellwether(tmp_path, "db", "copy", "--to", target, BELLWETHER_DATABASE_URL=url)
    assert copied.returncode == 0, copied.stderr
    assert copied.stdout.endswith(f"{sum(rows(played).values()):,} rows copied and compared\n")
