"""Columns go in and come out as rows would, on both databases."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest
from sqlalchemy import select

from models.bulk import columns_by, insert_columns
from models.database import Database
from models.journal import JournalRow
from models.market_data import DailyBar, OpeningRange, UniverseRow
from models.tables import rows
from models.vocabulary import RvolBasis, Severity

DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 14, 35, 0, 250_000, tzinfo=UTC)


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    database.upgrade()
    yield database
    database.close()


def opening_ranges(db: Database, **other: object) -> None:
    values: dict[str, object] = {
        "session": DAY,
        "symbol": ["AAPL", "BRK.B"],
        "open": [1_500_001, None],
        "high": np.array([1, -2]),
        "low": [0, 999_999_999_999_999],
        "close": [None, None],
        "volume": 5,
        "direction": [1, -1],
        "rvol": [1 / 3, None],
        "rvol_basis": [RvolBasis.OPENING_RANGE, None],
        "atr14": None,
        "avg_volume14": [2.0, None],
        "rank": [1, None],
        "passed": np.array([True, False]),
        "failed": [(), ("price", "rvol")],
        "entry_level": [None, None],
        "stop_distance": 100_000,
        "feed": "sip, 'delayed' \"x\"",
        "scanned_at": NOW,
    }
    with db.write() as tx:
        insert_columns(tx, OpeningRange, **(values | other))


def stored(db: Database) -> tuple[OpeningRange, OpeningRange]:
    with db.read() as tx:
        first, second = tx.scalars(select(OpeningRange).order_by(OpeningRange.symbol))
        return first, second


def test_money_comes_back_to_the_last_millionth(db: Database) -> None:
    opening_ranges(db)
    first, second = stored(db)
    assert (first.open, second.open, second.high) == (
        Decimal("1.500001"),
        None,
        Decimal("-0.000002"),
    )
    assert (second.low, first.stop_distance) == (Decimal("999999999.999999"), Decimal("0.1"))


def test_every_kind_of_value_comes_back(db: Database) -> None:
    opening_ranges(db)
    first, second = stored(db)
    assert (first.session, first.scanned_at, first.rvol) == (DAY, NOW, 1 / 3)
    assert (first.rvol_basis, second.rvol_basis) == (RvolBasis.OPENING_RANGE, None)
    assert (first.failed, second.failed) == ([], ["price", "rvol"])
    assert (first.passed, second.passed, first.feed) == (True, False, "sip, 'delayed' \"x\"")


def test_a_naive_moment_is_refused(db: Database) -> None:
    with pytest.raises(ValueError, match="naive"):
        opening_ranges(db, scanned_at=datetime(2026, 11, 20, 14, 35))  # noqa: DTZ001


def test_no_rows_are_no_statement(db: Database) -> None:
    with db.write() as tx:
        assert insert_columns(tx, DailyBar, session=DAY, symbol=[], volume=[]) == 0


def test_columns_come_out_by_group(db: Database) -> None:
    floats = [1 / 3, 2e15 / 7]
    with db.write() as tx:
        insert_columns(
            tx,
            UniverseRow,
            session=DAY,
            symbol=["AAPL", "MSFT"],
            last_close=[123_456_789, -1],
            avg_volume14=floats,
            tradable=True,
            shortable=False,
            failed=[(), ()],
            source="test",
        )
    table = rows(UniverseRow)
    values = {
        "symbol": table.c.symbol,
        "close": table.c.last_close,
        "volume": table.c.avg_volume14,
    }
    with db.read() as tx:
        found = columns_by(tx, table.c.session, values, table.c.session == DAY)
    columns = found[DAY]
    assert columns["symbol"] == ["AAPL", "MSFT"]
    assert columns["close"].tolist() == [123_456_789, -1]
    assert columns["volume"].tolist() == floats


def test_every_row_of_the_journal_has_a_body_of_its_own(db: Database) -> None:
    bodies = [{"text": "one", "n": 1}, {"text": 'two, "quoted"'}]
    with db.write() as tx:
        facts = {"at": NOW, "kind": "job", "scope": "", "severity": Severity.INFO}
        insert_columns(tx, JournalRow, seq=[1, 2], correlation_id="", body=bodies, **facts)
    with db.read() as tx:
        assert tx.scalars(select(JournalRow.body).order_by(JournalRow.seq)).all() == bodies
