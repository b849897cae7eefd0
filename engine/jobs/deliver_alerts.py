"""Send what waits for a channel. One thread for each: a slow one delays nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Session as Transaction

from engine.actions.channel_states import channel_state, note_sending
from engine.clock import wall_now
from engine.desk import Desk
from engine.journal import record
from engine.market_hours import new_york_clock
from engine.rules.alert_texts import From, Message, Told, message_of
from engine.surroundings import Channel
from models.alert_settings import ABOUT_TYPES, AlertType, title_of
from models.alerts import AlertChannel, AlertDelivery, AlertVerdict
from models.journal import JournalRow
from models.vocabulary import DeliveryStatus, Severity, Verdict

CLAIM = timedelta(seconds=30)  # longer than any sending: who is killed over it is resumed after
EXPIRY = timedelta(days=1)  # what nobody took for so long is history
PACE = timedelta(seconds=15)  # between messages of one channel, unless something is grave
AT_ONCE = 200

Clock = Callable[[], datetime]


def deliver_alerts(desk: Desk, channel: Channel, now: Clock = wall_now) -> int:
    """Send everything that waits for a channel as one message; return how many alerts it was.

    1. Claim what waits, and commit: no other process sends it.
    2. Send, outside of any transaction.
    3. Write down how it ended. Who is killed before that sends it once more: better than never.
    """
    with desk.db.read() as tx:
        if _is_spared(tx.get(AlertChannel, channel.name), now()):
            return 0
        if tx.execute(_waiting(channel, now()).limit(1)).first() is None:
            return 0
    claimed = _claim(desk, channel, now())
    if not claimed:
        return 0
    problem = channel.send(_message(desk, claimed))
    _finish(desk, channel, claimed, problem, now())
    return 0 if problem else len(claimed)


def _waiting(channel: Channel, now: datetime) -> Select[AlertDelivery]:
    free = or_(AlertDelivery.claimed_until.is_(None), AlertDelivery.claimed_until <= now)
    return (
        select(AlertDelivery)
        .where(
            AlertDelivery.channel == channel.name,
            AlertDelivery.status == DeliveryStatus.WAITING,
            free,
        )
        .order_by(AlertDelivery.seq)
    )


def _claim(desk: Desk, channel: Channel, now: datetime) -> Sequence[int]:
    """Return the alerts that this process is to send now; none while the channel is spared."""
    with desk.db.write() as tx:
        state = channel_state(tx, channel)
        if _is_spared(state, now):
            return []
        _expire(tx, desk, channel, now)
        found = tx.scalars(_waiting(channel, now).with_for_update().limit(AT_ONCE)).all()
        if not found or _is_too_soon(state, found, now):
            return []
        for delivery in found:
            delivery.claimed_until = now + CLAIM
            delivery.attempts += 1
        return [delivery.seq for delivery in found]


def _is_spared(state: AlertChannel | None, now: datetime) -> bool:
    return state is not None and state.open_until is not None and now < state.open_until


def _is_too_soon(state: AlertChannel, found: Sequence[AlertDelivery], now: datetime) -> bool:
    grave = any(delivery.severity.rank >= Severity.CRITICAL.rank for delivery in found)
    last = state.delivered_at
    return not grave and last is not None and timedelta(0) <= now - last < PACE


def _expire(tx: Transaction, desk: Desk, channel: Channel, now: datetime) -> None:
    old = _waiting(channel, now).where(AlertDelivery.created_at < now - EXPIRY)
    gone = tx.scalars(old.with_for_update()).all()
    for delivery in gone:
        delivery.status = DeliveryStatus.EXPIRED
    if gone:
        text = f"{len(gone)} alerts were never taken by the channel {channel.name}"
        record(tx, desk.clock.now(), "channel", channel.name, severity=Severity.WARNING, text=text)


def _finish(
    desk: Desk, channel: Channel, claimed: Sequence[int], problem: str | None, now: datetime
) -> None:
    done = {"status": DeliveryStatus.DELIVERED, "delivered_at": now, "claimed_until": None}
    ours = AlertDelivery.channel == channel.name, AlertDelivery.seq.in_(claimed)
    with desk.db.write() as tx:
        values = {"claimed_until": None} if problem else done
        tx.execute(update(AlertDelivery).where(*ours).values(values))
        note_sending(tx, desk, channel, problem, now)


# ------------------------------------------------------------------------------ in words
def _message(desk: Desk, claimed: Sequence[int]) -> Message:
    with desk.db.read() as tx:
        found = tx.execute(
            select(JournalRow, AlertVerdict)
            .join(AlertVerdict, AlertVerdict.seq == JournalRow.seq)
            .where(JournalRow.seq.in_(claimed))
            .order_by(JournalRow.seq)
        ).all()
        told = [_told(tx, fact, verdict) for fact, verdict in found]
    return message_of(told, From(desk.account, desk.address))


def _told(tx: Transaction, fact: JournalRow, verdict: AlertVerdict) -> Told:
    known = verdict.type in set(AlertType) and not verdict.is_over
    since = fact.body.get("since")
    return Told(
        title=title_of(verdict.type),
        text=str(fact.body.get("text") or ""),
        severity=fact.severity,
        raised=new_york_clock(fact.at),
        since=new_york_clock(datetime.fromisoformat(since)) if since else None,
        does=ABOUT_TYPES[AlertType(verdict.type)].does if known else "",
        held_back=_held_back(tx, verdict),
    )


def _held_back(tx: Transaction, verdict: AlertVerdict) -> int:
    """Count the alerts about the same that were throttled since the last one was told."""
    same = AlertVerdict.key == verdict.key, AlertVerdict.seq < verdict.seq
    last = select(func.max(AlertVerdict.seq)).where(*same, AlertVerdict.verdict == Verdict.TOLD)
    since = tx.scalar(last) or 0
    throttled = AlertVerdict.verdict == Verdict.THROTTLED, AlertVerdict.seq > since
    return tx.scalar(select(func.count()).select_from(AlertVerdict).where(*same, *throttled)) or 0
