"""No list of the pages or of the API reads a big table from one end to the other."""

import inspect
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import CodeType

import pytest
from sqlalchemy import Connection, event, text

import dashboard.queries as package
from engine.desk import Desk
from tests.dashboard import desks
from tests.dashboard.every_query import Ask, every_query

BIG = (
    *("journal", "audit", "signals", "trades", "orders", "fills", "opening_ranges", "universe"),
    *("account_snapshots", "position_snapshots", "daily_bars", "differences", "commands"),
    *("alert_verdicts", "alert_deliveries", "alert_acknowledgements"),
    *("dip_trades", "dip_skips", "dip_opportunities", "dip_accounts", "dip_positions"),
    *("dip_brakes", "dip_days", "funding_points", "funding_positions", "odd_lines"),
)
QUERIES = dict(every_query())

# SQLite reads a table without an index where its own order is asked for: a page from its end.
FROM_ITS_END = re.compile(r"FROM (\w+) ORDER BY \1\.(seq|id) DESC\s+LIMIT", re.DOTALL)
SCANNED = re.compile(rf"SCAN ({'|'.join(BIG)})\b")
SEQUENTIAL = re.compile(rf"Seq Scan on ({'|'.join(BIG)})\b")


@pytest.fixture(scope="module")
def sqlite_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = desks.make_desk(f"sqlite:///{tmp_path_factory.mktemp('plans') / 'desk.db'}")
    yield made
    made.db.close()


def statements(desk: Desk, ask: Ask) -> list[tuple[str, object]]:
    """Return what is asked of the database, with its values."""
    heard: list[tuple[str, object]] = []

    def hear(*said: object) -> None:
        heard.append((str(said[2]), said[3]))

    event.listen(desk.db.engine, "before_cursor_execute", hear)
    with desk.db.read() as tx:
        ask(tx, desk)
    event.remove(desk.db.engine, "before_cursor_execute", hear)
    return [(sql, values) for sql, values in heard if sql.startswith(("SELECT", "WITH"))]


@pytest.mark.parametrize("name", QUERIES)
def test_sqlite_finds_it_by_an_index(sqlite_desk: Desk, name: str) -> None:
    asked = statements(sqlite_desk, QUERIES[name])
    with sqlite_desk.db.engine.connect() as connection:
        scans = [
            line
            for sql, values in asked
            if not FROM_ITS_END.search(sql)
            for line in _sqlite_plan(connection, sql, values)
            if SCANNED.match(line)
        ]
    assert (asked != [], scans) == (True, [])


def test_postgresql_finds_everything_by_an_index(postgres_url: str) -> None:
    """Where there is any index that answers, for without it the planner would take it as well."""
    desk = desks.make_desk(postgres_url)
    scans = {name: found for name, ask in QUERIES.items() if (found := _sequential(desk, ask))}
    desk.db.close()
    assert scans == {}


def _sqlite_plan(connection: Connection, sql: str, values: object) -> list[str]:
    found = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)  # type: ignore[arg-type]
    return [row[3] for row in found]


def _sequential(desk: Desk, ask: Ask) -> list[str]:
    asked = statements(desk, ask)
    with desk.db.engine.connect() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        plans = (connection.exec_driver_sql(f"EXPLAIN {sql}", values) for sql, values in asked)  # type: ignore[arg-type]
        return [row[0] for plan in plans for row in plan if SEQUENTIAL.search(row[0])]


def test_every_query_of_the_pages_is_among_them(sqlite_desk: Desk) -> None:
    """A query that nobody asks here could scan what it likes."""
    called: set[CodeType] = set()
    with sqlite_desk.db.read() as tx:
        sys.setprofile(lambda frame, _event, _argument: called.add(frame.f_code))
        for ask in QUERIES.values():
            ask(tx, sqlite_desk)
        sys.setprofile(None)
    assert [name for name, code in asking_functions() if code not in called] == []


def asking_functions() -> Iterator[tuple[str, CodeType]]:
    """Return the public functions that read the database."""
    for found in iter_modules(package.__path__):
        module = import_module(f"{package.__name__}.{found.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            is_ours = function.__module__ == module.__name__ and not name.startswith("_")
            if is_ours and next(iter(inspect.signature(function).parameters), "") == "tx":
                yield f"{found.name}.{name}", function.__code__
