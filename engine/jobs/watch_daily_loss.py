"""Stop entries when the day has lost what it may lose (features SAFE-4)."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from engine.actions.closing import cancel_entries, close_trades
from engine.actions.control import control_states, pause_for_loss
from engine.actions.permissions import SYSTEM
from engine.actions.trading_settings import settings_in_force
from engine.desk import Desk
from engine.journal import record
from engine.market_hours import Session
from engine.rules.amounts import dollars
from engine.rules.risk import DAILY_LOSS, loss_limit_reached
from models.accounts import AccountNow
from models.vocabulary import Control, ControlScope, ExitReason, Severity

_START = select(AccountNow.starting_equity).where(
    AccountNow.account == bindparam("account"), AccountNow.session == bindparam("session")
)


def watch_daily_loss(desk: Desk) -> str | None:
    """Compare the equity with the day's start; at the limit stop entries, and close if so set.

    That closing is the one exit that a pause of scope `exit` holds back: stops, the flatten before
    the bell, and what a person orders go on.
    """
    session = desk.session()
    if session is None or not session.opens_at <= desk.clock.now() < session.closes_at:
        return None
    with desk.db.read() as tx:
        states = control_states(tx, session.opens_at)
        reached = states.get(DAILY_LOSS) is Control.PAUSED
        start = tx.scalar(_START, {"account": desk.account, "session": session.day})
        risk = settings_in_force(tx).risk
    if start is None:
        return None
    if not reached:
        account = desk.broker.account()
        if account.missing or not loss_limit_reached(start, account.equity, risk.daily_loss_limit):
            return None  # an amount that is not told is no loss
        _stop(
            desk,
            session,
            f"equity {dollars(account.equity)} after {dollars(start)} at the start of the day",
        )
    waiting = cancel_entries(desk)
    closes = risk.flatten_on_loss_limit and states.get(ControlScope.EXIT) is not Control.PAUSED
    left = close_trades(desk, ExitReason.FLATTEN) if closes else 0
    return f"cancelling {waiting} entries, closing {left}" if waiting or left else None


def _stop(desk: Desk, session: Session, sentence: str) -> None:
    with desk.db.write() as tx:
        pause_for_loss(tx, desk, SYSTEM, f"The daily loss limit is reached: {sentence}")
        record(
            tx,
            desk.clock.now(),
            "alert",
            f"session:{session.day}",
            severity=Severity.CRITICAL,
            text=f"Daily loss limit reached: {sentence}. No more entries today.",
            code="daily_loss",
        )
