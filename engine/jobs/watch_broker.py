"""Say what is wrong at the broker as soon as it is, and when it is over."""

from __future__ import annotations

from sqlalchemy.orm import Session as Transaction

from engine.actions.broker_trouble import broker_troubles
from engine.clock import wall_now
from engine.desk import Desk
from engine.journal import record
from models.broker import Refusal
from models.control import TROUBLE, Heartbeat
from models.vocabulary import Severity, TradingMode


def watch_broker(desk: Desk) -> str | None:
    """Ask for the keys, the account, the clock and the data; tell each trouble once.

    Entries are refused for the same reasons when they are placed; this says so before.
    """
    if desk.mode is TradingMode.SIMULATED:
        return None
    found = {trouble.code: trouble.sentence for trouble in broker_troubles(desk)}
    now = desk.clock.now()
    with desk.db.write() as tx:
        known = _known(tx)
        beat = Heartbeat(part=TROUBLE, at=wall_now(), desk_at=now, detail={"troubles": found})
        tx.merge(beat)
        for code in found.keys() - known.keys():
            _tell(tx, desk, Refusal(code, found[code]), Severity.CRITICAL)
        for code in known.keys() - found.keys():
            _tell(tx, desk, Refusal(code, f"Over: {known[code]}"), Severity.INFO)
    changed = found.keys() ^ known.keys()
    return f"{len(found)} troubles at the broker" if changed else None


def _known(tx: Transaction) -> dict[str, str]:
    before = tx.get(Heartbeat, TROUBLE)
    return dict(before.detail.get("troubles") or {}) if before else {}


def _tell(tx: Transaction, desk: Desk, trouble: Refusal, severity: Severity) -> None:
    record(
        tx,
        desk.clock.now(),
        "alert",
        f"broker:{desk.account}",
        severity=severity,
        text=trouble.sentence,
        code=trouble.code,
        over=severity is Severity.INFO,
    )
