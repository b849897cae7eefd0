"""The database: how it is opened, read and written, and how its schema is brought up to date."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

MIGRATIONS = Path(__file__).parent / "migrations"
IN_MEMORY = "sqlite://"
BUSY_SECONDS = 10
SYNCHRONOUS = "FULL"  # of what is written: an answered commit outlives a power failure, too
# A page that waits for a connection must not keep the engine from one: who writes has a pool of
# their own. On SQLite that is one connection, so writers stand in line here and not at the file,
# where who asks most often comes first; readers there never wait.
POSTGRES_READERS = {"pool_size": 10, "max_overflow": 25}
POSTGRES_WRITERS = {"pool_size": 5, "max_overflow": 10}
SQLITE_READERS = {"pool_size": 10, "max_overflow": -1}
SQLITE_WRITERS = {"pool_size": 1, "max_overflow": 0}
CACHE_KIB = 32_768  # of each connection; with SQLite's own 2,000 a whole market's pages do not fit


class DatabaseUnusableError(Exception):
    """The database cannot be used as it is; the message says why, for a person."""


class Database:
    """One database. Reads see one moment; writes are short, whole and serialised on SQLite."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.engine, self._writing = _engines(url)
        self._told: list[Callable[[], None]] = []

    def when_written(self, tell: Callable[[], None]) -> None:
        """Have somebody told after each commit of this process; they must not take long."""
        self._told.append(tell)

    @property
    def is_sqlite(self) -> bool:
        """Say whether this is an SQLite database."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a transaction that only reads."""
        with Session(self.engine, expire_on_commit=False, autoflush=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a transaction that is committed at the end, or rolled back on an exception.

        On SQLite the write lock is taken at the start, so what was read stays true.
        """
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session
        for tell in self._told:
            tell()

    def upgrade(self, revision: str = "head") -> None:
        """Bring the schema to a revision, the newest by default.

        Raises:
            DatabaseUnusableError: it is newer than this program, locked, read-only or not there.
        """
        with _explained(self.url.render_as_string()):
            if self.url.database and self.is_sqlite:
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            with self.engine.connect() as connection:
                if _refuse_newer(connection) == revision_heads() and revision == "head":
                    return  # as nearly every start finds it
            with self._writing.begin() as connection:
                _migrations().upgrade(connection, revision)
            self._reopen()

    def downgrade(self, revision: str) -> None:
        """Take the schema back to an older revision."""
        with _explained(self.url.render_as_string()), self._writing.begin() as connection:
            _migrations().downgrade(connection, revision)
        self._reopen()

    def revision(self) -> str | None:
        """Return the schema's revision, None for an empty database."""
        with _explained(self.url.render_as_string()), self.engine.connect() as connection:
            return _revision(connection)

    def check_writable(self) -> None:
        """Take and release the write lock.

        Raises:
            DatabaseUnusableError: somebody else holds it, or the file is read-only.
        """
        with _explained(self.url.render_as_string()), self._writing.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = version_num"))

    def _reopen(self) -> None:
        """Let readers see the schema as it is now: SQLite keeps a copy with each connection."""
        if self.engine.pool is not self._writing.pool:
            self.engine.dispose()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        self._writing.dispose()


def revision_heads() -> str:
    """Return the newest revision that this program knows."""
    return max(_known_revisions())


def _known_revisions() -> set[str]:
    """Return the revisions that have a file: each is named after its own."""
    return {file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py")}


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _migrations() -> ModuleType:
    from models import schema  # noqa: PLC0415  # brings alembic, which a start has no need for

    return schema


def _engines(url: str) -> tuple[Engine, Engine]:
    """Return what reads and what writes, each with connections of its own."""
    parsed = make_url(url)
    if not parsed.drivername.startswith("sqlite"):
        reading, writing = (
            create_engine(url, pool_pre_ping=True, **pool)
            for pool in (POSTGRES_READERS, POSTGRES_WRITERS)
        )
    elif parsed.database in {None, "", ":memory:"}:
        reading = writing = _sqlite(url, poolclass=StaticPool)  # of what is in memory there is one
    else:
        reading, writing = _sqlite(url, **SQLITE_READERS), _sqlite(url, **SQLITE_WRITERS)
    return reading, writing.execution_options(immediate=True)


def _sqlite(url: str, **pool: Any) -> Engine:
    # Its pool hands a connection to one thread after the other, as SQLAlchemy does by itself.
    arguments = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    engine = create_engine(url, connect_args=arguments, **pool)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    """Set the pragmas of contracts and facts: WAL, a busy timeout, foreign keys."""
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute(f"PRAGMA synchronous = {SYNCHRONOUS}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA cache_size = {-CACHE_KIB}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    driver = connection.connection.driver_connection
    if connection.get_execution_options().get("immediate"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif isinstance(driver, sqlite3.Connection):
        driver.execute("BEGIN")  # it takes no lock, so there is no complaint to translate


def _refuse_newer(connection: Connection) -> str | None:
    current = _revision(connection)
    if current is not None and current not in _known_revisions():
        raise DatabaseUnusableError(
            f"the database is at revision {current}, which is newer than this program: "
            "install the newer Bellwether, or restore a backup made before the upgrade"
        )
    return current


@contextmanager
def _explained(url: str) -> Iterator[None]:
    """Turn a driver's complaint into a sentence."""
    try:
        yield
    except DatabaseError as error:
        # SQLite reports a file that it cannot read by the bare class; the others are our mistakes.
        if type(error) not in {DatabaseError, OperationalError}:
            raise
        raise DatabaseUnusableError(f"{explain(error)} ({url})") from error
    except OSError as error:
        raise DatabaseUnusableError(f"the database cannot be opened: {error}") from error


def explain(error: DatabaseError) -> str:
    """Say in a person's words what a database driver complained about."""
    complaint = str(error.orig).splitlines()[0]
    known = {
        "database is locked": "the database is locked by another program",
        "readonly database": "the database is read-only",
        "unable to open": "the database file cannot be opened",
        "not a database": "the file is not an SQLite database",
        "malformed": "the database file is damaged: restore a backup",
    }
    for part, sentence in known.items():
        if part in complaint:
            return sentence
    return f"the database does not answer: {complaint}"
