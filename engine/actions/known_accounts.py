"""What is known of the accounts that the desk may trade, as their broker tells it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session as Transaction

from engine.actions.broker_trouble import account_troubles
from engine.actions.control import forget_live
from engine.desk import Desk
from engine.journal import record
from engine.surroundings import Accounts
from models.accounts import StoredAccount
from models.broker import AccountState
from models.vocabulary import Severity


def known_accounts(tx: Transaction) -> Sequence[StoredAccount]:
    """Return every account that was ever known, by name."""
    return tx.scalars(select(StoredAccount).order_by(StoredAccount.account)).all()


def keep_sight(
    tx: Transaction, desk: Desk, accounts: Accounts, account: str, seen: AccountState
) -> None:
    """Keep what a broker tells of an account; that it is another one than before is an alert."""
    row = _row(tx, accounts, account)
    before, row.number = row.number, seen.number or row.number
    trouble = next(account_troubles("Alpaca", seen), None)
    row.trouble = trouble.sentence if trouble else None
    row.equity = row.equity if seen.missing else seen.equity
    row.seen_at = desk.clock.now()
    if before not in {None, row.number}:
        _tell_of_another(tx, desk, row, before)


def keep_silence(tx: Transaction, accounts: Accounts, account: str, why: str) -> None:
    """Keep why an account could not be seen; what was seen before stays."""
    _row(tx, accounts, account).trouble = why


def keep_which_have_keys(tx: Transaction, accounts: Accounts) -> None:
    """Keep whose keys are not here any more."""
    tx.execute(
        update(StoredAccount)
        .where(StoredAccount.has_keys, StoredAccount.account.not_in(accounts.modes))
        .values(has_keys=False)
    )


def _row(tx: Transaction, accounts: Accounts, account: str) -> StoredAccount:
    """Return an account's row, with whose money it is now, new if it was not known."""
    row = tx.get(StoredAccount, account) or StoredAccount(account=account)
    row.mode, row.has_keys = accounts.modes[account], True
    tx.add(row)
    return row


def _tell_of_another(tx: Transaction, desk: Desk, row: StoredAccount, before: str | None) -> None:
    text = f"The keys of {row.account} open another account than before: {row.number}, not {before}"
    record(
        tx,
        desk.clock.now(),
        "alert",
        f"account:{row.account}",
        severity=Severity.WARNING,
        text=text,
        code="other_number",
    )
    if row.account == desk.account:
        forget_live(tx, desk.clock.now(), text)
