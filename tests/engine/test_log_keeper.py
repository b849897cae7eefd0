"""Log records in the journal: what is written, and that whoever logs never waits for it."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from threading import Event

import pytest
import structlog
from sqlalchemy import event, select, text

from dashboard.queries.logs import log_facts, read_log_filter
from engine.clock import DrivenClock, stopwatch
from engine.journal import correlation, record, write_facts
from engine.log_keeper import LogKeeper
from engine.logs import configure_logs
from models.database import Database
from models.journal import JournalRow
from models.vocabulary import Severity
from tests.databases import with_schema

NOW = datetime(2026, 11, 20, 14, 35, tzinfo=UTC)
WRONG = "invalid literal for int() with base 10: 'none'"
LOOKS, LOOK_EVERY = 600, 0.05

log = logging.getLogger("desk.somewhere")


@pytest.fixture(autouse=True)
def _logs_as_served() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    configure_logs(level="INFO", as_json=True)
    yield
    root.handlers[:], root.level = handlers, level


@contextmanager
def kept(db: Database, most_waiting: int = 100) -> Iterator[LogKeeper]:
    """Keep what is logged in the block; at its end all of it is written."""
    keeper = LogKeeper(db, DrivenClock(NOW), most_waiting=most_waiting)
    keeper.start()
    try:
        yield keeper
    finally:
        keeper.stop()


def rows(db: Database) -> list[JournalRow]:
    with db.read() as tx:
        return list(tx.scalars(select(JournalRow).order_by(JournalRow.seq)))


def until(condition: Callable[[], bool]) -> None:
    pause = Event()
    for _ in range(LOOKS):
        if condition():
            return
        pause.wait(LOOK_EVERY)
    raise AssertionError("it did not come to that")


def fail(number: str) -> None:
    error = raised(KeyError(number))
    log.error("a request failed", exc_info=error, extra={"number": number})


def raised(error: Exception) -> Exception:
    """Return an error that knows where it was raised."""
    try:
        raise error  # noqa: TRY301
    except Exception as known:  # noqa: BLE001
        return known


# ---------------------------------------------------------------------------- what is written
def test_a_warning_becomes_a_row_and_what_is_ordinary_does_not(database: Database) -> None:
    correlation.set("r-1")
    with kept(database):
        log.info("all is well")
        log.warning("the market of %s is odd", "NVDA", extra={"symbol": "NVDA"})
    (row,) = rows(database)
    assert (row.at, row.kind, row.scope) == (NOW, "log", "logger:desk.somewhere")
    assert (row.severity, row.correlation_id) == (Severity.WARNING, "r-1")
    assert row.body["text"] == "the market of NVDA is odd (symbol=NVDA)"


def test_the_number_that_a_person_was_told_finds_the_line(database: Database) -> None:
    with kept(database):
        fail("3f2a91c0")
        fail("77aa00bb")
    with database.read() as tx:
        (fact,) = log_facts(tx, read_log_filter({"text": "3f2a91c0"}))
    assert fact.text == "a request failed (3f2a91c0): KeyError: '3f2a91c0'"
    assert fact.severity is Severity.ERROR
    assert "in raised\n" in fact.body["traceback"]


def test_lines_of_structlog_are_kept_as_well(database: Database) -> None:
    with kept(database):
        try:
            int("none")
        except ValueError:
            structlog.get_logger("engine.runner").exception("job failed", job="scan")
    (row,) = rows(database)
    assert row.scope == "logger:engine.runner"
    assert row.body["text"] == "job failed (job=scan): ValueError: " + WRONG
    assert "test_log_keeper" in row.body["traceback"]


def test_a_long_traceback_is_cut_where_it_begins(database: Database) -> None:
    with kept(database):
        log.error("failed", exc_info=raised(ValueError("long " * 5_000 + "the end")))
    body = rows(database)[0].body
    assert body["traceback"].endswith("the end")
    assert len(json.dumps(body)) < 10_000


def test_nothing_secret_is_kept(database: Database) -> None:
    values = {"a": "planted-5"}  # of a statement; a traceback shows the program's lines
    with kept(database):
        log.warning("asked", extra={"password": "planted-1", "about": {"api_key": "planted-2"}})
        log.warning("no answer from https://api.example/bot-planted-3/send?t=planted-4")
        try:
            with database.read() as tx:
                tx.execute(text("SELECT nothing FROM nowhere WHERE a = :a"), values)
        except Exception:
            log.exception("failed")
    found = rows(database)
    assert len(found) == 3
    assert "nowhere" in found[2].body["traceback"]  # or it would prove nothing
    assert "planted" not in json.dumps([row.body for row in found])


def test_what_no_database_can_hold_keeps_nothing_else_out(database: Database) -> None:
    with kept(database) as keeper:
        for message, values in (
            ("a nought \x00 and half a letter \ud800", ()),
            ("%d is no number", ("this",)),
            ("another", ()),
        ):
            keeper.handle(
                log.makeRecord(log.name, logging.ERROR, __file__, 1, message, values, None)
            )
    assert [row.body["text"] for row in rows(database)] == [
        "a nought  and half a letter ?; lines before it that were not kept: 1",
        "another",
    ]


# ---------------------------------------------------------------------------- floods
def test_the_same_many_times_is_one_row_with_a_count(database: Database) -> None:
    with kept(database):
        for number in range(50):
            log.warning("line %d cannot be read", number)
    (row,) = rows(database)
    assert row.body["text"] == "line 0 cannot be read; and 49 more like it"
    assert row.body["count"] == 50


def test_a_logger_that_says_too_much_gets_some_rows_and_a_count(database: Database) -> None:
    with kept(database):
        for number in range(50):
            log.warning(f"line {number} cannot be read")  # noqa: G004  # as libraries do
    found = rows(database)
    assert [row.body["count"] for row in found] == [*[1] * 10, 40]
    assert found[-1].body["text"] == "line 10 cannot be read; and 39 more of this logger"


def test_what_is_too_much_is_counted(database: Database) -> None:
    with kept(database, most_waiting=5):
        for number in range(50):
            log.warning("line %d", number)
        until(lambda: len(rows(database)) == 1)
    (row,) = rows(database)
    assert row.body["count"] < 10
    assert row.body["count"] + row.body["left_out"] == 50


# ---------------------------------------------------------------------------- in nobody's way
def test_logging_within_a_transaction_neither_waits_nor_is_lost(database: Database) -> None:
    with kept(database):
        with database.write() as tx:
            record(tx, NOW, "engine", "desk", text="before")
            write_facts(tx)  # from here to the commit nobody else writes
            began = stopwatch()
            log.warning("in the middle")
            took = stopwatch() - began
            Event().wait(1.5)  # the keeper has come to where it waits for its turn
        until(lambda: len(rows(database)) == 2)
    assert took < 0.5
    assert [row.body["text"] for row in rows(database)] == ["before", "in the middle"]


def test_a_transaction_that_is_rolled_back_takes_no_line_with_it(database: Database) -> None:
    with kept(database), suppress(ZeroDivisionError), database.write():
        log.warning("in the middle")
        raise ZeroDivisionError
    assert [row.body["text"] for row in rows(database)] == ["in the middle"]


def test_what_the_database_says_itself_is_not_kept_in_it(database: Database) -> None:
    with kept(database):
        logging.getLogger("sqlalchemy.pool").error("a connection is gone")
    assert rows(database) == []


def test_strangers_at_the_door_fill_no_journal(database: Database) -> None:
    with kept(database):
        logging.getLogger("gunicorn.error").warning("Invalid request from ip=10.0.0.9")
    assert rows(database) == []


@pytest.fixture
def impatient(sqlite_url: str) -> Iterator[Database]:
    """A database that waits for nobody who writes, as if they took longer than its patience."""
    db = with_schema(Database(sqlite_url))
    event.listen(db.engine, "begin", lambda c: c.exec_driver_sql("PRAGMA busy_timeout = 1"))
    yield db
    db.close()


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Write in another program, for as long as the block lasts."""
    other = Database(url)
    with other.write() as tx:
        record(tx, NOW, "engine", "desk", text="another writes")
        write_facts(tx)
        yield
    other.close()


def test_lines_wait_for_a_database_that_is_locked(impatient: Database, sqlite_url: str) -> None:
    with kept(impatient):
        with locked(sqlite_url):
            log.warning("nobody can write")
            Event().wait(1.5)
        until(lambda: len(rows(impatient)) == 2)
    assert rows(impatient)[-1].body["text"] == "nobody can write"


def test_the_end_waits_for_no_database(sqlite_url: str) -> None:
    db = with_schema(Database(sqlite_url))
    with locked(sqlite_url):
        began = stopwatch()
        with kept(db):
            log.warning("nobody can write")
        assert stopwatch() - began < 5
    db.close()


def test_lines_that_would_never_be_taken_are_counted(postgres_url: str) -> None:
    db = with_schema(Database(postgres_url))
    with kept(db):
        rename(db, "kind", "sort")
        log.warning("nowhere to be written")
        Event().wait(2)
        rename(db, "sort", "kind")
        log.warning("here it is")
    assert rows(db)[0].body["text"] == "here it is; lines before it that were not kept: 1"
    db.close()


def rename(db: Database, column: str, name: str) -> None:
    with db.write() as tx:
        tx.execute(text(f"ALTER TABLE journal RENAME COLUMN {column} TO {name}"))
