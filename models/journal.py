"""The journal: every fact is one row with a strictly rising number."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.tables import Id, Table
from models.types import Word
from models.vocabulary import Severity


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
