"""Two million facts of a year, as the engine tells them, written and indexed for the search."""

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import text

from engine.clock import stopwatch
from engine.market_hours import Session
from models.bulk import insert_columns
from models.database import Database
from models.journal import JournalRow
from models.market import epoch, moment
from models.vocabulary import Severity
from tests.bench.year_trading import SYMBOLS

FACTS = 2_000_000

# Of a thousand facts: how many, kind, scope, severity, sentence.
SHARES = (
    (620, "job", "job:look_at_broker", Severity.DEBUG, "look at broker: {n} orders, no change"),
    (180, "order", "order:{n}", Severity.INFO, "{symbol} entry buy {n} working"),
    (60, "fill", "order:{n}", Severity.INFO, "{symbol} buy {n} @ {price}"),
    (50, "trade", "trade:{n}", Severity.INFO, "{symbol} long {n} closed by stop, P&L -{price}"),
    (50, "signal", "signal:{n}", Severity.INFO, "{symbol} signal working"),
    (15, "signal", "signal:{n}", Severity.WARNING, "{symbol} signal refused: 5 positions are open"),
    (10, "scan", "session:{n}", Severity.INFO, "Scanned {n} symbols: 20 signals"),
    (8, "reconciliation", "{symbol}", Severity.WARNING, "{symbol}: the broker holds {n} less"),
    (4, "job", "job:watch_positions", Severity.ERROR, "watch positions: no answer in {n} ms"),
    (2, "alert", "simulated", Severity.CRITICAL, "The engine did nothing for {n} seconds"),
    (1, "control", "entry", Severity.WARNING, "Entries are paused: volatility after news {n}"),
)

# The indexes of words are built at the end in one go, on PostgreSQL even the common ones are.
BEFORE = {
    "sqlite": ["DROP TRIGGER journal_words_add"],
    "postgresql": ["DROP INDEX ix_journal_words"],
}
AFTER = {
    "sqlite": [
        "INSERT INTO journal_words(journal_words) VALUES ('rebuild')",
        """CREATE TRIGGER journal_words_add AFTER INSERT ON journal BEGIN
        INSERT INTO journal_words(rowid, text, scope)
        VALUES (new.seq, coalesce(json_extract(new.body, '$.text'), ''), new.scope); END""",
    ],
    "postgresql": [
        "CREATE INDEX ix_journal_words ON journal USING gin (journal_words(body, scope))",
        "ANALYZE",
    ],
}


def write(db: Database, sessions: Sequence[Session], now: datetime) -> None:
    """Write the facts, a session at a time."""
    begun = stopwatch()
    _run(db, BEFORE)
    for columns in _facts(sessions, now):
        with db.write() as tx:
            insert_columns(tx, JournalRow, **columns)
    sys.stdout.write(f"journal: {FACTS:,} in {stopwatch() - begun:.1f} s\n")
    _run(db, AFTER)
    sys.stdout.write(f"journal with its words: {stopwatch() - begun:.1f} s\n")


def _run(db: Database, statements: dict[str, list[str]]) -> None:
    with db.write() as tx:
        for statement in statements[db.engine.dialect.name]:
            tx.execute(text(statement))


def _facts(sessions: Sequence[Session], now: datetime) -> Iterator[dict[str, Any]]:
    random = np.random.default_rng(4)
    each = FACTS // len(sessions)
    kinds = np.repeat(np.arange(len(SHARES)), [share[0] for share in SHARES])
    for day, session in enumerate(sessions):
        chosen = [SHARES[at] for at in random.choice(kinds, each)]
        words = [_words(pick) for pick in random.integers(0, 2**31, each).tolist()]
        first, last = epoch(session.opens_at), min(epoch(session.closes_at), epoch(now))
        seconds = np.sort(random.integers(first, last, each)).tolist()
        yield {
            "seq": range(day * each + 1, (day + 1) * each + 1),
            "at": [moment(second) for second in seconds],
            "kind": [share[1] for share in chosen],
            "scope": [share[2].format(**told) for share, told in zip(chosen, words, strict=True)],
            "severity": [share[3] for share in chosen],
            "correlation_id": [f"run-{second}" for second in seconds],
            "body": [
                {"text": share[4].format(**told)} for share, told in zip(chosen, words, strict=True)
            ],
        }


def _words(pick: int) -> dict[str, Any]:
    """Return what a sentence is filled with."""
    symbol = SYMBOLS[pick % len(SYMBOLS)]
    return {"symbol": symbol, "n": pick % 17_000 + 1, "price": f"{pick % 90_000 / 100:.2f}"}
