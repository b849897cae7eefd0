"""How facts get into the journal: in the same transaction as what they tell of."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Any, Literal, get_args

from sqlalchemy import event, insert, text
from sqlalchemy.orm import Session as Transaction

from models.journal import JournalRow
from models.tables import rows
from models.vocabulary import Severity

JOURNAL_LOCK = 0x62656C6C  # any number of our own: PostgreSQL's advisory lock for the sequence

# What a fact may be: the type checker lets nothing else be recorded, and the Logs page offers all.
Kind = Literal[
    "account",
    "acknowledgement",
    "alert",
    "bot",
    "channel",
    "command",
    "control",
    "data",
    "day",
    "engine",
    "fill",
    "flat",
    "job",
    "keys",
    "log",
    "login",
    "login_failed",
    "order",
    "people",
    "reconciliation",
    "scan",
    "settings",
    "signal",
    "simulation",
    "trade",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

_INSERT = insert(rows(JournalRow))
_PENDING = "facts"

correlation: ContextVar[str] = ContextVar("correlation", default="")


def new_correlation(prefix: str = "") -> str:
    """Return an id that follows one click or job run through everything it causes."""
    return f"{prefix}{uuid.uuid4().hex[:12]}"


def take_turn(tx: Transaction) -> None:
    """Wait until no other writer of the journal is under way; none begins before the commit."""
    if tx.get_bind().dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": JOURNAL_LOCK})


def record(
    tx: Transaction,
    at: datetime,
    kind: Kind,
    scope: str,
    *,
    severity: Severity = Severity.INFO,
    **body: Any,
) -> None:
    """Write one fact: with the transaction's others, as the last thing before its commit.

    Numbers must become visible in their order, or a reader that remembers the last one would miss
    facts. SQLite has one writer; on PostgreSQL a lock from then until the commit does the same.
    """
    tx.info.setdefault(_PENDING, []).append(
        {
            "at": at,
            "kind": kind,
            "scope": scope,
            "severity": severity,
            "correlation_id": correlation.get(),
            "body": plain_body(body),
        }
    )


def write_facts(tx: Transaction) -> None:
    """Write the facts that a transaction has gathered."""
    if facts := tx.info.pop(_PENDING, None):
        take_turn(tx)
        tx.connection().execute(_INSERT, facts)


event.listen(Transaction, "before_commit", write_facts)


def plain_body(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body as JSON can carry it."""
    return {key: _plain(value) for key, value in body.items()}


def _plain(value: Any) -> Any:
    """Return a value as JSON can carry it, all the way down: money and moments as text."""
    if isinstance(value, float):
        return value if isfinite(value) else None  # JSON knows neither NaN nor infinity
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
