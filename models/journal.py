"""The journal: every fact is one row with a strictly rising number. Beside it, the audit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DDL, Index, String, event
from sqlalchemy.orm import Mapped, mapped_column

from models.tables import Id, Table, rows
from models.types import Word
from models.vocabulary import Outcome, Severity, Way


class JournalRow(Table):
    """One fact. `scope` names what it concerns, such as a symbol, a command or a job."""

    __tablename__ = "journal"
    __table_args__ = (
        Index(None, "kind", "seq"),
        Index(None, "severity", "seq"),
        Index(None, "scope", "seq"),
        Index(None, "correlation_id"),
        Index(None, "at"),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[Id]
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(48))
    scope: Mapped[str] = mapped_column(String(96))
    severity: Mapped[Severity] = mapped_column(Word(Severity))
    correlation_id: Mapped[str] = mapped_column(String(64))
    body: Mapped[dict[str, Any]]


class AuditRow(Table):
    """What somebody did or was refused. Each row carries the hash of the one before it."""

    __tablename__ = "audit"
    __table_args__ = (
        Index(None, "actor", "seq"),
        Index(None, "action", "seq"),
        Index(None, "outcome", "seq"),
        Index(None, "way", "seq"),
        Index(None, "at"),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[Id]
    at: Mapped[datetime]  # wall clock: a simulated market's clock may be set
    actor: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(24))
    way: Mapped[Way] = mapped_column(Word(Way))
    address: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(48))
    target: Mapped[str] = mapped_column(String(96))
    reason: Mapped[str]
    before: Mapped[str | None]  # JSON, as text: what was hashed must come back letter by letter
    after: Mapped[str | None]
    outcome: Mapped[Outcome] = mapped_column(Word(Outcome))
    sentence: Mapped[str | None]
    correlation_id: Mapped[str] = mapped_column(String(64))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


# The database itself says no to whoever changes or removes a row of the audit.
APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        """CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$""",
        """CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
        FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()""",
    ],
}

for _dialect, _statements in APPEND_ONLY.items():
    for _statement in _statements:
        _ddl = DDL(_statement).execute_if(dialect=_dialect)  # type: ignore[no-untyped-call]
        event.listen(rows(AuditRow), "after_create", _ddl)
