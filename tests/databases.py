"""Databases with every table: migrated once in each test process, copied for each test."""

import atexit
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from shutil import copyfile, rmtree
from tempfile import mkdtemp
from typing import Any, TypeVar, cast

from sqlalchemy import URL, create_engine, text

from models.database import Database

Some = TypeVar("Some", bound=Database)
TEMPLATE = "bellwether_template"


def with_schema(db: Some) -> Some:
    """Bring a database to the newest revision; an empty one gets a copy, ten times as fast."""
    if db.is_sqlite and db.url.database:
        Path(db.url.database).parent.mkdir(parents=True, exist_ok=True)
    if db.revision() is not None:
        db.upgrade()
    elif not db.is_sqlite:
        _copy_postgres(db)
    elif db.url.database:
        _copy_file(db)
    else:
        _copy_into_memory(db)
    return db


def _copy_file(db: Database) -> None:
    db.close()  # it has looked at a file that is replaced
    copyfile(_sqlite_template(), cast("str", db.url.database))


def _copy_into_memory(db: Database) -> None:
    with closing(sqlite3.connect(_sqlite_template())) as template, db.engine.connect() as opened:
        template.backup(cast("Any", opened.connection.driver_connection))


def _copy_postgres(db: Database) -> None:
    """Make the database anew of the template: a database cannot be copied into another."""
    db.close()
    template = _postgres_template(db.url.set(database="postgres"))
    name = cast("str", db.url.database)
    _administer(
        db.url.set(database="postgres"),
        f"DROP DATABASE {name} WITH (FORCE)",
        f"CREATE DATABASE {name} TEMPLATE {template}",
    )


@cache
def _sqlite_template() -> Path:
    folder = Path(mkdtemp(prefix="bellwether-schema-"))
    atexit.register(rmtree, folder)
    path = folder / "template.db"
    with closing(Database(f"sqlite:///{path}")) as db:
        db.upgrade()
    return path


@cache
def _postgres_template(server: URL) -> str:
    _administer(server, f"CREATE DATABASE {TEMPLATE}")
    with closing(
        Database(server.set(database=TEMPLATE).render_as_string(hide_password=False))
    ) as db:
        db.upgrade()
    return TEMPLATE


def _administer(server: URL, *statements: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
