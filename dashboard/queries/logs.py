"""The journal as the Logs page reads it: by severity, kind and words, newest first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, column, func, select, table
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.journal import Fact, fact_of
from models.journal import JournalRow
from models.vocabulary import Severity

PAGE = 200
WORD = re.compile(r"[^\W_]+")

KINDS = (
    *("alert", "command", "control", "day", "engine", "fill", "flat", "job", "login", "order"),
    *("people", "reconciliation", "scan", "settings", "signal", "trade"),
)
SEVERITIES = tuple(Severity)  # in the order of how much they matter

_WORDS = table("journal_words", column("rowid"))  # SQLite's index, see migration 0003


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFilter:
    """Which facts somebody wants to see."""

    least: Severity = Severity.INFO
    kind: str = ""
    words: tuple[str, ...] = ()  # all of them, or words that begin so


def read_log_filter(said: Mapping[str, str | None]) -> LogFilter:
    """Read a filter from the words of an address; what makes no sense leaves nothing out."""
    least, kind = said.get("severity"), said.get("kind")
    return LogFilter(
        least=Severity(least) if least in set(Severity) else Severity.INFO,
        kind=kind if kind in KINDS else "",
        words=tuple(WORD.findall((said.get("text") or "").lower())),
    )


def log_facts(
    tx: Transaction, wanted: LogFilter, *, before: int | None = None, limit: int = PAGE
) -> list[Fact]:
    """Return the newest facts that match, oldest first; only those before a number if given."""
    chosen = select(JournalRow).where(*_conditions(tx, wanted))
    if before is not None:
        chosen = chosen.where(JournalRow.seq < before)
    newest = tx.scalars(chosen.order_by(JournalRow.seq.desc()).limit(limit)).all()
    return [fact_of(row) for row in reversed(newest)]


def _conditions(tx: Transaction, wanted: LogFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.least is not Severity.DEBUG:
        shown = SEVERITIES[SEVERITIES.index(wanted.least) :]
        conditions.append(JournalRow.severity.in_(shown))
    if wanted.kind:
        conditions.append(JournalRow.kind == wanted.kind)
    if wanted.words:
        conditions.append(_has_words(tx, wanted.words))
    return conditions


def _has_words(tx: Transaction, words: tuple[str, ...]) -> ColumnElement[bool]:
    """Ask the database's own index of words. The words hold letters and digits, nothing else."""
    if tx.get_bind().dialect.name == "sqlite":
        phrase = " ".join(f'"{word}"*' for word in words)
        matching = select(_WORDS.c.rowid).where(column("journal_words").op("MATCH")(phrase))
        return JournalRow.seq.in_(matching)
    phrase = " & ".join(f"{word}:*" for word in words)
    indexed = func.journal_words(JournalRow.body, JournalRow.scope)
    return indexed.op("@@", is_comparison=True)(func.to_tsquery("simple", phrase))
