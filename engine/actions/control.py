"""Kill switch, pause, emergency stop, force-close: stored before anything else happens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Transaction

from engine.actions.deeds import Deed, doing
from engine.actions.permissions import Actor, Permission
from engine.actions.raising import raise_alert
from engine.desk import Desk
from engine.errors import InvalidRequestError
from engine.journal import correlation, record, take_turn
from engine.rules.risk import DAILY_LOSS, LIVE
from models.control import Command, TradingState
from models.trading import Order, Trade
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
    with doing(
        desk, actor, Permission.KILL, "kill", target=ControlScope.ALL, reason=reason
    ) as deed:
        return _halt(deed, desk, actor, CommandKind.KILL)


def emergency_stop(desk: Desk, actor: Actor, reason: str) -> int:
    """Throw the kill switch, cancel and close everything; return the command's number."""
    may = Permission.EMERGENCY_STOP
    with doing(desk, actor, may, "emergency_stop", target=ControlScope.ALL, reason=reason) as deed:
        return _halt(deed, desk, actor, CommandKind.EMERGENCY_STOP)


def lift_kill(desk: Desk, actor: Actor, reason: str) -> None:
    """Let the desk trade again after a kill."""
    may = Permission.LIFT_KILL
    with doing(desk, actor, may, "lift_kill", target=ControlScope.ALL, reason=reason) as deed:
        _change_state(deed, desk, actor, ControlScope.ALL, Control.ACTIVE)


def pause(desk: Desk, actor: Actor, scope: ControlScope, reason: str) -> None:
    """Stop new entries of a scope; protection and flatten go on."""
    with doing(desk, actor, _PAUSING[scope], "pause", target=scope, reason=reason) as deed:
        _refuse_if_halted(deed.tx, scope)
        _change_state(deed, desk, actor, scope, Control.PAUSED)


def resume(desk: Desk, actor: Actor, scope: ControlScope, reason: str) -> None:
    """End a pause. The kill switch is lifted by `lift_kill` only."""
    with doing(desk, actor, _PAUSING[scope], "resume", target=scope, reason=reason) as deed:
        _refuse_if_halted(deed.tx, scope)
        _change_state(deed, desk, actor, scope, Control.ACTIVE)


def close_position(desk: Desk, actor: Actor, trade_id: int, reason: str) -> int:
    """Ask the engine to close one open trade at market; return the command's number."""
    may, target = Permission.CLOSE_POSITION, f"trade:{trade_id}"
    with doing(desk, actor, may, "close_position", target=target, reason=reason) as deed:
        trade = deed.tx.get(Trade, trade_id)
        if trade is None or trade.status is not TradeStatus.OPEN:
            raise InvalidRequestError(f"trade {trade_id} is not open")
        if trade.account != desk.account:  # the engine of this account would wait for ever
            raise InvalidRequestError(f"trade {trade_id} is of {trade.account}, not traded now")
        about = {"trade_id": trade_id, "symbol": trade.symbol}
        return ask_engine(deed, desk, actor, CommandKind.CLOSE_POSITION, **about)


def flatten(desk: Desk, actor: Actor, reason: str) -> int:
    """Ask the engine to close everything now, without the kill switch."""
    with doing(desk, actor, Permission.FLATTEN, "flatten", reason=reason) as deed:
        return _ask_to_stop(deed, desk, actor, CommandKind.FLATTEN)


def scan(desk: Desk, actor: Actor, reason: str) -> int:
    """Ask the engine to scan today's opening range now, if it has not."""
    with doing(desk, actor, Permission.SCAN, "scan", reason=reason) as deed:
        return ask_engine(deed, desk, actor, CommandKind.SCAN)


def sync(desk: Desk, actor: Actor, reason: str) -> int:
    """Ask the engine to fetch the daily bars that are missing."""
    with doing(desk, actor, Permission.SCAN, "sync", reason=reason) as deed:
        return ask_engine(deed, desk, actor, CommandKind.SYNC)


def clean_up(desk: Desk, actor: Actor, reason: str) -> int:
    """Ask the engine to remove the bars that are older than their window."""
    with doing(desk, actor, Permission.SCAN, "clean_up", reason=reason) as deed:
        return ask_engine(deed, desk, actor, CommandKind.CLEAN_UP)


def switch_live(deed: Deed, desk: Desk, actor: Actor, state: Control) -> None:
    """Set whether real money may be traded; the deed has asked whether the actor may."""
    _change_state(deed, desk, actor, LIVE, state)


def forget_live(tx: Transaction, now: datetime, reason: str) -> None:
    """End what was confirmed of real money, as if nobody had: another account is traded."""
    before = tx.get(TradingState, LIVE)
    if before is None:
        return
    tx.delete(before)
    text = f"Real money is not confirmed any more (was {before.state}): {reason}"
    record(tx, now, "control", LIVE, severity=Severity.WARNING, text=text)


def pause_for_loss(tx: Transaction, desk: Desk, actor: Actor, reason: str) -> None:
    """Stop entries for the rest of the session because the loss limit is reached."""
    _set_state(tx, desk, actor, DAILY_LOSS, Control.PAUSED, reason)


def _halt(deed: Deed, desk: Desk, actor: Actor, kind: CommandKind) -> int:
    _change_state(deed, desk, actor, ControlScope.ALL, Control.HALTED)
    return _ask_to_stop(deed, desk, actor, kind)


def _ask_to_stop(deed: Deed, desk: Desk, actor: Actor, kind: CommandKind) -> int:
    """Ask for the end of what is there now, in this account; what is entered later is not meant."""
    last = deed.tx.scalar(select(func.max(Order.id))) or 0
    return ask_engine(deed, desk, actor, kind, account=desk.account, last_order=last)


def _change_state(deed: Deed, desk: Desk, actor: Actor, scope: str, state: Control) -> None:
    was = _set_state(deed.tx, desk, actor, scope, state, deed.entry.reason)
    deed.entry.before, deed.entry.after = {"state": was}, {"state": state}


def _refuse_if_halted(tx: Transaction, scope: ControlScope) -> None:
    take_turn(tx)  # before looking: a kill that is under way would be overwritten
    row = tx.get(TradingState, scope)
    if row is not None and row.state is Control.HALTED:
        raise InvalidRequestError("the kill switch is on; lift it first")


def _set_state(
    tx: Transaction, desk: Desk, actor: Actor, scope: str, state: Control, reason: str
) -> Control:
    """Set a scope's state; return what it was."""
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
    if Control.HALTED in {was, state}:
        _tell_of_kill(tx, desk, actor, state, reason)
    return was


def _tell_of_kill(tx: Transaction, desk: Desk, actor: Actor, state: Control, reason: str) -> None:
    """Tell those who are not at the screen; that it was thrown again is no news."""
    on = state is Control.HALTED
    deed = "threw" if on else "lifted"
    severity = Severity.CRITICAL if on else Severity.INFO
    text = f"{actor.name} {deed} the kill switch: {reason}"
    raise_alert(tx, desk, "kill", "control:all", text, severity=severity, over=not on)


def ask_engine(deed: Deed, desk: Desk, actor: Actor, kind: CommandKind, **body: Any) -> int:
    """Write down what the engine is to do, in the deed's transaction; return the row's number."""
    tx, now, reason = deed.tx, desk.clock.now(), deed.entry.reason
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
    deed.entry.after = {**(deed.entry.after or {}), "command": command.id, **body}
    return command.id
