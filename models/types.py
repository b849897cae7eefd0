"""How exact money and aware time are stored on SQLite and PostgreSQL.

Each type hands the driver one function per direction, chosen once for the database: a page or a
replay converts hundreds of thousands of values, and SQLAlchemy's wrapping costs more than they do.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import BigInteger, DateTime, Dialect, Numeric, String
from sqlalchemy.types import TypeDecorator, TypeEngine

from models.money import PLACES, QUANTUM, from_micros, to_micros

E = TypeVar("E", bound=StrEnum)
Convert = Callable[[Any], Any]


class Money(TypeDecorator[Decimal]):
    """A decimal with six places: whole millionths on SQLite, NUMERIC on PostgreSQL."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(Numeric(20, PLACES))

    def bind_processor(self, dialect: Dialect) -> Convert:
        """Refuse amounts that would lose digits."""
        return _unless_none(to_micros if dialect.name == "sqlite" else _checked)

    def result_processor(self, dialect: Dialect, _coltype: object) -> Convert:
        """Return the amount as it was given."""
        return _unless_none(from_micros if dialect.name == "sqlite" else _six_places)


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type."""
        return dialect.type_descriptor(DateTime(timezone=dialect.name != "sqlite"))

    def bind_processor(self, dialect: Dialect) -> Convert:
        """Refuse naive times."""
        return _unless_none(_moment_text if dialect.name == "sqlite" else _utc)

    def result_processor(self, dialect: Dialect, _coltype: object) -> Convert:
        """Return an aware UTC time."""
        return _unless_none(_moment_of if dialect.name == "sqlite" else _utc)


class Word(TypeDecorator[E]):
    """A value of one of the vocabulary's enumerations, stored as its text."""

    impl = String(24)
    cache_ok = True

    def __init__(self, words: type[E]) -> None:
        super().__init__()
        self.words = words

    def bind_processor(self, _dialect: Dialect) -> Convert:
        """Store the text; a word that the vocabulary lacks is an error."""
        known: dict[Any, str] = {word: word.value for word in self.words}
        return _unless_none(lambda word: known.get(word) or self.words(word).value)

    def result_processor(self, _dialect: Dialect, _coltype: object) -> Convert:
        """Return the word."""
        known: dict[Any, E] = {word.value: word for word in self.words}
        return _unless_none(lambda text: known.get(text) or self.words(text))


def _unless_none(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)


def _checked(amount: Decimal) -> Decimal:
    return from_micros(to_micros(amount))


def _six_places(amount: Decimal) -> Decimal:
    return amount.quantize(QUANTUM)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"naive time {at!r}")
    return at if at.tzinfo is UTC else at.astimezone(UTC)


def _moment_text(at: datetime) -> str:
    """Return a moment as SQLAlchemy keeps times in SQLite: text that sorts, without a zone."""
    return _utc(at).replace(tzinfo=None).isoformat(" ", "microseconds")


def _moment_of(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
