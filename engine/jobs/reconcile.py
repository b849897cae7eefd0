"""Compare our books with the broker's, and name every difference."""

from __future__ import annotations

from sqlalchemy import select

from engine.actions.bookkeeping import follow, live_orders, open_trades
from engine.desk import Desk
from engine.journal import record
from engine.rules.reconciliation import (
    Difference,
    holding_differences,
    order_differences,
)
from models.journal import JournalRow
from models.vocabulary import Severity

KIND = "reconciliation"


def reconcile(desk: Desk) -> str | None:
    """Follow first, then compare holdings and live orders; write down what changed since."""
    follow(desk, thorough=True)
    found = differences(desk)
    sentences = sorted(d.sentence for d in found)
    if sentences == _last(desk):
        return None
    with desk.db.write() as tx:
        record(
            tx,
            desk.clock.now(),
            KIND,
            desk.account,
            severity=Severity.ERROR if found else Severity.INFO,
            text="; ".join(sentences) or "Our books and the broker's agree",
            sentences=sentences,
        )
    return f"{len(found)} differences"


def differences(desk: Desk) -> list[Difference]:
    """Return where holdings and live orders differ now."""
    with desk.db.read() as tx:
        ours = {t.symbol: t.side.sign * t.open_quantity for t in open_trades(tx, desk)}
        live = {o.client_order_id for o in live_orders(tx, desk)}
    theirs = {o.client_order_id for o in desk.broker.open_orders()}
    return holding_differences(ours, desk.broker.holdings()) + order_differences(live, theirs)


def _last(desk: Desk) -> list[str]:
    """Return what was written down last; nothing ever written means agreement."""
    with desk.db.read() as tx:
        body = tx.scalar(
            select(JournalRow.body)
            .where(JournalRow.kind == KIND, JournalRow.scope == desk.account)
            .order_by(JournalRow.seq.desc())
            .limit(1)
        )
    return list(body["sentences"]) if body else []
