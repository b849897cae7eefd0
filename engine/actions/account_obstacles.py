"""What keeps the desk at the account that it trades, or from another one."""

from __future__ import annotations

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session as Transaction

from engine.actions.live_switch import count_open_orders, count_open_trades
from engine.clock import wall_now
from engine.desk import Desk
from models.accounts import DailyMetrics, StoredAccount
from models.control import Command, EngineLease
from models.reconciliation import DifferenceRow
from models.statuses import ACTIVE_SIGNAL_STATUSES
from models.trading import Signal, Trade
from models.vocabulary import CommandKind, CommandStatus, DifferenceStatus

UNFINISHED = (CommandStatus.REQUESTED, CommandStatus.RUNNING)
EXPLAINED = (DifferenceStatus.QUARANTINED, DifferenceStatus.RESOLVED)


def why_not_leave(tx: Transaction, desk: Desk) -> str | None:
    """Say what keeps the desk at the account that it trades, None if nothing does."""
    if count_open_trades(tx, desk.account) or count_open_orders(tx, desk.account):
        return f"positions or orders of {desk.account} are open: switching waits until none are"
    if _has_active_signals(tx, desk):
        return f"signals of {desk.account} are waiting to be sent: switching waits until none are"
    if _has_unexplained(tx, desk):
        return f"the books of {desk.account} and its broker's differ: see Reconciliation"
    if _has_uncounted_day(tx, desk):
        return f"{desk.account} has traded today: switching waits until the day is counted"
    return None


def why_not_take(seen: StoredAccount, leaves: StoredAccount | None) -> str | None:
    """Say why an account cannot be traded, None if it can."""
    name = seen.account
    if not seen.has_keys:
        return f"the keys of {name} are not where the engine is started"
    if seen.trouble is not None:
        return f"{name} cannot be traded: {seen.trouble}"
    if seen.number is None:
        return f"the number of {name} has not been seen yet"
    if leaves is not None and leaves.number == seen.number:
        return f"{name} and {leaves.account} are the same account, {seen.number}, by two names"
    return None


def why_not_now(tx: Transaction) -> str | None:
    """Say why no engine would carry a switch out, None if one does."""
    kind, status = CommandKind.SWITCH_ACCOUNT, Command.status.in_(UNFINISHED)
    if tx.scalar(select(exists().where(Command.kind == kind, status))):
        return "another switch is under way"
    expires_at = tx.scalar(select(EngineLease.expires_at))
    if expires_at is None or expires_at <= wall_now():
        return "no engine is running to carry it out"
    return None


def _has_active_signals(tx: Transaction, desk: Desk) -> bool:
    session = desk.session()
    mine = (Signal.account == desk.account, Signal.status.in_(ACTIVE_SIGNAL_STATUSES))
    today = session is not None and tx.scalar(
        select(exists().where(*mine, Signal.session == session.day))
    )
    return bool(today)


def _has_unexplained(tx: Transaction, desk: Desk) -> bool:
    mine = (DifferenceRow.account == desk.account, DifferenceRow.status.not_in(EXPLAINED))
    return bool(tx.scalar(select(exists().where(*mine))))


def _has_uncounted_day(tx: Transaction, desk: Desk) -> bool:
    """Say whether today's trades are still to be counted and tied to the account's equity."""
    session = desk.session()
    if session is None or tx.get(DailyMetrics, (desk.account, session.day)) is not None:
        return False
    mine = (Trade.account == desk.account, Trade.session == session.day)
    return bool(tx.scalar(select(exists().where(*mine))))


def left_alone(tx: Transaction, desk: Desk) -> int:
    """Return how many positions and orders of somebody else the account has."""
    mine = select(func.count(DifferenceRow.id)).where(
        DifferenceRow.account == desk.account,
        DifferenceRow.status == DifferenceStatus.QUARANTINED,
    )
    return tx.scalar(mine) or 0
