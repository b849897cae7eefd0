"""What people do about alerts: acknowledge them, and try the channels."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from engine.actions.channel_states import note_sending
from engine.actions.deeds import doing
from engine.actions.permissions import Actor, Permission
from engine.actions.raising import ALERT
from engine.clock import wall_now
from engine.desk import Desk
from engine.errors import NotFoundError
from engine.journal import record
from engine.rules.alert_texts import Message
from engine.surroundings import Channel
from models.alerts import AlertAcknowledgement
from models.journal import JournalRow
from models.vocabulary import Severity

MOST_AT_ONCE = 500


def acknowledge(desk: Desk, actor: Actor, numbers: Sequence[int]) -> int:
    """Note who has seen alerts, by their numbers in the journal; return how many were new.

    Raises:
        NotPermittedError: the actor may not.
        NotFoundError: a number is not an alert's.
    """
    wanted = sorted(set(numbers))[:MOST_AT_ONCE]
    target = ", ".join(map(str, wanted))
    with doing(desk, actor, Permission.ACKNOWLEDGE, "acknowledge", target=target) as deed:
        new = _unseen(deed.tx, wanted)
        now = wall_now()
        deed.tx.add_all(AlertAcknowledgement(seq=seq, actor=actor.name, at=now) for seq in new)
        if new:
            text = f"{actor.name} acknowledged {len(new)} alert{'s' * (len(new) > 1)}"
            record(deed.tx, desk.clock.now(), "acknowledgement", actor.name, text=text, alerts=new)
    return len(new)


def _unseen(tx: Transaction, wanted: Sequence[int]) -> list[int]:
    """Return which of these alerts nobody has acknowledged."""
    alerts = select(JournalRow.seq).where(JournalRow.seq.in_(wanted), JournalRow.kind == ALERT)
    missing = set(wanted) - set(tx.scalars(alerts))
    if missing:
        raise NotFoundError(f"there is no alert {min(missing)}")
    seen = select(AlertAcknowledgement.seq).where(AlertAcknowledgement.seq.in_(wanted))
    return sorted(set(wanted) - set(tx.scalars(seen)))


def find_channel(desk: Desk, name: str) -> Channel:
    """Return a channel.

    Raises:
        NotFoundError: none is called so.
    """
    for channel in desk.channels:
        if channel.name == name:
            return channel
    raise NotFoundError(f"there is no channel {name}")


def send_test(desk: Desk, actor: Actor, name: str) -> str | None:
    """Send a test message by one channel and wait; return what went wrong, None if it arrived.

    Raises:
        NotPermittedError: the actor may not.
        NotFoundError: there is no such channel.
        TooManyRequestsError: somebody sends tests all the time.
    """
    with doing(desk, actor, Permission.CHANGE_SETTINGS, "test_channel", target=name):
        channel = find_channel(desk, name)
    body = f"{actor.name} tries whether messages arrive here. Nothing happened at the desk."
    title = f"Test of the channel {name}"
    problem = channel.send(Message(title=title, body=body, severity=Severity.INFO))
    with desk.db.write() as tx:
        outcome = f"failed: {problem}" if problem else "was delivered"
        text = f"{actor.name}'s test of the channel {name} {outcome}"
        record(tx, desk.clock.now(), "channel", name, text=text)
        note_sending(tx, desk, channel, problem, wall_now())
    return problem
