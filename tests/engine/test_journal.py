"""The journal: numbers rise strictly and become visible in their order."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select, text

from engine.journal import correlation, new_correlation, record, write_facts
from models.database import Database
from models.journal import JournalRow
from models.vocabulary import OrderStatus, Severity
from tests.databases import with_schema

NOW = datetime(2026, 11, 20, 14, 35, tzinfo=UTC)


def write(db: Database, count: int = 1, scope: str = "test", **body: Any) -> None:
    with db.write() as tx:
        for _ in range(count):
            record(tx, NOW, "engine", scope, **body)


def rows(db: Database, after: int = 0) -> list[JournalRow]:
    with db.read() as tx:
        found = select(JournalRow).where(JournalRow.seq > after).order_by(JournalRow.seq)
        return list(tx.scalars(found))


@pytest.fixture(autouse=True)
def _no_click() -> Iterator[None]:
    token = correlation.set("")
    yield
    correlation.reset(token)


# ---------------------------------------------------------------------------- numbers
def test_numbers_rise_strictly(database: Database) -> None:
    write(database, 3)
    write(database, 2)
    numbers = [row.seq for row in rows(database)]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 5


def test_a_number_is_not_used_again_after_rows_were_deleted(database: Database) -> None:
    write(database, 3)
    last = rows(database)[-1].seq
    with database.write() as tx:
        tx.execute(text("DELETE FROM journal"))
    write(database)
    assert rows(database)[0].seq > last


def test_what_was_rolled_back_is_not_in_the_journal(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        write_and_fail(database)
    assert rows(database) == []


def write_and_fail(db: Database) -> None:
    with db.write() as tx:
        record(tx, NOW, "engine", "test")
        raise ZeroDivisionError


def test_a_reader_that_tails_by_number_misses_nothing(database: Database) -> None:
    """Four writers and a reader that only ever asks for what is above its last number."""
    seen: list[int] = []
    done = Event()

    def tail() -> None:
        while not done.is_set() or rows(database, seen[-1] if seen else 0):
            seen.extend(row.seq for row in rows(database, seen[-1] if seen else 0))

    with ThreadPoolExecutor(5) as pool:
        reader = pool.submit(tail)
        writers = [pool.submit(write_often, database, f"writer {i}") for i in range(4)]
        try:
            for writer in writers:
                writer.result()
        finally:
            done.set()
        reader.result()
    assert len(seen) == 4 * 12 * 2
    assert seen == [row.seq for row in rows(database)]


def write_often(db: Database, scope: str) -> None:
    for _ in range(12):
        write(db, 2, scope)


def test_a_writer_that_is_slow_to_commit_holds_the_next_number_back(postgres_url: str) -> None:
    """Otherwise the later number would be visible first, and a reader step over the earlier."""
    db = with_schema(Database(postgres_url))
    with ThreadPoolExecutor(1) as pool:
        with db.write() as slow:
            record(slow, NOW, "engine", "slow")
            write_facts(slow)
            quick = pool.submit(write, db, 1, "quick")
            wait_until_it_stands_still(db, quick)
            assert rows(db) == []
        quick.result()
    assert [row.scope for row in rows(db)] == ["slow", "quick"]
    db.close()


def wait_until_it_stands_still(db: Database, writer: Future[None]) -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    while not writer.done():
        with db.read() as tx:
            if tx.scalar(waiting):
                return


# ---------------------------------------------------------------------------- rows
def test_a_row_says_what_happened_when_and_how_much_it_matters(database: Database) -> None:
    with database.write() as tx:
        record(tx, NOW, "order", "order:7", severity=Severity.ERROR, text="No.", order_id=7)
    (row,) = rows(database)
    assert (row.at, row.kind, row.scope, row.severity) == (NOW, "order", "order:7", Severity.ERROR)
    assert row.body == {"text": "No.", "order_id": 7}


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (Decimal("10.250000"), "10.250000"),
        (NOW, "2026-11-20T14:35:00+00:00"),
        (date(2026, 11, 20), "2026-11-20"),
        (OrderStatus.WORKING, "working"),
        (None, None),
        (True, True),
        (["price", "volume"], ["price", "volume"]),
        (("price", "volume"), ["price", "volume"]),
        ({"price": Decimal("1.5"), "at": [NOW]}, {"price": "1.5", "at": [NOW.isoformat()]}),
        (float("nan"), None),
    ],
)
def test_values_are_kept_as_json_can_carry_them(
    database: Database, value: object, kept: object
) -> None:
    write(database, value=value)
    assert rows(database)[0].body == {"value": kept}


def test_money_without_an_exponent(database: Database) -> None:
    write(database, value=Decimal("1E+3"))
    assert rows(database)[0].body == {"value": "1000"}


# ---------------------------------------------------------------------------- correlation
def test_everything_that_follows_from_one_click_has_its_id(database: Database) -> None:
    correlation.set("c-1")
    write(database, 2)
    assert {row.correlation_id for row in rows(database)} == {"c-1"}


def test_what_follows_from_no_click_has_none(database: Database) -> None:
    write(database)
    assert rows(database)[0].correlation_id == ""


def test_every_click_has_an_id_of_its_own() -> None:
    ids = {new_correlation("c-") for _ in range(100)}
    assert len(ids) == 100
    assert all(i.startswith("c-") and len(i) == 14 for i in ids)
