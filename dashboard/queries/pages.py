"""Long lists, a page at a time: by key and never by offset, so that new rows shift nothing."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

from pydantic import AwareDatetime, TypeAdapter, ValidationError
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm import Session as Transaction

from engine.errors import ConfigurationError
from models.types import Moment

R = TypeVar("R")
T = TypeVar("T")
K = TypeVar("K")
GREATEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list; `next_cursor` leads on, None at its end."""

    items: Sequence[T]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Which part of a list is wanted."""

    limit: int
    cursor: str | None = None


def take_page(
    tx: Transaction,
    chosen: Select[R],
    key: InstrumentedAttribute[K],
    place: Place,
    make: Callable[[R], T],
    *,
    rising: bool = False,
) -> Page[T]:
    """Return a page of rows, the greatest key first unless it is to rise."""
    if place.cursor:
        kind = AwareDatetime if isinstance(key.type, Moment) else key.type.python_type
        after = _read_cursor(place.cursor, kind)
        chosen = chosen.where(key > after if rising else key < after)
    order = key.asc() if rising else key.desc()
    found = tx.scalars(chosen.order_by(order).limit(place.limit + 1)).all()
    shown = found[: place.limit]
    more = len(found) > len(shown)
    cursor = _cursor(getattr(shown[-1], key.key)) if more else None
    return Page([make(row) for row in shown], cursor)


def record_of(kind: type[T]) -> Callable[[Any], T]:
    """Return what makes a record out of a row with columns of the same names."""
    names = [each.name for each in fields(kind)]  # type: ignore[arg-type]  # a dataclass

    def make(row: Any) -> T:
        return kind(**{name: getattr(row, name) for name in names})

    return make


def _cursor(value: Any) -> str:
    written = TypeAdapter(type(value)).dump_json(value)
    return base64.urlsafe_b64encode(written).decode().rstrip("=")


def _read_cursor(cursor: str, kind: Any) -> Any:
    try:
        written = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        value = TypeAdapter(kind).validate_json(written)
    except (ValidationError, binascii.Error, ValueError) as error:
        raise ConfigurationError("cursor: this is none of ours") from error
    if isinstance(value, int) and not -GREATEST <= value <= GREATEST:
        raise ConfigurationError("cursor: this is none of ours")
    return value
