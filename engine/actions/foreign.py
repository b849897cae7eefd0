"""What somebody else holds in the account that the desk trades."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from engine.desk import Desk
from engine.rules.reconciliation import FOREIGN_POSITION
from models.reconciliation import DifferenceRow
from models.vocabulary import DifferenceStatus

SUSPECTED = frozenset(DifferenceStatus) - {DifferenceStatus.RESOLVED}
CERTAIN = frozenset({DifferenceStatus.QUARANTINED})  # reconciliation has looked twice


def foreign_symbols(
    tx: Transaction, desk: Desk, statuses: Collection[DifferenceStatus] = SUSPECTED
) -> set[str]:
    """Return the symbols that reconciliation takes for somebody else's."""
    return set(
        tx.scalars(
            select(DifferenceRow.symbol).where(
                DifferenceRow.account == desk.account,
                DifferenceRow.code == FOREIGN_POSITION,
                DifferenceRow.status.in_(statuses),
            )
        )
    )
