"""How alerts get into the journal, from where they are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from engine.desk import Desk
from engine.journal import record
from models.journal import JournalRow
from models.vocabulary import Severity

ALERT: Final = "alert"
LOOKED_AT = 20


def raise_alert(
    tx: Transaction,
    desk: Desk,
    code: str,
    scope: str,
    text: str,
    *,
    severity: Severity = Severity.WARNING,
    **more: Any,
) -> None:
    """Write an alert into the journal.

    `since` says when it began, `over` that it has ended.
    """
    about = {"code": code, "text": text} | more
    record(tx, desk.clock.now(), ALERT, scope, severity=severity, **about)


def newest_alerts(tx: Transaction, scope: str) -> Sequence[JournalRow]:
    """Return the newest alerts about something, the newest first."""
    chosen = select(JournalRow).where(JournalRow.scope == scope, JournalRow.kind == ALERT)
    return tx.scalars(chosen.order_by(JournalRow.seq.desc()).limit(LOOKED_AT)).all()
