"""Keep what is known of the accounts: whose they are, and that each is still the same one."""

from __future__ import annotations

from engine.actions.control import forget_live
from engine.actions.known_accounts import keep_sight, keep_silence, keep_which_have_keys
from engine.desk import Desk
from engine.errors import DeskError
from engine.rules.risk import LIVE
from engine.surroundings import Accounts
from models.control import TradingState
from models.vocabulary import TradingMode


def know_account(desk: Desk) -> str | None:
    """Keep the number of the account that is traded, before anything is sent to it.

    Real money that was confirmed is so no more once something else was traded.
    """
    if desk.mode is not TradingMode.LIVE:
        _forget_live(desk)
    if desk.accounts is None:
        return None
    seen = desk.broker.account()
    with desk.db.write() as tx:
        keep_sight(tx, desk, desk.accounts, desk.account, seen)
    return None


def look_at_accounts(desk: Desk) -> str | None:
    """Ask each account that is stored beside the traded one, with its own keys."""
    if desk.accounts is None:
        return None
    others = [account for account in desk.accounts.modes if account != desk.account]
    for account in others:
        _look(desk, desk.accounts, account)
    with desk.db.write() as tx:
        keep_which_have_keys(tx, desk.accounts)
    return None


def _look(desk: Desk, accounts: Accounts, account: str) -> None:
    try:
        seen = accounts.ask(account)
    except DeskError as problem:
        with desk.db.write() as tx:
            keep_silence(tx, accounts, account, str(problem))
        return
    with desk.db.write() as tx:
        keep_sight(tx, desk, accounts, account, seen)


def _forget_live(desk: Desk) -> None:
    with desk.db.read() as tx:
        if tx.get(TradingState, LIVE) is None:
            return
    with desk.db.write() as tx:
        forget_live(tx, desk.clock.now(), f"the {desk.account} account is traded")
