"""Close every position before the bell, and prove it."""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session as Transaction

from engine.actions.bookkeeping import live_orders
from engine.actions.closing import cancel_entries, close_trades, is_due, still_held
from engine.desk import Desk
from engine.journal import record
from engine.rules.flatten import is_time_to_flatten
from models.journal import JournalRow
from models.trading import Trade
from models.vocabulary import ExitReason, OrderPurpose, Severity, TradeStatus

FLAT: Final = "flat"
NOT_FLAT = "not_flat"
LAST_MINUTE_SECONDS = 60

_LEFT = (
    select(Trade.id)
    .where(
        Trade.account == bindparam("account"),
        Trade.status == TradeStatus.OPEN,
        Trade.session < bindparam("before"),
    )
    .limit(1)
)
_PROVEN = (
    select(JournalRow.seq)
    .where(JournalRow.kind == FLAT, JournalRow.scope == bindparam("scope"))
    .limit(1)
)


def flatten_positions(desk: Desk) -> str | None:
    """Bring to zero what is open past its session's `flatten_at`.

    1. Cancel entries that still wait.
    2. Close the trades, step by step; each run goes on where the last one was.
    3. When nothing is left, ask the broker and write down that the account is flat.

    Runs every second rather than once at 3:55, so a process that was down at 3:55 and up at 3:56
    still flattens; what was held over the close is closed at the next open.
    """
    due = _due(desk)
    if not due:
        return None
    over = _entry_symbols(desk)
    waiting = cancel_entries(desk, lambda order: order.symbol in over)
    left = close_trades(desk, ExitReason.FLATTEN, lambda trade: is_due(desk, trade))
    if waiting or left:
        _warn_in_the_last_minute(desk, left)
        return f"closing {left} positions, cancelling {waiting} entries"
    return _prove(desk)


def _due(desk: Desk) -> bool:
    """Say whether anything is open past its time, or today's flatness is not yet proven."""
    session = desk.session()
    over = session is not None and is_time_to_flatten(desk.clock.now(), session.flatten_at)
    before = date.max if session is None or over else session.day
    with desk.db.read() as tx:
        if tx.execute(_LEFT, {"account": desk.account, "before": before}).first() is not None:
            return True
        return over and tx.execute(_PROVEN, {"scope": _scope(desk)}).first() is None


def _entry_symbols(desk: Desk) -> set[str]:
    """Return the symbols whose entries wait past their session's end of entries."""
    now = desk.clock.now()
    with desk.db.read() as tx:
        entries = [o for o in live_orders(tx, desk) if o.purpose is OrderPurpose.ENTRY]
    sessions = {o.session: desk.hours.session_on(o.session) for o in entries}
    return {
        o.symbol
        for o in entries
        if (session := sessions[o.session]) is None or now >= session.entries_until
    }


def _prove(desk: Desk) -> str | None:
    """Ask the broker itself whether anything that the desk answers for is held."""
    session = desk.session()
    if session is None or not is_time_to_flatten(desk.clock.now(), session.flatten_at):
        return None  # what was carried over is sold; today's flatness is proven tonight
    held = still_held(desk)
    if held:
        _warn_in_the_last_minute(desk, len(held))
        return f"the broker still holds {', '.join(held)}"
    with desk.db.write() as tx:
        record(
            tx,
            desk.clock.now(),
            FLAT,
            _scope(desk),
            text="Flat: nothing is held, verified at the broker",
        )
    return "flat, verified at the broker"


def _warn_in_the_last_minute(desk: Desk, left: int) -> None:
    session = desk.session()
    if session is None or not left:
        return
    if (session.closes_at - desk.clock.now()).total_seconds() > LAST_MINUTE_SECONDS:
        return
    with desk.db.write() as tx:
        if _is_told(tx, desk):  # an alert every second is one that nobody reads
            return
        record(
            tx,
            desk.clock.now(),
            "alert",
            _scope(desk),
            severity=Severity.CRITICAL,
            text=f"NOT FLAT: {left} positions are open a minute before the close",
            code=NOT_FLAT,
        )


def _is_told(tx: Transaction, desk: Desk) -> bool:
    alerts = tx.scalars(
        select(JournalRow.body).where(JournalRow.kind == "alert", JournalRow.scope == _scope(desk))
    )
    return any(body.get("code") == NOT_FLAT for body in alerts)


def _scope(desk: Desk) -> str:
    session = desk.session()
    return f"session:{desk.account}:{session.day if session else ''}"
