"""Decide what becomes of each new alert of the journal: told, and to whom, or not."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Transaction

from engine.actions.raising import ALERT
from engine.actions.trading_settings import alert_settings
from engine.clock import wall_now
from engine.desk import Desk
from engine.rules.alerting import Decision, Past, Raised, decide, key_of, type_of
from models.alert_settings import AlertSettings
from models.alerts import AlertCursor, AlertDelivery, AlertVerdict
from models.control import EngineLease
from models.journal import JournalRow
from models.vocabulary import DeliveryStatus, Verdict

NAME = "journal"
AT_ONCE = 200


def may_tell(desk: Desk) -> bool:
    """Say whether alerts are this process's affair: the engine's, or somebody's while it is gone.

    Who has no channel leaves them to whoever has one.
    """
    if desk.lease.is_held:
        return True
    if not desk.channels:
        return False
    with desk.db.read() as tx:
        holders = select(EngineLease.holder).where(EngineLease.expires_at > wall_now())
        return tx.execute(holders.limit(1)).first() is None


def decide_alerts(desk: Desk, now: Callable[[], datetime] = wall_now) -> str | None:
    """Go through the alerts after the stored cursor; verdicts, deliveries and cursor are one whole.

    So a crash loses none of them and decides none of them twice.
    """
    with desk.db.read() as tx:
        if not _new(tx, _cursor(tx)):
            return None
    with desk.db.write() as tx:
        cursor = tx.get(AlertCursor, NAME, with_for_update=True)
        if cursor is None:
            cursor = AlertCursor(name=NAME, seq=0)
            tx.add(cursor)
        settings, _version = alert_settings(tx)
        facts = _new(tx, cursor.seq)
        for fact in facts:
            _judge(tx, desk, fact, settings, now())
            cursor.seq = fact.seq
    return None


def _cursor(tx: Transaction) -> int:
    return tx.scalar(select(AlertCursor.seq).where(AlertCursor.name == NAME)) or 0


def _new(tx: Transaction, seq: int) -> list[JournalRow]:
    chosen = select(JournalRow).where(JournalRow.kind == ALERT, JournalRow.seq > seq)
    return list(tx.scalars(chosen.order_by(JournalRow.seq).limit(AT_ONCE)))


def _judge(
    tx: Transaction, desk: Desk, fact: JournalRow, settings: AlertSettings, now: datetime
) -> None:
    raised = Raised(
        code=str(fact.body.get("code") or ""),
        scope=fact.scope,
        severity=fact.severity,
        is_over=bool(fact.body.get("over")),
    )
    type_ = type_of(raised.code, raised.scope, settings.rules)
    key = key_of(type_, raised)
    names = [channel.name for channel in desk.channels]
    rule, past = settings.rule(type_), _past(tx, key, raised)
    decision = decide(raised, rule, past, names, now)
    tx.add(
        AlertVerdict(
            seq=fact.seq,
            type=type_,
            key=key,
            severity=raised.severity,
            verdict=decision.verdict,
            is_over=raised.is_over,
            decided_at=now,
        )
    )
    tx.add_all(_deliveries(fact, decision, now))
    tx.flush()  # the next one may be about the same


def _past(tx: Transaction, key: str, raised: Raised) -> Past:
    told = AlertVerdict.key == key, AlertVerdict.verdict == Verdict.TOLD
    same = AlertVerdict.severity == raised.severity, AlertVerdict.is_over.is_(False)
    told_at = tx.scalar(select(func.max(AlertVerdict.decided_at)).where(*told, *same))
    last = select(AlertVerdict.is_over).where(*told).order_by(AlertVerdict.seq.desc()).limit(1)
    return Past(told_at, stands=tx.scalar(last) is False)


def _deliveries(fact: JournalRow, decision: Decision, now: datetime) -> Collection[AlertDelivery]:
    return [
        AlertDelivery(
            seq=fact.seq,
            channel=name,
            severity=fact.severity,
            status=DeliveryStatus.WAITING,
            attempts=0,
            created_at=now,
        )
        for name in decision.channels
    ]
