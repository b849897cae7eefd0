"""The audit as its page, programs and exports read it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.pages import Page, Place, take_page
from dashboard.queries.records import AuditRecord
from dashboard.queries.trades import LAST_LETTER
from models.journal import AuditRow
from models.vocabulary import Outcome, Way

MOST_EXPORTED = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which rows are wanted."""

    actor: str | None = None
    actor_begins: str | None = None  # the beginning of it
    action: str | None = None
    outcome: Outcome | None = None
    way: Way | None = None
    since: datetime | None = None
    until: datetime | None = None


def audit_page(tx: Transaction, wanted: AuditFilter, place: Place) -> Page[AuditRecord]:
    """Return rows, the newest first."""
    return take_page(tx, _chosen(tx, wanted), AuditRow.seq, place, _record)


def audit_lines(
    tx: Transaction, wanted: AuditFilter, *, up_to: int, offset: int, limit: int
) -> list[AuditRecord]:
    """Return rows by their place in the list, the newest first, as a table scrolls to them.

    The list begins at number `up_to`: rows that were written since would shift its pages.
    """
    newest = _chosen(tx, wanted).where(AuditRow.seq <= up_to).order_by(AuditRow.seq.desc())
    return [_record(row) for row in tx.scalars(newest.offset(offset).limit(limit))]


def count_audit(tx: Transaction, wanted: AuditFilter, *, up_to: int) -> int:
    """Return how many rows up to a number a filter leaves."""
    chosen = select(func.count(AuditRow.seq)).where(AuditRow.seq <= up_to, *_matching(tx, wanted))
    return tx.scalar(chosen) or 0


def newest_audited(tx: Transaction) -> int:
    """Return the number of the newest row, 0 where there is none."""
    return tx.scalar(select(func.max(AuditRow.seq))) or 0


def audit_export(tx: Transaction, wanted: AuditFilter) -> Iterator[AuditRecord]:
    """Return the newest rows, as many as a spreadsheet bears."""
    newest = _chosen(tx, wanted).order_by(AuditRow.seq.desc()).limit(MOST_EXPORTED)
    return map(_record, tx.scalars(newest, execution_options={"yield_per": 1_000}))


def audited_actions(tx: Transaction) -> list[str]:
    """Return the actions that were ever asked for: from one to the next, past all of a kind."""
    first = select(func.min(AuditRow.action).label("action")).cte(recursive=True)
    after = select(func.min(AuditRow.action)).where(AuditRow.action > first.c.action)
    each = first.union_all(select(after.scalar_subquery()).where(first.c.action.is_not(None)))
    return [action for action in tx.scalars(select(each.c.action)) if action is not None]


def _chosen(tx: Transaction, wanted: AuditFilter) -> Select[AuditRow]:
    return select(AuditRow).where(*_matching(tx, wanted))


def _matching(tx: Transaction, wanted: AuditFilter) -> list[ColumnElement[bool]]:
    conditions = [
        column == value
        for column, value in (
            (AuditRow.actor, wanted.actor),
            (AuditRow.action, wanted.action),
            (AuditRow.outcome, wanted.outcome),
            (AuditRow.way, wanted.way),
        )
        if value is not None
    ]
    if wanted.actor_begins is not None:
        conditions.append(_begins(tx, wanted.actor_begins))
    if wanted.since is not None:
        conditions.append(AuditRow.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(AuditRow.at <= wanted.until)
    return conditions


def _begins(tx: Transaction, beginning: str) -> ColumnElement[bool]:
    """Ask for people whose name begins so. SQLite finds a range in its index, but no LIKE."""
    if tx.get_bind().dialect.name == "sqlite":
        return AuditRow.actor.between(beginning, beginning + LAST_LETTER)
    return AuditRow.actor.startswith(beginning, autoescape=True)


def _record(row: AuditRow) -> AuditRecord:
    return AuditRecord(
        seq=row.seq,
        at=row.at,
        actor=row.actor,
        role=row.role,
        way=row.way,
        address=row.address,
        action=row.action,
        target=row.target,
        reason=row.reason,
        before=_values(row.before),
        after=_values(row.after),
        outcome=row.outcome,
        sentence=row.sentence,
        correlation_id=row.correlation_id,
        hash=row.hash,
    )


def _values(written: str | None) -> dict[str, Any] | None:
    values: dict[str, Any] | None = json.loads(written) if written is not None else None
    return values
