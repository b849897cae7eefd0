"""What was found in the data: every finding a row, their sum a fact in the journal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete
from sqlalchemy.orm import Session as Transaction

from engine.desk import Desk
from engine.journal import record
from models.bulk import insert_columns
from models.market import Finding
from models.market_data import DataFinding
from models.tables import rows
from models.vocabulary import Severity

LASTING = ("corrected",)  # tells of one moment: looking at the session again does not undo it
HARMLESS = {"new", "gone", "zero_volume", "corrected", "split"}
SHOWN = 10


def replace_findings(
    tx: Transaction, desk: Desk, session: date, findings: Sequence[Finding]
) -> None:
    """Store what a new look at a session found, in place of what the last one found."""
    table = rows(DataFinding)
    of_session = table.c.session == session
    tx.execute(delete(table).where(of_session, table.c.code.not_in(LASTING)))
    for code in LASTING:
        again = [finding.symbol for finding in findings if finding.code == code]
        if again:
            tx.execute(
                delete(table).where(of_session, table.c.code == code, table.c.symbol.in_(again))
            )
    add_findings(tx, desk, findings)


def note_once(tx: Transaction, desk: Desk, finding: Finding) -> None:
    """Store one finding; nothing is told again while it says the same."""
    key = finding.session, finding.code, finding.symbol
    known = tx.get(DataFinding, key)
    if known is not None and known.text == finding.text:
        return
    if known is not None:
        tx.delete(known)
        tx.flush()
    add_findings(tx, desk, [finding])


def add_findings(tx: Transaction, desk: Desk, findings: Sequence[Finding]) -> None:
    """Store findings of one session that are not stored yet, and tell the journal."""
    if not findings:
        return
    once = {(f.code, f.symbol): f for f in findings}
    insert_columns(
        tx,
        DataFinding,
        session=findings[0].session,
        code=[f.code for f in once.values()],
        symbol=[f.symbol for f in once.values()],
        text=[f.text for f in once.values()],
        source=desk.daily.name,
        found_at=desk.clock.now(),
    )
    _tell(tx, desk, list(once.values()))


def _tell(tx: Transaction, desk: Desk, findings: Sequence[Finding]) -> None:
    counts = Counter(finding.code for finding in findings)
    session = findings[0].session
    record(
        tx,
        desk.clock.now(),
        "data",
        f"session:{session}",
        severity=Severity.INFO if counts.keys() <= HARMLESS else Severity.WARNING,
        text=f"Daily bars of {session}: " + ", ".join(f"{n:,} {c}" for c, n in counts.items()),
        counts=dict(counts),
        symbols=[finding.symbol for finding in findings if finding.symbol][:SHOWN],
        source=desk.daily.name,
    )
