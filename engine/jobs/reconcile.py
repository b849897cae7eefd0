"""Compare our books with the broker's, and name, age and settle every difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from engine.actions.adopting import (
    adopt_late_orders,
    adopt_outside_fills,
    give_up_missing_orders,
)
from engine.actions.bookkeeping import follow, live_orders, open_trades
from engine.desk import Desk
from engine.journal import record
from engine.rules.reconciliation import (
    FOREIGN_POSITION,
    Difference,
    holding_differences,
    order_differences,
)
from models.reconciliation import DifferenceRow
from models.vocabulary import DifferenceStatus, Severity

FOREIGN = frozenset({FOREIGN_POSITION, "foreign_order"})
Key = tuple[str, str, str]


def reconcile(desk: Desk) -> str | None:
    """Settle what rules can settle, and keep the rest as differences with their age.

    1. Follow, fills of ended orders included.
    2. Adopt fills by which somebody else closed a trade of ours.
    3. Adopt orders of ours that came after all, and give up those that the broker does not know.
    4. Compare holdings and live orders. A difference counts when it is seen twice: a fill may be on
       its way. Foreign orders and positions are quarantined, never touched.
    """
    follow(desk, thorough=True)
    adopt_late_orders(desk)
    adopted = adopt_outside_fills(desk)
    found = differences(desk)
    changed = _keep(desk, found)
    if any(difference.code == "missing_order" for difference in found):
        give_up_missing_orders(desk)
    if not adopted and not changed:
        return None
    return f"{adopted} fills adopted, {len(found)} differences"


def differences(desk: Desk) -> list[Difference]:
    """Return where holdings and live orders differ now."""
    with desk.db.read() as tx:
        ours = {t.symbol: t.side.sign * t.open_quantity for t in open_trades(tx, desk)}
        live = {o.broker_order_id or o.client_order_id: o for o in live_orders(tx, desk)}
    names = {broker_id: o.client_order_id for broker_id, o in live.items()}
    theirs = {o.broker_order_id: o.client_order_id for o in desk.broker.open_orders()}
    by_orders = order_differences(
        names.values(), [names.get(broker_id, name) for broker_id, name in theirs.items()]
    )
    return holding_differences(ours, desk.broker.holdings()) + by_orders


def open_differences(tx: Transaction, desk: Desk) -> Sequence[DifferenceRow]:
    """Return the differences that have not ended."""
    return tx.scalars(
        select(DifferenceRow)
        .where(
            DifferenceRow.account == desk.account,
            DifferenceRow.status != DifferenceStatus.RESOLVED,
        )
        .order_by(DifferenceRow.id)
    ).all()


def _keep(desk: Desk, found: Sequence[Difference]) -> bool:
    with desk.db.read() as tx:
        if not found and not open_differences(tx, desk):
            return False
    now_there = {(d.code, d.symbol, d.sentence): d for d in found}
    with desk.db.write() as tx:
        known = {(r.code, r.symbol, r.sentence): r for r in open_differences(tx, desk)}
        changed = _end_those_gone(tx, desk, known, now_there)
        for key, difference in now_there.items():
            row = known.get(key)
            changed |= _begin(tx, desk, difference) if row is None else _again(tx, desk, row)
    return changed


def _begin(tx: Transaction, desk: Desk, difference: Difference) -> bool:
    now = desk.clock.now()
    tx.add(
        DifferenceRow(
            account=desk.account,
            code=difference.code,
            symbol=difference.symbol,
            sentence=difference.sentence,
            status=DifferenceStatus.SEEN,
            found_at=now,
            seen_at=now,
        )
    )
    return False


def _again(tx: Transaction, desk: Desk, row: DifferenceRow) -> bool:
    row.seen_at = desk.clock.now()
    if row.status is not DifferenceStatus.SEEN:
        return False
    foreign = row.code in FOREIGN
    row.status = DifferenceStatus.QUARANTINED if foreign else DifferenceStatus.OPEN
    row.resolution = "not the desk's: left alone" if foreign else None
    _tell(tx, desk, row, Severity.WARNING if foreign else Severity.ERROR)
    return True


def _end_those_gone(
    tx: Transaction,
    desk: Desk,
    known: Mapping[Key, DifferenceRow],
    now_there: Mapping[Key, Difference],
) -> bool:
    changed = False
    for key, row in known.items():
        if key in now_there:
            continue
        was_told = row.status is not DifferenceStatus.SEEN
        row.status = DifferenceStatus.RESOLVED
        row.ended_at = desk.clock.now()
        row.resolution = "the books agree again"
        if was_told:
            _tell(tx, desk, row, Severity.INFO)
            changed = True
    return changed


def _tell(tx: Transaction, desk: Desk, row: DifferenceRow, severity: Severity) -> None:
    record(
        tx,
        desk.clock.now(),
        "reconciliation",
        row.symbol,
        severity=severity,
        text=f"{row.sentence} ({row.resolution or row.status})",
        code=row.code,
        status=row.status,
    )
