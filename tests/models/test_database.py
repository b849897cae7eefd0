"""A database that cannot be used says so in one sentence; transactions are whole."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import IntegrityError

from models.accounts import PositionSnapshot
from models.database import Database, DatabaseUnusableError
from models.market_data import SyncedSession

NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    database.upgrade()
    yield database
    database.close()


@pytest.fixture
def made(sqlite_url: str) -> Path:
    """The file of an SQLite database with the newest schema, closed."""
    database = Database(sqlite_url)
    database.upgrade()
    database.close()
    return Path(database.url.database or "")


def impatient(url: str) -> Database:
    """A database that does not wait for a lock."""
    database = Database(url)

    def never_wait(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout = 0")

    for engine in (database.engine, database._writing):  # one of us
        event.listen(engine, "connect", never_wait)
    return database


# ---------------------------------------------------------------------------- unusable
def test_a_database_from_a_newer_program_is_not_touched(db: Database) -> None:
    with db.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseUnusableError, match="revision 9999, which is newer"):
        db.upgrade()


def test_a_locked_database_is_called_locked(sqlite_url: str, made: Path) -> None:
    other = sqlite3.connect(made, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnusableError, match="locked by another program"):
        impatient(sqlite_url).check_writable()
    other.close()


def test_a_database_that_is_locked_before_its_first_schema_is_called_locked(
    sqlite_url: str, made: Path
) -> None:
    Database(sqlite_url).downgrade("base")
    other = sqlite3.connect(made, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnusableError, match="locked by another program"):
        impatient(sqlite_url).upgrade()
    other.close()


def test_a_lock_that_is_given_back_is_no_obstacle(sqlite_url: str, made: Path) -> None:
    other = sqlite3.connect(made, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.close()
    impatient(sqlite_url).check_writable()


@pytest.mark.usefixtures("made")
def test_a_read_only_database_is_called_read_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    db = Database("sqlite:///file:bellwether.db?mode=ro&uri=true")
    with pytest.raises(DatabaseUnusableError, match="the database is read-only"):
        db.check_writable()


@pytest.mark.parametrize("call", [Database.upgrade, Database.revision, Database.check_writable])
def test_a_file_that_is_no_database_is_called_so(tmp_path: Path, call: Any) -> None:
    (tmp_path / "notes.db").write_text("Bought milk. " * 100)
    with pytest.raises(DatabaseUnusableError, match="not an SQLite database"):
        call(Database(f"sqlite:///{tmp_path / 'notes.db'}"))


def test_a_damaged_database_is_called_damaged(sqlite_url: str, made: Path) -> None:
    whole = made.read_bytes()
    made.write_bytes(whole[:4096] + bytes(len(whole) - 4096))
    with pytest.raises(DatabaseUnusableError, match="the database file is damaged"):
        Database(sqlite_url).revision()


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseUnusableError, match="cannot be opened"):
        Database(f"sqlite:///{tmp_path / 'file' / 'data' / 'bellwether.db'}").upgrade()


def test_a_folder_in_place_of_the_file_is_explained(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusableError, match="cannot be opened"):
        Database(f"sqlite:///{tmp_path}").upgrade()


def test_a_server_that_does_not_answer_is_explained_without_its_password() -> None:
    db = Database("postgresql+psycopg://desk:hunter2@127.0.0.1:1/bellwether")
    with pytest.raises(DatabaseUnusableError, match="does not answer") as caught:
        db.revision()
    assert "hunter2" not in str(caught.value)


def test_a_usable_database_is_writable(db: Database) -> None:
    db.check_writable()


# ---------------------------------------------------------------------------- transactions
def insert_and_fail(db: Database) -> None:
    with db.write() as tx:
        tx.execute(text("INSERT INTO alembic_version VALUES ('half')"))
        raise ZeroDivisionError


def test_a_failed_transaction_leaves_nothing(db: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        insert_and_fail(db)
    with db.read() as tx:
        assert tx.scalar(text("SELECT count(*) FROM alembic_version")) == 1


def test_a_reader_that_forgets_itself_writes_nothing(db: Database) -> None:
    with db.read() as tx:
        tx.execute(text("INSERT INTO alembic_version VALUES ('half')"))
    with db.read() as tx:
        assert tx.scalar(text("SELECT count(*) FROM alembic_version")) == 1


def test_an_sqlite_writer_has_the_lock_from_its_first_look(sqlite_url: str, made: Path) -> None:
    other = sqlite3.connect(made, isolation_level=None, timeout=0)
    with Database(sqlite_url).write() as tx:
        tx.execute(text("SELECT version_num FROM alembic_version"))
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.close()


def test_readers_do_not_wait_for_a_writer(db: Database) -> None:
    with db.write() as writer:
        writer.execute(text("UPDATE alembic_version SET version_num = 'new'"))
        with db.read() as reader:
            assert reader.scalar(text("SELECT version_num FROM alembic_version")) != "new"


def test_a_writer_does_not_wait_for_readers_however_many(db: Database) -> None:
    with ExitStack() as opened:
        for _ in range(30):
            opened.enter_context(db.read()).execute(select(SyncedSession))
        with db.write() as tx:
            tx.add(SyncedSession(session=NOON.date(), source="x", symbols=1, synced_at=NOON))


@pytest.mark.usefixtures("made")
def test_writers_of_one_process_stand_in_line(sqlite_url: str) -> None:
    with closing(impatient(sqlite_url)) as db:  # the file itself makes nobody wait
        with db.write() as tx:
            tx.execute(text("SELECT 1"))  # a transaction begins with what it asks first
            second = Thread(target=db.check_writable)
            second.start()
            second.join(0.3)
            assert second.is_alive()
        second.join()


def test_a_database_in_memory_is_one_for_all_connections() -> None:
    db = Database("sqlite://")
    db.upgrade()
    with db.read() as tx:
        assert tx.scalar(select(func.count()).select_from(SyncedSession)) == 0


def insert_orphan(db: Database) -> None:
    orphan = PositionSnapshot(
        trade_id=77, symbol="AAA", at=NOON, quantity=1, price=Decimal(1), unrealised=Decimal(0)
    )
    with db.write() as tx:
        tx.add(orphan)


def test_foreign_keys_hold(db: Database) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        insert_orphan(db)
