"""What is stored comes back as it was given, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import StatementError

from models.types import Moment, Money, Word
from models.vocabulary import OrderSide

TABLE = Table(
    "kept",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("amount", Money()),
    Column("at", Moment()),
    Column("side", Word(OrderSide)),
)
NOON = datetime(2026, 11, 20, 17, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = create_engine(database_url)
    with engine.begin() as opened:
        TABLE.create(opened)
        yield opened
    engine.dispose()


def keep(connection: Connection, **values: Any) -> Any:
    connection.execute(insert(TABLE).values(**values))
    return connection.execute(select(TABLE)).one()


@pytest.mark.parametrize(
    "amount", ["0.000001", "-0.000001", "9223372036854.123456", "100000", "0", "0.1"]
)
def test_money_comes_back_exactly(connection: Connection, amount: str) -> None:
    assert keep(connection, amount=Decimal(amount)).amount == Decimal(amount)


def test_money_comes_back_with_six_places(connection: Connection) -> None:
    assert str(keep(connection, amount=Decimal("1.5")).amount) == "1.500000"


def test_money_with_a_seventh_decimal_is_refused(connection: Connection) -> None:
    with pytest.raises(StatementError, match="more than 6 decimal places"):
        keep(connection, amount=Decimal("0.0000001"))


def test_money_is_compared_in_the_database(connection: Connection) -> None:
    keep(connection, amount=Decimal("9.99"))
    dear = select(TABLE.c.id).where(TABLE.c.amount > Decimal("9.989999"))
    assert connection.execute(dear).all() == [(1,)]


def test_nothing_comes_back_as_nothing(connection: Connection) -> None:
    assert keep(connection, amount=None, at=None, side=None)[1:] == (None, None, None)


def test_sqlite_keeps_whole_millionths_and_postgresql_numerics(connection: Connection) -> None:
    keep(connection, amount=Decimal("1.5"))
    raw = connection.execute(text("SELECT amount FROM kept")).scalar_one()
    expected: Any = 1_500_000 if connection.dialect.name == "sqlite" else Decimal("1.500000")
    assert (type(raw), raw) == (type(expected), expected)


def test_a_moment_comes_back_to_the_microsecond_in_utc(connection: Connection) -> None:
    kept = keep(connection, at=NOON.astimezone(timezone(timedelta(hours=-5)))).at
    assert (kept, kept.tzinfo) == (NOON, UTC)


def test_a_naive_time_is_refused(connection: Connection) -> None:
    with pytest.raises(StatementError, match="naive time"):
        keep(connection, at=NOON.replace(tzinfo=None))


def test_a_word_comes_back_as_the_vocabulary_has_it(connection: Connection) -> None:
    assert keep(connection, side=OrderSide.BUY).side is OrderSide.BUY


def test_an_unknown_word_is_refused(connection: Connection) -> None:
    with pytest.raises(StatementError, match="'hold' is not a valid OrderSide"):
        keep(connection, side="hold")


def test_an_unknown_word_in_the_database_is_not_taken_for_another(connection: Connection) -> None:
    connection.execute(text("INSERT INTO kept (side) VALUES ('hold')"))
    with pytest.raises(ValueError, match="'hold' is not a valid OrderSide"):
        connection.execute(select(TABLE)).all()
