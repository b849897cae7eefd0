"""A desk's database after a year: 250 sessions, 5,000 trades, 2 million facts in the journal.

    from tests.bench.year import year_in, kept_year
    kept_year()                       # path of a finished SQLite file, made once per source
    year_in(Database(url))            # the same rows into any migrated, empty database

Always the same rows. The last session is `tests.dashboard.builders.DAY`, with positions open.
"""

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from shutil import copyfile
from tempfile import gettempdir
from typing import Any

from sqlalchemy import text

from engine.clock import stopwatch
from engine.market_hours import MarketHours, Session
from models import accounts, control, journal, market_data, reconciliation, trading
from models.bulk import insert_columns
from models.database import MIGRATIONS, Database
from models.tables import Table, rows
from tests.bench import year_journal, year_records, year_trading
from tests.bench.year_trading import Row
from tests.dashboard.builders import DAY, NOW

SESSIONS = 250
AT_ONCE = 50_000


def kept_year() -> Path:
    """Return the SQLite file of the year, made unless one of the same source is there."""
    path = Path(gettempdir()) / f"bellwether-year-{_key()}.db"
    if not path.exists():
        making = path.with_suffix(f".{os.getpid()}")  # nobody else's, nor a half of it taken
        db = Database(f"sqlite:///{making}")
        year_in(db)
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        making.rename(path)
    return path


def copied_year(folder: Path) -> str:
    """Return the URL of a copy of the year that may be written to."""
    copy = folder / "year.db"
    copyfile(kept_year(), copy)
    return f"sqlite:///{copy}"


def year_in(db: Database) -> None:
    """Write the year into an empty database, and count up its numbers."""
    db.upgrade()
    sessions = [*MarketHours().previous_sessions(DAY, SESSIONS - 1), _session_of(DAY)]
    for model, made in _tables(sessions):
        begun = stopwatch()
        count = sum(_put(db, model, part) for part in _parts(made))
        sys.stdout.write(f"{model.__tablename__}: {count:,} in {stopwatch() - begun:.1f} s\n")
        _go_on_counting(db, model)
    year_journal.write(db, sessions, NOW)
    _go_on_counting(db, journal.JournalRow)


def _tables(sessions: Sequence[Session]) -> Iterator[tuple[type[Table], Iterable[Row]]]:
    plans = year_trading.plans(sessions)
    traded = [plan for plan in plans if plan.trade is not None]
    days = list(year_records.days(plans))
    yield trading.Signal, map(year_trading.signal, plans)
    yield trading.Trade, map(year_trading.trade, traded)
    yield trading.Order, chain.from_iterable(map(year_trading.orders, plans))
    yield trading.Fill, chain.from_iterable(map(year_trading.fills, plans))
    yield accounts.DailyMetrics, days
    now = year_records.account_now(days[-1]["ending_equity"], sessions[-1], NOW)
    yield accounts.AccountNow, [now]
    yield accounts.AccountSnapshot, year_records.account_snapshots(sessions, NOW)
    yield accounts.PositionSnapshot, year_records.position_snapshots(plans, NOW)
    yield market_data.OpeningRange, year_records.opening_ranges(plans)
    yield market_data.UniverseRow, year_records.universe(sessions)
    yield market_data.DailyBar, year_records.daily_bars(sessions)
    yield reconciliation.DifferenceRow, year_records.differences(sessions)
    yield control.Command, year_records.commands(sessions)
    yield journal.AuditRow, year_records.audit(sessions)


def _parts(made: Iterable[Row]) -> Iterator[list[Row]]:
    remaining = iter(made)
    while part := list(islice(remaining, AT_ONCE)):
        yield part


def _put(db: Database, model: type[Table], part: Sequence[Row]) -> int:
    columns: dict[str, Any] = {name: [row[name] for row in part] for name in part[0]}
    with db.write() as tx:
        return insert_columns(tx, model, **columns)


def _go_on_counting(db: Database, model: type[Table]) -> None:
    """Let PostgreSQL number the next row after those that were written with their numbers."""
    table = rows(model)
    counted = table.autoincrement_column
    if db.is_sqlite or counted is None:
        return
    serial = f"pg_get_serial_sequence('{table.name}', '{counted.name}')"
    newest = f"SELECT max({counted.name}) FROM {table.name}"  # noqa: S608  # our names
    with db.write() as tx:
        tx.execute(text(f"SELECT setval({serial}, ({newest}))"))


def _session_of(day: Any) -> Session:
    session = MarketHours().session_on(day)
    assert session is not None
    return session


def _key() -> str:
    sources = [*Path(__file__).parent.glob("year*.py"), *(MIGRATIONS / "versions").glob("*.py")]
    whole = b"".join(path.read_bytes() for path in sorted(sources))
    return hashlib.sha256(whole).hexdigest()[:12]


if __name__ == "__main__":
    print(kept_year())
