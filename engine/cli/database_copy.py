"""Copies a database into an empty one, and believes it only after comparing both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from engine.errors import DeskError
from models.database import Database
from models.every_table import TABLES

AT_ONCE = 2_000


def copy_database(source: Database, target: Database) -> Iterator[tuple[str, int]]:
    """Copy every table; yield its name and number of rows once the copy is known to be equal.

    All of it is one transaction of the target: a copy that fails leaves it empty.

    Raises:
        DeskError: the target is not empty, or what arrived is not what was sent.
    """
    target.upgrade()
    with _snapshot(source) as read, target.write() as tx:
        write = tx.connection()
        _refuse_if_filled(write)
        for table in TABLES:
            sent = _copy(read, write, table)
            _set_sequence(write, table)
            if _digest(write, table) != sent:
                raise DeskError(f"{table.name} did not arrive as it was sent; nothing was copied")
            yield table.name, sent[0]


def _snapshot(source: Database) -> Connection:
    """Read one moment of the source, whatever is written to it meanwhile."""
    if source.is_sqlite:
        return source.engine.connect()
    return source.engine.connect().execution_options(isolation_level="REPEATABLE READ")


def _refuse_if_filled(write: Connection) -> None:
    for table in TABLES:
        if write.execute(select(table).limit(1)).first() is not None:
            raise DeskError(f"the target is not empty: it has rows in {table.name}")


def _copy(read: Connection, write: Connection, table: Table) -> tuple[int, int]:
    """Copy a table in batches; return the number of its rows and their checksum."""
    rows = checksum = 0
    for batch in _batches(read, table):
        write.execute(insert(table), batch)
        rows, checksum = rows + len(batch), checksum + _checksum(batch)
    return rows, checksum


def _digest(connection: Connection, table: Table) -> tuple[int, int]:
    rows = checksum = 0
    for batch in _batches(connection, table):
        rows, checksum = rows + len(batch), checksum + _checksum(batch)
    return rows, checksum


def _batches(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """Read by the key: an order is older than the stop that refers to it."""
    ordered = select(table).order_by(*table.primary_key.columns)
    found = connection.execute(ordered, execution_options={"yield_per": AT_ONCE})
    for part in found.mappings().partitions():
        yield [dict(row) for row in part]


def _checksum(batch: list[dict[str, Any]]) -> int:
    """Add the rows' digests up, since databases sort words differently."""
    return sum(int.from_bytes(hashlib.sha256(_text(row)).digest()) for row in batch)


def _text(row: Mapping[str, Any]) -> bytes:
    return json.dumps(row, sort_keys=True, default=str, ensure_ascii=False).encode()


def _set_sequence(write: Connection, table: Table) -> None:
    """Let PostgreSQL count on from the greatest number; SQLite does so by itself."""
    column = table.autoincrement_column
    if write.dialect.name != "postgresql" or column is None:
        return
    greatest = write.scalar(select(func.max(column)))
    if greatest is not None:
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        write.execute(select(func.setval(sequence, greatest)))
