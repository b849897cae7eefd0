"""Searching the journal: the same answers from SQLite and from PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete, text

from dashboard.queries.logs import log_facts, read_log_filter
from engine.journal import Kind, record
from models.database import Database
from models.journal import JournalRow
from models.vocabulary import Severity
from tests.databases import with_schema

AT = datetime(2026, 11, 19, 15, 0, tzinfo=UTC)


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    database = with_schema(Database(database_url))
    with database.write() as tx:
        write(tx, "order", "order:7", "NVDA entry buy 300 is filled")
        write(tx, "fill", "order:7", "NVDA entry buy 300 filled at 181.20")
        write(tx, "alert", "trade:3", "AMD: 40 shares without a live stop", Severity.WARNING)
        write(tx, "job", "job:follow_orders", "follow orders: 2 changed", Severity.DEBUG)
    yield database
    database.close()


def write(
    tx: Any, kind: Kind, scope: str, sentence: str, severity: Severity = Severity.INFO
) -> None:
    record(tx, AT, kind, scope, severity=severity, text=sentence)


def found(db: Database, **said: str) -> list[str]:
    with db.read() as tx:
        return [fact.scope for fact in log_facts(tx, read_log_filter(said))]


@pytest.mark.parametrize(
    ("words", "scopes"),
    [
        ("nvda", ["order:7", "order:7"]),
        ("NVDA 181.20", ["order:7"]),
        ("shar live", ["trade:3"]),
        ("order:7 at", ["order:7"]),
        ("nvda amd", []),
        ('") OR 1=1 --', ["order:7"]),
        ("'; DROP", []),
        ("***", ["order:7", "order:7", "trade:3"]),
    ],
)
def test_all_words_must_be_there_and_may_be_begun(
    db: Database, words: str, scopes: list[str]
) -> None:
    assert found(db, text=words) == scopes


@pytest.mark.parametrize(
    ("severity", "count"), [("debug", 4), ("info", 3), ("warning", 1), ("error", 0), ("x", 3)]
)
def test_a_severity_leaves_out_what_matters_less(db: Database, severity: str, count: int) -> None:
    assert len(found(db, severity=severity)) == count


def test_a_kind_leaves_out_the_others(db: Database) -> None:
    assert found(db, kind="alert") == ["trade:3"]


def test_older_facts_are_those_before_a_number(db: Database) -> None:
    with db.read() as tx:
        facts = log_facts(tx, read_log_filter({}), before=3, limit=1)
    assert [fact.seq for fact in facts] == [2]


def test_a_fact_that_is_deleted_is_not_found_any_more(db: Database) -> None:
    with db.write() as tx:
        tx.execute(delete(JournalRow).where(JournalRow.kind == "fill"))
    assert found(db, text="nvda") == ["order:7"]


def test_facts_from_before_the_index_are_found(database_url: str) -> None:
    db = Database(database_url)
    db.upgrade("0002")
    with db.write() as tx:
        write(tx, "order", "order:9", "TSLA entry sell 10 is working")
    with_schema(db)
    assert found(db, text="tsla") == ["order:9"]
    db.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_searches_its_index_and_not_the_journal(db: Database) -> None:
    question = "EXPLAIN QUERY PLAN SELECT rowid FROM journal_words WHERE journal_words MATCH 'a'"
    with db.read() as tx:
        assert "VIRTUAL TABLE INDEX" in str(tx.execute(text(question)).all())
