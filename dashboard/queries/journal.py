"""The journal as the feed and the pages read it."""

from __future__ import annotations

from collections.abc import Sequence
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Facts about some things: all of them, or the first and the last where they are too many."""

    first: Sequence[Fact]
    left_out: int = 0  # between them
    last: Sequence[Fact] = ()


def last_seq(tx: Transaction) -> int:
    """Return the number of the newest fact, 0 for an empty journal."""
    return tx.scalar(select(func.max(JournalRow.seq))) or 0


def facts_after(tx: Transaction, seq: int, limit: int = BATCH) -> list[Fact]:
    """Return the facts after a number, oldest first."""
    chosen = select(JournalRow).where(JournalRow.seq > seq).order_by(JournalRow.seq).limit(limit)
    return [fact_of(row) for row in tx.scalars(chosen)]


def newest_facts(tx: Transaction, limit: int, until: int | None = None) -> list[Fact]:
    """Return the newest facts worth a reader's time, oldest first, up to a number if given."""
    chosen = select(JournalRow).where(JournalRow.severity != Severity.DEBUG)
    if until is not None:
        chosen = chosen.where(JournalRow.seq <= until)
    newest = tx.scalars(chosen.order_by(JournalRow.seq.desc()).limit(limit)).all()
    return [fact_of(row) for row in reversed(newest)]


def told_about(tx: Transaction, scopes: Sequence[str], most: int = BATCH) -> Told:
    """Return the facts that concern some things; of too many, how it began and how it ended."""
    concerned = JournalRow.scope.in_(scopes)
    count = tx.scalar(select(func.count(JournalRow.seq)).where(concerned)) or 0
    chosen = select(JournalRow).where(concerned)
    number, half = JournalRow.seq, most // 2
    if count <= most:
        return Told(first=[fact_of(row) for row in tx.scalars(chosen.order_by(number))])
    first = tx.scalars(chosen.order_by(number).limit(half)).all()
    last = tx.scalars(chosen.order_by(number.desc()).limit(half)).all()
    return Told(
        first=[fact_of(row) for row in first],
        left_out=count - len(first) - len(last),
        last=[fact_of(row) for row in reversed(last)],
    )


def fact_of(row: JournalRow) -> Fact:
    """Return a journal row as readers get it."""
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
