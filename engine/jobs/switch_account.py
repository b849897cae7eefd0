"""Leave one account and let another be traded: by the engine, between two of its rounds."""

from __future__ import annotations

from engine.actions.account_switch import hand_over
from engine.actions.known_accounts import keep_sight
from engine.actions.two_steps import GOOD_FOR
from engine.desk import Desk
from engine.errors import InvalidRequestError, NotTheEngineError
from engine.jobs.reconcile import reconcile
from engine.surroundings import Accounts
from models.control import Command


def switch_account(desk: Desk, command: Command) -> str | None:
    """Hand over to the engine of another account; that one answers when it is there.

    1. If this is the new account's engine already, it has come to pass.
    2. Compare the books of the account that is left with its broker's once more.
    3. Ask the other account, with its own keys, whether it is the one that was confirmed.
    4. In one transaction: look whether anything is open, name the account, end this engine's lease.
       Killed before it, the old account is traded; after it, the new one, and never both.
    """
    account = str(command.body["account"])
    if desk.account == account:
        return f"{account} ({command.body['number']}) is traded from now on."
    accounts = _refuse_if_too_late(desk, command)
    reconcile(desk)
    _check_number(desk, accounts, command)
    with desk.db.write() as tx:
        hand_over(tx, desk, command)
    desk.lease.release()
    raise NotTheEngineError(f"{account} is traded from now on")


def _refuse_if_too_late(desk: Desk, command: Command) -> Accounts:
    """Refuse what was asked for long ago, or of another account: it may not be meant any more."""
    if desk.accounts is None or desk.account != command.body["leaves"]:
        raise InvalidRequestError(
            f"{command.body['leaves']} is not traded any more: nothing is left"
        )
    if desk.clock.now() - command.requested_at > GOOD_FOR:
        raise InvalidRequestError("it was asked for too long ago; ask again")
    return desk.accounts


def _check_number(desk: Desk, accounts: Accounts, command: Command) -> None:
    account, number = str(command.body["account"]), command.body["number"]
    seen = accounts.ask(account)
    with desk.db.write() as tx:
        keep_sight(tx, desk, accounts, account, seen)
    if seen.number != number:
        raise InvalidRequestError(f"the keys of {account} open {seen.number}, not {number}")
    if not seen.can_trade or seen.missing:
        raise InvalidRequestError(f"{account} may not be traded at its broker")
