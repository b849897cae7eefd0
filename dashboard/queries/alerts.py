"""The alerts: what was raised, who was told, who has seen it; and how the channels do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.journal import Fact, fact_of
from dashboard.queries.pages import Page, Place, take_page
from engine.actions.raising import ALERT
from engine.clock import wall_now
from engine.desk import Desk
from engine.rules.alerting import type_of
from engine.rules.breaker import is_tripped
from engine.surroundings import Channel
from models.alert_settings import title_of
from models.alerts import AlertAcknowledgement, AlertChannel, AlertDelivery, AlertVerdict
from models.journal import JournalRow
from models.vocabulary import DeliveryStatus, Severity, Verdict

WORTH_SEEING = [severity for severity in Severity if severity.rank >= Severity.WARNING.rank]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """How far an alert is on its way through one channel."""

    channel: str
    status: DeliveryStatus
    attempts: int
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRecord:
    """One alert: a fact of the journal, and what became of it."""

    seq: int
    at: datetime
    kind: str
    scope: str
    severity: Severity
    correlation_id: str
    text: str
    body: dict[str, Any]
    type: str
    title: str
    verdict: Verdict | None  # None: nobody has decided yet
    deliveries: Sequence[DeliveryRecord]
    acknowledged_by: str | None
    acknowledged_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRecord:
    """How a channel does; its address stays in the environment."""

    name: str
    kind: str
    is_broken: bool  # its breaker is open
    failures: int  # in a row
    tried_again_at: datetime | None
    delivered_at: datetime | None
    failed_at: datetime | None
    problem: str | None
    waiting: int  # alerts that are still to be sent


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilter:
    """Which alerts somebody wants to see."""

    severity: Severity | None = None
    only_open: bool = False  # those worth seeing that nobody has acknowledged


def alert_page(tx: Transaction, wanted: AlertFilter, place: Place) -> Page[AlertRecord]:
    """Return alerts, the newest first."""
    chosen = select(JournalRow).where(JournalRow.kind == ALERT)
    if wanted.severity is not None:
        chosen = chosen.where(JournalRow.severity == wanted.severity)
    if wanted.only_open:
        chosen = chosen.where(_is_open())
    page = take_page(tx, chosen, JournalRow.seq, place, _itself)
    return Page(_records(tx, page.items), page.next_cursor)


def alert_records(tx: Transaction, numbers: Sequence[int]) -> list[AlertRecord]:
    """Return alerts by their numbers, the newest first."""
    chosen = select(JournalRow).where(JournalRow.kind == ALERT, JournalRow.seq.in_(numbers))
    return _records(tx, tx.scalars(chosen.order_by(JournalRow.seq.desc())).all())


def open_alerts(tx: Transaction, limit: int) -> list[int]:
    """Return the numbers of the newest alerts that nobody has acknowledged."""
    chosen = select(JournalRow.seq).where(JournalRow.kind == ALERT, _is_open())
    return list(tx.scalars(chosen.order_by(JournalRow.seq.desc()).limit(limit)))


def standing_alerts(tx: Transaction, limit: int) -> list[Fact]:
    """Return the newest of these alerts themselves, the newest first."""
    chosen = select(JournalRow).where(JournalRow.kind == ALERT, _is_open())
    newest = tx.scalars(chosen.order_by(JournalRow.seq.desc()).limit(limit))
    return [fact_of(row) for row in newest]


def channel_records(tx: Transaction, desk: Desk) -> list[ChannelRecord]:
    """Return how each channel that this process knows does."""
    rows = {row.name: row for row in tx.scalars(select(AlertChannel))}
    waits = AlertDelivery.status == DeliveryStatus.WAITING
    names = [channel.name for channel in desk.channels]
    waits &= AlertDelivery.channel.in_(names)
    counted = select(AlertDelivery.channel, func.count()).where(waits)
    waiting: dict[str, int] = dict(tx.execute(counted.group_by(AlertDelivery.channel)).all())
    return [
        _channel(each, rows.get(each.name), waiting.get(each.name, 0)) for each in desk.channels
    ]


def _channel(channel: Channel, row: AlertChannel | None, waiting: int) -> ChannelRecord:
    pauses = row is not None and row.open_until is not None and row.open_until > wall_now()
    return ChannelRecord(
        name=channel.name,
        kind=channel.kind,
        is_broken=row is not None and is_tripped(row.failures),
        failures=row.failures if row else 0,
        tried_again_at=row.open_until if row and pauses else None,
        delivered_at=row.delivered_at if row else None,
        failed_at=row.failed_at if row else None,
        problem=row.problem if row else None,
        waiting=waiting,
    )


def _is_open() -> ColumnElement[bool]:
    seen = select(AlertAcknowledgement.seq).where(AlertAcknowledgement.seq == JournalRow.seq)
    over = select(AlertVerdict.seq).where(
        AlertVerdict.seq == JournalRow.seq, AlertVerdict.is_over.is_(True)
    )
    return JournalRow.severity.in_(WORTH_SEEING) & ~seen.exists() & ~over.exists()


def _records(tx: Transaction, rows: Sequence[JournalRow]) -> list[AlertRecord]:
    numbers = [row.seq for row in rows]
    verdicts = _by_seq(tx, select(AlertVerdict).where(AlertVerdict.seq.in_(numbers)))
    seen = _by_seq(tx, select(AlertAcknowledgement).where(AlertAcknowledgement.seq.in_(numbers)))
    sent = select(AlertDelivery).where(AlertDelivery.seq.in_(numbers))
    deliveries: dict[int, list[DeliveryRecord]] = {}
    for each in tx.scalars(sent.order_by(AlertDelivery.channel)):
        deliveries.setdefault(each.seq, []).append(
            DeliveryRecord(
                channel=each.channel,
                status=each.status,
                attempts=each.attempts,
                delivered_at=each.delivered_at,
            )
        )
    return [
        _record(row, verdicts.get(row.seq), deliveries.get(row.seq, []), seen.get(row.seq))
        for row in rows
    ]


def _record(
    row: JournalRow,
    verdict: AlertVerdict | None,
    deliveries: Sequence[DeliveryRecord],
    seen: AlertAcknowledgement | None,
) -> AlertRecord:
    fact = fact_of(row)
    type_ = verdict.type if verdict else type_of(str(row.body.get("code") or ""), row.scope, ())
    return AlertRecord(
        seq=fact.seq,
        at=fact.at,
        kind=fact.kind,
        scope=fact.scope,
        severity=fact.severity,
        correlation_id=fact.correlation_id,
        text=fact.text,
        body=fact.body,
        type=type_,
        title=title_of(type_),
        verdict=verdict.verdict if verdict else None,
        deliveries=deliveries,
        acknowledged_by=seen.actor if seen else None,
        acknowledged_at=seen.at if seen else None,
    )


def _by_seq(tx: Transaction, chosen: Select[Any]) -> Mapping[int, Any]:
    return {row.seq: row for row in tx.scalars(chosen)}


def _itself(row: Any) -> JournalRow:
    alert: JournalRow = row
    return alert
