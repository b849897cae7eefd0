"""What the desk may do now, who said so, and how far people's commands are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from engine.actions.control import control_states
from engine.market_hours import Session
from models.control import Command, TradingState
from models.vocabulary import CommandKind, CommandStatus, Control, ControlScope

SHOWN_COMMANDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeView:
    """One scope's state."""

    scope: str
    state: Control
    reason: str
    actor: str
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandView:
    """One thing a person asked for, and the engine's answer."""

    id: int
    kind: CommandKind
    status: CommandStatus
    actor: str
    reason: str
    answer: str | None
    requested_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlView:
    """Everything that limits trading; `halted` is the kill switch."""

    halted: ScopeView | None
    paused: Sequence[ScopeView]
    commands: Sequence[CommandView]


def control_view(tx: Transaction, session: Session | None) -> ControlView:
    """Return the trading state in a session, and the newest commands."""
    in_force = control_states(tx, session.opens_at if session else None)
    rows = tx.scalars(select(TradingState).order_by(TradingState.scope))
    scopes = [_scope(row) for row in rows if row.scope in in_force]
    newest = select(Command).order_by(Command.id.desc()).limit(SHOWN_COMMANDS)
    return ControlView(
        halted=next((scope for scope in scopes if scope.state is Control.HALTED), None),
        paused=[scope for scope in scopes if scope.state is Control.PAUSED],
        commands=[_command(row) for row in tx.scalars(newest)],
    )


def paused_scopes(tx: Transaction) -> list[ControlScope]:
    """Return the scopes that somebody paused and somebody can resume."""
    paused = select(TradingState.scope).where(TradingState.state == Control.PAUSED)
    return [ControlScope(scope) for scope in tx.scalars(paused) if scope in set(ControlScope)]


def _scope(row: TradingState) -> ScopeView:
    return ScopeView(
        scope=row.scope,
        state=row.state,
        reason=row.reason,
        actor=row.actor,
        changed_at=row.changed_at,
    )


def _command(row: Command) -> CommandView:
    return CommandView(
        id=row.id,
        kind=row.kind,
        status=row.status,
        actor=row.actor,
        reason=row.reason,
        answer=row.answer,
        requested_at=row.requested_at,
        finished_at=row.finished_at,
    )
