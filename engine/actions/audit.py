"""The audit: who did what and who was refused, each row chained to the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, insert, select
from sqlalchemy.orm import Session as Transaction

from engine.actions.permissions import Actor
from engine.clock import wall_now
from engine.journal import correlation, plain_body, take_turn
from models.database import Database
from models.journal import AuditRow
from models.tables import rows
from models.vocabulary import Outcome

BEGINNING = "0" * 64  # what the first row is chained to
AT_ONCE = 1_000

_AUDIT = rows(AuditRow)
_HASHED = [column.name for column in _AUDIT.columns if column.name not in {"seq", "hash"}]


@dataclass(slots=True)
class Entry:
    """What is told of one deed; `before` and `after` may become known in its course."""

    action: str
    target: str = ""
    reason: str = ""
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    sentence: str | None = None


def write_audit(tx: Transaction, actor: Actor, entry: Entry, outcome: Outcome) -> None:
    """Add a row to the end of the chain, in the transaction of what it tells of."""
    take_turn(tx)  # two writers would chain to the same row
    newest = select(_AUDIT.c.hash).order_by(_AUDIT.c.seq.desc()).limit(1)
    row = {
        "at": wall_now(),
        "actor": actor.name[:64],
        "role": actor.role,
        "way": actor.way,
        "address": actor.address[:64],
        "action": entry.action,
        "target": entry.target[:96],
        "reason": entry.reason,
        "before": _json(entry.before),
        "after": _json(entry.after),
        "outcome": outcome,
        "sentence": entry.sentence,
        "correlation_id": correlation.get(),
        "previous_hash": tx.scalar(newest) or BEGINNING,
    }
    tx.execute(insert(_AUDIT).values(**row, hash=_hash(row)))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of following the chain; `broken_at` is the first row that does not fit."""

    rows: int
    newest_hash: str
    broken_at: int | None = None


def verify_audit(db: Database) -> Verdict:
    """Follow the chain from its beginning."""
    count, previous = 0, BEGINNING
    ordered = select(_AUDIT).order_by(_AUDIT.c.seq)
    few = {"yield_per": AT_ONCE}
    with db.read() as tx, tx.execute(ordered, execution_options=few) as found:
        for row in found.mappings():
            if row["previous_hash"] != previous or row["hash"] != _hash(row):
                return Verdict(count, previous, broken_at=row["seq"])
            count, previous = count + 1, row["hash"]
    return Verdict(count, previous)


def _hash(row: Mapping[str, Any] | RowMapping) -> str:
    told = {name: _text(row[name]) for name in _HASHED}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _json(values: Mapping[str, Any] | None) -> str | None:
    return None if values is None else json.dumps(plain_body(values), sort_keys=True)
