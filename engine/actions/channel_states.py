"""How each channel does: its failures, and the breaker that spares it and us more of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session as Transaction

from engine.desk import Desk
from engine.journal import record
from engine.rules.alerting import channel_scope
from engine.rules.breaker import is_tripped, pause_after
from engine.surroundings import Channel
from models.alerts import AlertChannel
from models.vocabulary import Severity


def channel_state(tx: Transaction, channel: Channel) -> AlertChannel:
    """Return how a channel does, as a new row if it is new."""
    state = tx.get(AlertChannel, channel.name, with_for_update=True)
    if state is None:
        state = AlertChannel(name=channel.name, kind=channel.kind, failures=0)
        tx.add(state)
    state.kind = channel.kind
    return state


def note_sending(
    tx: Transaction, desk: Desk, channel: Channel, problem: str | None, now: datetime
) -> None:
    """Write down how a sending ended; the breaker's opening and closing is told."""
    state = channel_state(tx, channel)
    was_open = is_tripped(state.failures)
    if problem is None:
        state.failures, state.open_until, state.problem = 0, None, None
        state.delivered_at = now
    else:
        state.failures += 1
        state.open_until = now + pause_after(state.failures)
        state.failed_at, state.problem = now, problem
    if was_open != is_tripped(state.failures):
        _tell(tx, desk, state)


def _tell(tx: Transaction, desk: Desk, state: AlertChannel) -> None:
    broken = is_tripped(state.failures)
    outcome = f"does not take alerts: {state.problem}" if broken else "takes alerts again"
    record(
        tx,
        desk.clock.now(),
        "alert",
        channel_scope(state.name),
        severity=Severity.CRITICAL if broken else Severity.INFO,
        text=f"The channel {state.name} ({state.kind}) {outcome}",
        code="channel",
        over=not broken,
    )
