"""Whole columns into and out of tables, where thousands of rows are too many for objects.

Money goes as whole millionths in both directions, whatever the database keeps it as.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Float,
    Integer,
    Numeric,
    String,
    cast,
    func,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session as Transaction

from models.bulk_values import is_many, remembered, utc
from models.tables import Table, rows
from models.types import Moment, Money, Word

Ints = NDArray[np.int64]
SEPARATOR = ","
EPOCH_DAY = 2440587.5  # 1970-01-01 as a Julian day
DAY_SECONDS = 86_400


# ---------------------------------------------------------------------------- in
def insert_columns(tx: Transaction, model: type[Table], **columns: Any) -> int:
    """Insert rows given as columns and return how many.

    A column is a sequence or an array; what is neither stands in every row. At least one must be
    a sequence. The driver gets the rows at once: COPY on PostgreSQL, one prepared statement on
    SQLite.
    """
    table = rows(model)
    count = next(len(values) for values in columns.values() if is_many(values))
    kinds = [table.columns[name] for name in columns]
    if not count:
        return 0
    names = ", ".join(f'"{name}"' for name in columns)
    if tx.get_bind().dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        lists = [
            _repeated(_sqlite(kind), values)
            for kind, values in zip(kinds, columns.values(), strict=True)
        ]
        statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608  # our names
        tx.connection().exec_driver_sql(statement, list(zip(*lists, strict=False)))
    else:
        from models.bulk_copy import copy_in  # noqa: PLC0415  # brings polars: slow to start

        given = zip(kinds, columns.values(), strict=True)
        copy_in(tx, f"COPY {table.name} ({names}) FROM STDIN (FORMAT csv)", given, count)
    return count


def where(known: Sequence[bool], values: NDArray[Any]) -> list[Any]:
    """Return a column in which what is not known is NULL."""
    pairs = zip(known, values.tolist(), strict=True)
    return [value if is_known else None for is_known, value in pairs]


def _repeated(plain: Callable[[Any], Any] | None, values: Any) -> Iterable[Any]:
    if not is_many(values):
        return repeat(values if plain is None else plain(values))
    many = values.tolist() if isinstance(values, np.ndarray) else values
    return many if plain is None else map(plain, many)


def _sqlite(column: Column[Any]) -> Callable[[Any], Any] | None:
    """Return what turns a value into the one that SQLite keeps; None if it is the same."""
    kind = column.type
    if isinstance(kind, Moment):
        return lambda at: None if at is None else f"{utc(at):%Y-%m-%d %H:%M:%S.%f}"
    if isinstance(kind, Date):
        return lambda day: None if day is None else day.isoformat()
    if isinstance(kind, JSON):
        return remembered(json.dumps)
    if isinstance(kind, Word):
        return lambda word: None if word is None else str(word)
    return None


# ---------------------------------------------------------------------------- out
def columns_by(
    tx: Transaction,
    key: Any,
    values: Mapping[str, Any],
    where: ColumnElement[bool],
) -> dict[Any, dict[str, Any]]:
    """Return columns grouped by `key`: texts as lists, numbers as arrays, money in millionths.

    The database joins each group's values into one text, which is read as a whole: a tenth of the
    time that rows would take. No value may be NULL, no text may hold a comma.
    """
    inner = select(
        key.label("key"),
        *(_as_text(tx, column).label(name) for name, column in values.items()),
    ).where(where)
    part = inner.subquery()
    joined = (func.aggregate_strings(part.c[name], SEPARATOR).label(name) for name in values)
    found = tx.execute(select(part.c.key, *joined).group_by(part.c.key)).all()
    return {
        row.key: {
            name: _parsed(column, value)
            for (name, column), value in zip(values.items(), row[1:], strict=True)
        }
        for row in found
    }


def as_micros(tx: Transaction, column: Any) -> ColumnElement[int]:
    """Read money as whole millionths, without a Decimal for each amount."""
    if tx.get_bind().dialect.name == "sqlite":
        return type_coerce(column, BigInteger)
    return cast(type_coerce(column, Numeric) * 1_000_000, BigInteger)


def as_seconds(tx: Transaction, column: Any) -> ColumnElement[float]:
    """Read a moment as epoch seconds, to less than a millisecond."""
    if tx.get_bind().dialect.name == "sqlite":
        return (func.julianday(column, type_=Float) - EPOCH_DAY) * DAY_SECONDS
    return cast(func.extract("epoch", column), Float)


def _as_text(tx: Transaction, column: Any) -> ColumnElement[str]:
    if tx.get_bind().dialect.name != "sqlite":
        return cast(column, String)
    if isinstance(column.type, Float):
        return func.printf("%!.17g", column)  # by itself it would show 15 digits
    return type_coerce(column, String)  # group_concat takes whole numbers as they are


def _parsed(column: Any, joined: str) -> Any:
    kind = column.type
    if isinstance(kind, Money):
        # NUMERIC(20, 6) always shows its six places: without the point it is millionths
        return np.fromstring(joined.replace(".", ""), dtype=np.int64, sep=SEPARATOR)
    if isinstance(kind, Integer) and not isinstance(kind, Boolean):
        return np.fromstring(joined, dtype=np.int64, sep=SEPARATOR)
    if isinstance(kind, Float):
        return np.fromstring(joined, dtype=np.float64, sep=SEPARATOR)
    return joined.split(SEPARATOR)
