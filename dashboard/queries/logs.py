"""The journal as the Logs page reads it: by severity, kind and words, newest first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, column, func, select, table
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.journal import Fact, fact_of
from engine.journal import KINDS
from models.journal import JournalRow
from models.vocabulary import Severity

PAGE = 200
WORD = re.compile(r"[^\W_]+")

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
    chosen, number = select(JournalRow).where(*_conditions(wanted)), JournalRow.seq.expression
    if wanted.words and tx.get_bind().dialect.name == "sqlite":
        # The index of words is walked from its end, not asked for all that match.
        number = _WORDS.c.rowid
        chosen = chosen.join(_WORDS, number == JournalRow.seq).where(_match(wanted.words))
    elif wanted.words:
        chosen = chosen.where(_has_words(wanted.words))
    if before is not None:
        chosen = chosen.where(number < before)
    newest = tx.scalars(chosen.order_by(number.desc()).limit(limit)).all()
    return [fact_of(row) for row in reversed(newest)]


def _conditions(wanted: LogFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.least is not Severity.DEBUG:
        shown = SEVERITIES[SEVERITIES.index(wanted.least) :]
        conditions.append(JournalRow.severity.in_(shown))
    if wanted.kind:
        conditions.append(JournalRow.kind == wanted.kind)
    return conditions


# The words hold letters and digits, nothing else.
def _match(words: tuple[str, ...]) -> ColumnElement[bool]:
    """Ask SQLite's own index of words."""
    phrase = " ".join(f'"{word}"*' for word in words)
    return column("journal_words").op("MATCH", is_comparison=True)(phrase)


def _has_words(words: tuple[str, ...]) -> ColumnElement[bool]:
    """Ask PostgreSQL's own index of words."""
    phrase = " & ".join(f"{word}:*" for word in words)
    indexed = func.journal_words(JournalRow.body, JournalRow.scope)
    return indexed.op("@@", is_comparison=True)(func.to_tsquery("simple", phrase))
