"""The desk's books as plain values, to compare two runs of one market."""

from typing import Any

from sqlalchemy import select

from models.accounts import DailyMetrics
from models.database import Database
from models.simulation import SimulatedExecution, SimulatedOrder
from models.tables import Table
from models.trading import Fill, Order, Signal, Trade

BOOKS: tuple[type[Table], ...] = (
    *(Signal, Order, Fill, Trade, DailyMetrics),
    *(SimulatedOrder, SimulatedExecution),
)
# What a restart may change: row numbers of PostgreSQL have gaps, each engine has its fence.
PASSING = {"id", "signal_id", "order_id", "trade_id", "parent_id", "fence", "correlation_id"}
# Killed between the cancel of a stop and the closing order, it finds the shares uncovered: true.
PASSING |= {"naked_since", "naked_seconds"}

Books = dict[str, list[dict[str, Any]]]


def books_of(db: Database) -> Books:
    """Return every row of the books, without what a restart may change."""
    with db.read() as tx:
        return {
            model.__tablename__: [
                {name: value for name, value in row.items() if name not in PASSING}
                for row in tx.execute(
                    select(*model.__table__.columns).order_by(*model.__table__.primary_key)
                ).mappings()
            ]
            for model in BOOKS
        }
