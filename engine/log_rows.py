"""Log records as rows of the journal: what is kept of one, and how many become one row."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.journal import correlation
from models.vocabulary import Severity

MOST_TEXT = 400  # letters of a sentence, or of what stands beside it
MOST_TRACEBACK = 4_000
MOST_DETAILS = 12
MOST_NUMBERS = 20  # in one row, of what people were told
ROWS_OF_ONE = 10  # rows that one logger gets at a time; whatever else it says is counted in one
CUT = "…"

# What the formatter puts into every line; the rest of one is its details.
COMMON = {"correlation_id", "exception", "level", "logger", "message", "number", "timestamp"}
# Everybody who may see the journal sees it: no values of a statement, and no addresses, whose
# paths and user names hold secrets.
PARAMETERS = re.compile(r"^(\[parameters: ).*$", re.MULTILINE)
ADDRESS = re.compile(r"(\b[\w+.-]+://|with url: )[^\s'\"<>]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One log record, as far as the journal keeps it."""

    at: datetime
    severity: Severity
    logger: str
    event: str  # the sentence without what differs from one time to the next
    sentence: str
    error: str
    traceback: str
    number: str  # under which somebody was told of it
    details: Mapping[str, str]
    correlation_id: str

    @property
    def kin(self) -> tuple[str, ...]:
        """Return what lines have in common that are the same thing again."""
        return (self.logger, self.severity, self.event, self.error)


def line_of(record: logging.LogRecord, formatted: str, at: datetime) -> Line:
    """Return what is kept of a record that was formatted as JSON, in the thread that wrote it."""
    said = json.loads(formatted)
    details = [(key, value) for key, value in said.items() if key not in COMMON]
    return Line(
        at=at,
        severity=_severity(record.levelno),
        logger=record.name,
        event=_template(record.msg),
        sentence=_kept(said["message"]),
        error=_error(record),
        traceback=_cleaned(said.get("exception") or "")[-MOST_TRACEBACK:],
        number=_kept(said.get("number") or ""),
        details={_kept(key): _kept(value) for key, value in details[:MOST_DETAILS]},
        correlation_id=correlation.get(),
    )


def gathered(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    """Put together what becomes one row: the same again, and what one logger says too much of."""
    rows: dict[tuple[str, ...], list[Line]] = {}
    loggers: Counter[str] = Counter()
    for line in lines:
        is_new = line.kin not in rows
        is_too_much = is_new and loggers[line.logger] >= ROWS_OF_ONE
        loggers[line.logger] += is_new and not is_too_much
        rows.setdefault((line.logger,) if is_too_much else line.kin, []).append(line)
    yield from rows.values()


def body_of(lines: Sequence[Line], left_out: int) -> dict[str, Any]:
    """Return the body of one row; `left_out` is how many lines before it were not kept."""
    first = lines[0]
    numbers = [line.number for line in lines if line.number][:MOST_NUMBERS]
    return {
        "text": _text(lines, numbers, left_out),
        "logger": first.logger,
        "count": len(lines),
        "numbers": numbers,
        "details": first.details,
        "traceback": first.traceback,
        "left_out": left_out,
    }


def _text(lines: Sequence[Line], numbers: Sequence[str], left_out: int) -> str:
    first, others = lines[0], len(lines) - 1
    beside = [*numbers, *(f"{key}={value}" for key, value in first.details.items())]
    text = first.sentence
    text += f" ({', '.join(beside)})" if beside else ""
    text += f": {first.error}" if first.error else ""
    if others:
        alike = all(line.kin == first.kin for line in lines)
        text += f"; and {others} more {'like it' if alike else 'of this logger'}"
    return text + (f"; lines before it that were not kept: {left_out}" if left_out else "")


def _severity(level: int) -> Severity:
    if level >= logging.CRITICAL:
        return Severity.CRITICAL
    return Severity.ERROR if level >= logging.ERROR else Severity.WARNING


def _template(message: object) -> str:
    """Return the sentence as it stands in the program."""
    return str(message.get("event")) if isinstance(message, dict) else str(message)


def _error(record: logging.LogRecord) -> str:
    """Name what was raised, and the first line of what it says."""
    given: Any = record.exc_info
    if isinstance(record.msg, dict):  # structlog leaves it to whoever formats
        given = record.msg.get("exc_info")
    error = given[1] if isinstance(given, tuple) else given
    error = sys.exception() if error is True else error
    if not isinstance(error, BaseException):
        return ""
    says = str(error).strip().partition("\n")[0]
    return _kept(f"{type(error).__name__}: {says}" if says else type(error).__name__)


def _kept(value: object) -> str:
    text = _cleaned(value if isinstance(value, str) else json.dumps(value))
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1] + CUT


def _cleaned(text: str) -> str:
    """Return a text without secrets, and without what a database cannot hold."""
    text = ADDRESS.sub(r"\1[redacted]", PARAMETERS.sub(r"\1[redacted]", text))
    return text.replace("\x00", "").encode(errors="replace").decode()
