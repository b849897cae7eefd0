"""The accounts that the desk knows, and the last time that somebody asked for another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from engine.actions.known_accounts import known_accounts
from engine.desk import Desk
from models.accounts import StoredAccount
from models.control import Command
from models.vocabulary import CommandKind, TradingMode


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """One stored account as its broker last told of it."""

    account: str
    mode: TradingMode
    number: str | None
    equity: Decimal | None
    seen_at: datetime | None
    trouble: str | None
    has_keys: bool
    is_traded: bool


def account_lines(tx: Transaction, desk: Desk) -> Sequence[AccountLine]:
    """Return every account by name; a simulated market stores none."""
    return [
        AccountLine(
            account=row.account,
            mode=row.mode,
            number=row.number,
            equity=row.equity,
            seen_at=row.seen_at,
            trouble=row.trouble,
            has_keys=row.has_keys,
            is_traded=row.account == desk.account,
        )
        for row in known_accounts(tx)
    ]


def traded_number(tx: Transaction, desk: Desk) -> str | None:
    """Return the broker's number of the traded account, None where none has been seen."""
    stored = tx.get(StoredAccount, desk.account)
    return stored.number if stored else None


def account_text(desk: Desk, number: str | None) -> str:
    """Return what pages call the traded account: its number, and a name that is not the mode's."""
    name = None if desk.account == desk.mode else desk.account
    return " \N{MIDDLE DOT} ".join(filter(None, (name, number)))


def last_switch(tx: Transaction) -> Command | None:
    """Return the newest request to trade another account."""
    asked = select(Command).where(Command.kind == CommandKind.SWITCH_ACCOUNT)
    return tx.scalars(asked.order_by(Command.id.desc()).limit(1)).first()
