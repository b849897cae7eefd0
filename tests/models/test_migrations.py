"""The schema: built from nothing, taken down, and the same as the models on both databases."""

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Inspector, PrimaryKeyConstraint, UniqueConstraint, inspect, select, text

from models.database import Database, revision_heads
from models.every_table import METADATA
from models.journal import JournalRow

SEARCH = "journal_words"
# What pages and jobs sort and filter by: (table, first columns of an index or key).
LISTS = [
    ("account_snapshots", ["account", "session"]),
    ("commands", ["requested_at"]),
    ("commands", ["status"]),
    ("daily_metrics", ["account", "session"]),
    ("fills", ["order_id"]),
    ("fills", ["filled_at"]),
    ("fills", ["session", "symbol"]),
    ("journal", ["at"]),
    ("journal", ["correlation_id"]),
    ("journal", ["kind", "seq"]),
    ("journal", ["scope", "seq"]),
    ("journal", ["severity", "seq"]),
    ("opening_ranges", ["session", "rank"]),
    ("opening_ranges", ["symbol", "session"]),
    ("orders", ["broker_order_id"]),
    ("orders", ["session", "symbol"]),
    ("orders", ["signal_id"]),
    ("orders", ["status", "session"]),
    ("orders", ["trade_id"]),
    ("position_snapshots", ["trade_id", "at"]),
    ("settings_versions", ["kind", "version"]),
    ("signals", ["session", "rank"]),
    ("signals", ["status", "session"]),
    ("signals", ["symbol", "session"]),
    ("trades", ["closed_at"]),
    ("trades", ["session", "symbol"]),
    ("trades", ["status", "session"]),
    ("trades", ["symbol", "session"]),
    ("universe", ["symbol", "session"]),
]
LISTED = text(
    "INSERT INTO assets (symbol, name, exchange, tradable, shortable, borrow_status, sector, "
    "listed_at) VALUES (:symbol, '', :exchange, true, true, 'easy_to_borrow', :sector, "
    "'2026-11-20 12:00:00')"
)

ORDERED = text(
    "INSERT INTO orders (account, client_order_id, session, symbol, purpose, attempt, side, type, "
    "order_class, quantity, filled_quantity, tick_size, status, fence, correlation_id, "
    "intended_at, updated_at) VALUES ('simulated', 'orb-20261120-AAPL-entry-1', '2026-11-20', "
    "'AAPL', 'entry', 1, 'buy', 'stop', 'simple', 100, 0, 0, 'working', 1, '', "
    "'2026-11-20 14:35:00', '2026-11-20 14:35:00')"
)

LOGGED_IN = text(
    "INSERT INTO journal (at, kind, scope, severity, correlation_id, body) VALUES "
    "('2026-11-20 14:35:00', 'login', 'login:0', 'info', '', "
    """'{"text": "anna logged in", "address": "192.0.2.1"}')"""
)


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    database.upgrade()
    yield database
    database.close()


def tables(db: Database) -> set[str]:
    return {name for name in inspect(db.engine).get_table_names() if is_compared(name)}


def told(db: Database, question: str) -> set[tuple[object, ...]]:
    with db.read() as tx:
        return {tuple(row) for row in tx.execute(text(question))}


def is_compared(name: str | None, *_: object) -> bool:
    """The search index of the journal keeps tables of its own on SQLite."""
    return SEARCH not in (name or "")


def test_an_empty_database_is_brought_to_the_newest_revision(db: Database) -> None:
    assert db.revision() == revision_heads()
    assert tables(db) == {*METADATA.tables, "alembic_version"}


def test_an_empty_database_has_no_revision(database_url: str) -> None:
    db = Database(database_url)
    assert db.revision() is None
    db.close()


def test_upgrading_again_changes_nothing(db: Database) -> None:
    before = tables(db)
    db.upgrade()
    assert (tables(db), db.revision()) == (before, revision_heads())


def test_the_schema_can_be_taken_down_and_built_up_again(db: Database) -> None:
    db.downgrade("base")
    assert tables(db) == {"alembic_version"}
    db.upgrade()
    assert tables(db) == {*METADATA.tables, "alembic_version"}


def test_sectors_outlive_the_listings_that_were_invented_to_bear_them(database_url: str) -> None:
    db = Database(database_url)
    db.upgrade("0013")
    with db.write() as tx:
        for symbol, exchange, sector in (
            ("AAPL", "NASDAQ", "Information Technology"),
            ("SPY", "ARCA", None),
            ("BAVQZ", "", "Energy"),
        ):
            tx.execute(LISTED, {"symbol": symbol, "exchange": exchange, "sector": sector})
    db.upgrade()
    assert told(db, "SELECT symbol FROM assets") == {("AAPL",), ("SPY",)}
    known = told(db, "SELECT symbol, sector FROM sectors")
    assert known == {("AAPL", "Information Technology"), ("BAVQZ", "Energy")}
    db.downgrade("0013")
    before = told(db, "SELECT symbol, sector FROM assets")
    assert before == {("AAPL", "Information Technology"), ("SPY", None)}
    db.close()


def test_of_older_orders_no_version_is_known(database_url: str) -> None:
    db = Database(database_url)
    db.upgrade("0014")
    with db.write() as tx:
        tx.execute(ORDERED)
    db.upgrade()
    known = "SELECT symbol, strategy_version, risk_version FROM orders"
    assert told(db, known) == {("AAPL", None, None)}
    db.downgrade("0014")
    assert told(db, "SELECT symbol, quantity FROM orders") == {("AAPL", 100)}
    db.close()


def test_models_and_migrations_agree(db: Database) -> None:
    with db.engine.connect() as connection:
        opts = {"compare_type": True, "include_name": is_compared}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, METADATA) == []


def test_every_constraint_has_the_name_that_a_migration_can_find_it_by(db: Database) -> None:
    found = inspect(db.engine)
    names = [name for table in METADATA.tables for name in constraint_names(found, table)]
    if db.is_sqlite:
        names = list(filter(None, names))  # keys with AUTOINCREMENT take none
    assert [n for n in names if n is None or n[:3] not in {"pk_", "fk_", "uq_", "ix_"}] == []


def test_every_foreign_key_column_that_lists_follow_is_there(db: Database) -> None:
    keys = inspect(db.engine).get_foreign_keys("orders")
    referred = {key["constrained_columns"][0]: key["referred_table"] for key in keys}
    assert referred == {"parent_id": "orders", "signal_id": "signals", "trade_id": "trades"}


@pytest.mark.parametrize(("table", "columns"), LISTS)
def test_each_list_of_the_pages_has_an_index(table: str, columns: list[str]) -> None:
    """Of the models: that the databases have the same is said above."""
    found = METADATA.tables[table]
    keys = [c for c in found.constraints if isinstance(c, PrimaryKeyConstraint | UniqueConstraint)]
    indexes = [[column.name for column in index.columns] for index in (*found.indexes, *keys)]
    assert any(index[: len(columns)] == columns for index in indexes)


def constraint_names(found: Inspector, table: str) -> list[str | None]:
    constraints = [
        found.get_pk_constraint(table),
        *found.get_foreign_keys(table),
        *found.get_unique_constraints(table),
        *found.get_indexes(table),
    ]
    return [constraint["name"] for constraint in constraints]


def test_addresses_leave_the_facts_of_logins(database_url: str) -> None:
    db = Database(database_url)
    db.upgrade("0015")
    with db.write() as tx:
        tx.execute(LOGGED_IN)
    db.upgrade()
    with db.read() as tx:
        assert tx.scalars(select(JournalRow.body)).all() == [{"text": "anna logged in"}]
    db.close()
