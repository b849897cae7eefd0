"""Bulk rows into PostgreSQL: columns become the text that COPY reads."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import polars as pl
from sqlalchemy import JSON, Column, Date
from sqlalchemy.orm import Session as Transaction

from models.bulk_values import is_many, remembered, utc
from models.types import Moment, Money, Word


def copy_in(
    tx: Transaction, statement: str, columns: Iterable[tuple[Column[Any], Any]], count: int
) -> None:
    """Send columns, each of one value or of `count`, to a COPY statement."""
    frame = pl.DataFrame({kind.name: _series(kind, values, count) for kind, values in columns})
    driver: Any = tx.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(frame.write_csv(include_header=False).encode())


def _series(column: Column[Any], values: Any, count: int) -> pl.Series:
    """Return a column as PostgreSQL reads it from text."""
    kind = column.type
    if not is_many(values):
        one = pl.Series(column.name, [_text(kind, values)])
        return one.new_from_index(0, count)
    if isinstance(kind, Money):
        micros = pl.Series(column.name, values, dtype=pl.Int64)
        return micros.cast(pl.String) + "e-6"
    if isinstance(kind, JSON | Word | Moment | Date):
        plain = remembered(lambda value: _text(kind, value))
        return pl.Series(column.name, [plain(value) for value in values], dtype=pl.String)
    return pl.Series(column.name, values)


def _text(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, Money):
        return f"{value}e-6"
    if isinstance(kind, JSON):
        return json.dumps(value)
    if isinstance(value, datetime):
        return utc(value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, StrEnum) else value
