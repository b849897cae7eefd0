"""The journal as the feed and the pages read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Transaction

from models.journal import JournalRow
from models.vocabulary import Severity

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One journal row; `text` is its sentence."""

    seq: int
    at: datetime
    kind: str
    scope: str
    severity: Severity
    correlation_id: str
    text: str
    body: dict[str, Any]


def last_seq(tx: Transaction) -> int:
    """Return the number of the newest fact, 0 for an empty journal."""
    return tx.scalar(select(func.max(JournalRow.seq))) or 0


def facts_after(tx: Transaction, seq: int, limit: int = BATCH) -> list[Fact]:
    """Return the facts after a number, oldest first."""
    chosen = select(JournalRow).where(JournalRow.seq > seq).order_by(JournalRow.seq).limit(limit)
    return [make_fact(row) for row in tx.scalars(chosen)]


def newest_facts(tx: Transaction, limit: int, until: int | None = None) -> list[Fact]:
    """Return the newest facts worth a reader's time, oldest first, up to a number if given."""
    chosen = select(JournalRow).where(JournalRow.severity != Severity.DEBUG)
    if until is not None:
        chosen = chosen.where(JournalRow.seq <= until)
    newest = tx.scalars(chosen.order_by(JournalRow.seq.desc()).limit(limit)).all()
    return [make_fact(row) for row in reversed(newest)]


def make_fact(row: JournalRow) -> Fact:
    """Return a row of the journal as a fact."""
    return Fact(
        seq=row.seq,
        at=row.at,
        kind=row.kind,
        scope=row.scope,
        severity=row.severity,
        correlation_id=row.correlation_id,
        text=str(row.body.get("text") or f"{row.kind}: {row.scope}"),
        body=row.body,
    )
