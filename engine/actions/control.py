"""Kill switch, pause, emergency stop, force-close: stored before anything else happens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from engine.actions.permissions import Actor, Permission, require
from engine.desk import Desk
from engine.errors import InvalidRequestError
from engine.journal import correlation, new_correlation, record, take_turn
from engine.rules.risk import DAILY_LOSS
from models.control import Command, TradingState
from models.trading import Trade
from models.vocabulary import (
    CommandKind,
    CommandStatus,
    Control,
    ControlScope,
    Severity,
    TradeStatus,
)

_PAUSING: Mapping[ControlScope, Permission] = {
    ControlScope.ALL: Permission.PAUSE_ALL,
    ControlScope.ENTRY: Permission.PAUSE_ENTRY,
    ControlScope.EXIT: Permission.PAUSE_EXIT,
}

_STATES = select(TradingState.scope, TradingState.state, TradingState.changed_at)


def control_states(tx: Transaction, session_opens_at: datetime | None) -> dict[str, Control]:
    """Return what each scope may do now. A reached loss limit ends with its session."""
    rows = tx.execute(_STATES).all()
    return {
        row.scope: row.state
        for row in rows
        if row.scope != DAILY_LOSS
        or (session_opens_at is not None and row.changed_at >= session_opens_at)
    }


def kill(desk: Desk, actor: Actor, reason: str) -> int:
    """Throw the kill switch; return the number of the command that cancels the entries."""
    require(actor, Permission.KILL)
    return _halt(desk, actor, reason, CommandKind.KILL)


def emergency_stop(desk: Desk, actor: Actor, reason: str) -> int:
    """Throw the kill switch, cancel and close everything; return the command's number."""
    require(actor, Permission.EMERGENCY_STOP)
    return _halt(desk, actor, reason, CommandKind.EMERGENCY_STOP)


def lift_kill(desk: Desk, actor: Actor, reason: str) -> None:
    """Let the desk trade again after a kill."""
    require(actor, Permission.LIFT_KILL)
    with desk.db.write() as tx:
        _set_state(tx, desk, actor, ControlScope.ALL, Control.ACTIVE, reason)


def pause(desk: Desk, actor: Actor, scope: ControlScope, reason: str) -> None:
    """Stop new entries of a scope; protection and flatten go on."""
    require(actor, _PAUSING[scope])
    with desk.db.write() as tx:
        _refuse_if_halted(tx, scope)
        _set_state(tx, desk, actor, scope, Control.PAUSED, reason)


def resume(desk: Desk, actor: Actor, scope: ControlScope, reason: str) -> None:
    """End a pause. The kill switch is lifted by `lift_kill` only."""
    require(actor, _PAUSING[scope])
    with desk.db.write() as tx:
        _refuse_if_halted(tx, scope)
        _set_state(tx, desk, actor, scope, Control.ACTIVE, reason)


def close_position(desk: Desk, actor: Actor, trade_id: int, reason: str) -> int:
    """Ask the engine to close one open trade at market; return the command's number."""
    require(actor, Permission.CLOSE_POSITION)
    with desk.db.write() as tx, following_click():
        trade = tx.get(Trade, trade_id)
        if trade is None or trade.status is not TradeStatus.OPEN:
            raise InvalidRequestError(f"trade {trade_id} is not open")
        return _ask(
            tx,
            desk,
            actor,
            CommandKind.CLOSE_POSITION,
            reason,
            trade_id=trade_id,
            symbol=trade.symbol,
        )


def flatten(desk: Desk, actor: Actor, reason: str) -> int:
    """Ask the engine to close everything now, without the kill switch."""
    require(actor, Permission.FLATTEN)
    with desk.db.write() as tx, following_click():
        return _ask(tx, desk, actor, CommandKind.FLATTEN, reason)


def scan(desk: Desk, actor: Actor, reason: str) -> int:
    """Ask the engine to scan today's opening range now, if it has not."""
    require(actor, Permission.SCAN)
    with desk.db.write() as tx, following_click():
        return _ask(tx, desk, actor, CommandKind.SCAN, reason)


def sync(desk: Desk, actor: Actor, reason: str) -> int:
    """Ask the engine to fetch the daily bars that are missing."""
    require(actor, Permission.SCAN)
    with desk.db.write() as tx, following_click():
        return _ask(tx, desk, actor, CommandKind.SYNC, reason)


def pause_for_loss(tx: Transaction, desk: Desk, actor: Actor, reason: str) -> None:
    """Stop entries for the rest of the session because the loss limit is reached."""
    _set_state(tx, desk, actor, DAILY_LOSS, Control.PAUSED, reason)


class following_click:  # noqa: N801  # reads as a statement
    """Give everything that a person's click causes one correlation id."""

    def __enter__(self) -> None:
        self._token = correlation.set(correlation.get() or new_correlation("c-"))

    def __exit__(self, *_exception: object) -> None:
        correlation.reset(self._token)


def _halt(desk: Desk, actor: Actor, reason: str, kind: CommandKind) -> int:
    with desk.db.write() as tx, following_click():
        _set_state(tx, desk, actor, ControlScope.ALL, Control.HALTED, reason)
        return _ask(tx, desk, actor, kind, reason)


def _refuse_if_halted(tx: Transaction, scope: ControlScope) -> None:
    take_turn(tx)  # before looking: a kill that is under way would be overwritten
    row = tx.get(TradingState, scope)
    if row is not None and row.state is Control.HALTED:
        raise InvalidRequestError("the kill switch is on; lift it first")


def _set_state(
    tx: Transaction, desk: Desk, actor: Actor, scope: str, state: Control, reason: str
) -> None:
    take_turn(tx)
    now = desk.clock.now()
    before = tx.get(TradingState, scope)
    was = before.state if before else Control.ACTIVE
    tx.merge(
        TradingState(scope=scope, state=state, reason=reason, actor=actor.name, changed_at=now)
    )
    record(
        tx,
        now,
        "control",
        scope,
        severity=Severity.INFO if state is Control.ACTIVE else Severity.WARNING,
        text=f"{actor.name} set {scope} from {was} to {state}: {reason}",
        actor=actor.name,
        before=was,
        after=state,
        reason=reason,
    )


def _ask(
    tx: Transaction, desk: Desk, actor: Actor, kind: CommandKind, reason: str, **body: Any
) -> int:
    now = desk.clock.now()
    command = Command(
        kind=kind,
        body=body,
        status=CommandStatus.REQUESTED,
        actor=actor.name,
        reason=reason,
        correlation_id=correlation.get(),
        requested_at=now,
    )
    tx.add(command)
    tx.flush()
    record(
        tx,
        now,
        "command",
        f"command:{command.id}",
        text=f"{actor.name} asked for {kind.replace('_', ' ')}: {reason}",
        command_id=command.id,
        status=CommandStatus.REQUESTED,
        **body,
    )
    return command.id
