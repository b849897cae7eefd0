"""How exact money and aware time are stored on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import BigInteger, DateTime, Dialect, Numeric, String
from sqlalchemy.types import TypeDecorator, TypeEngine

from models.money import PLACES, QUANTUM, from_micros, to_micros

E = TypeVar("E", bound=StrEnum)


class Money(TypeDecorator[Decimal]):
    """A decimal with six places: whole millionths on SQLite, NUMERIC on PostgreSQL."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(Numeric(20, PLACES))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """Refuse amounts that would lose digits."""
        if value is None:
            return None
        micros = to_micros(value)
        return micros if dialect.name == "sqlite" else from_micros(micros)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Return the amount as it was given."""
        if value is None:
            return None
        return from_micros(value) if dialect.name == "sqlite" else value.quantize(QUANTUM)


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type."""
        return dialect.type_descriptor(DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Return an aware UTC time."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Word(TypeDecorator[E]):
    """A value of one of the vocabulary's enumerations, stored as its text."""

    impl = String(24)
    cache_ok = True

    def __init__(self, words: type[E]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: E | None, _dialect: Dialect) -> str | None:
        """Store the text; a word that the vocabulary lacks is an error."""
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, _dialect: Dialect) -> E | None:
        """Return the word."""
        return None if value is None else self.words(value)
