"""The last resort: another account named while no engine runs, because none can be started.

That is so when the keys of the traded account are gone, or its broker does not know them any more.
"""

from __future__ import annotations

from sqlalchemy.orm import Session as Transaction

from engine.account_keys import slot_of
from engine.actions.audit import Entry, write_audit
from engine.actions.control import forget_live
from engine.actions.live_switch import count_open_orders, count_open_trades
from engine.actions.permissions import Actor, Permission, require
from engine.clock import wall_now
from engine.errors import InvalidRequestError
from engine.journal import record
from engine.lease import name_account, traded_account
from engine.settings import Settings
from models.database import Database
from models.vocabulary import Outcome, Severity


def use_account(db: Database, settings: Settings, actor: Actor, account: str, reason: str) -> None:
    """Let a paper account be traded from the next start on. Nobody is asked but our own books.

    Raises:
        ConfigurationError: its keys are not here.
        InvalidRequestError: it is live, or something is open in the books of the one before.
    """
    require(actor, Permission.SWITCH_ACCOUNT)
    if not settings.trading_as(account).alpaca_paper:
        raise InvalidRequestError(f"{account} is live: the Settings page leads to it, in two steps")
    before = traded_account(db) or settings.first_account
    with db.write() as tx:
        _refuse_if_open(tx, before)
        name_account(tx, slot_of(account))
        forget_live(tx, wall_now(), f"the {account} account is traded")
        entry = Entry("use_account", account, reason, {"account": before}, {"account": account})
        write_audit(tx, actor, entry, Outcome.DONE)
        record(
            tx,
            wall_now(),
            "account",
            account,
            severity=Severity.WARNING,
            text=f"{actor.name} let {account} be traded instead of {before}: {reason}",
            actor=actor.name,
            leaves=before,
        )


def _refuse_if_open(tx: Transaction, account: str) -> None:
    if count_open_trades(tx, account) or count_open_orders(tx, account):
        raise InvalidRequestError(
            f"positions or orders of {account} are open in the books: "
            "its engine has to run until they are closed"
        )
