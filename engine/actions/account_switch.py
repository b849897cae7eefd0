"""Which of the stored accounts is traded: asked for in two steps, carried out by the engine.

1. `propose_switch` says what will change and returns it sealed, for this person and login alone.
2. `confirm_switch` takes the seal back soon after, with the password shown again and, for a live
   account, the words typed; it stores the command. Nothing has changed yet.
3. The engine (jobs/switch_account.py) asks both brokers, and names the new account in the
   transaction that takes the lease from itself. Every process then begins anew for that account.

Switching to a live account sends nothing by itself: real money is confirmed after it, and what was
confirmed before ends here.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session as Transaction

from engine.account_keys import slot_of
from engine.actions.account_obstacles import (
    left_alone,
    why_not_leave,
    why_not_now,
    why_not_take,
)
from engine.actions.control import ask_engine, control_states, forget_live
from engine.actions.deeds import doing
from engine.actions.permissions import Actor, Permission
from engine.actions.two_steps import Confirmation, check_step, check_words, seal_step
from engine.actions.vault import Vault
from engine.desk import Desk
from engine.errors import InvalidRequestError, NotFoundError
from engine.journal import record
from engine.rules.risk import LIVE
from models.accounts import StoredAccount
from models.control import Command
from models.vocabulary import (
    CommandKind,
    Control,
    Severity,
    TradingMode,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchFacts:
    """What trading another account will change."""

    leaves: StoredAccount
    takes: StoredAccount
    ends_live: bool  # real money is confirmed now, and will not be any more
    is_halted: bool
    left_alone: int  # what somebody else has in the account that is left

    @property
    def words(self) -> str | None:
        """Return what has to be typed, None where no real money is near."""
        if self.takes.mode is not TradingMode.LIVE:
            return None
        return f"switch to live {self.takes.account} {self.takes.number}"

    @property
    def sealed(self) -> tuple[object, ...]:
        """Return what has to be the same in both steps."""
        pair = (self.leaves, self.takes)
        return tuple(each for one in pair for each in (one.account, one.mode, one.number))


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchProposal:
    """What will change, and the seal that the confirmation brings back."""

    facts: SwitchFacts
    sealed: str


def propose_switch(
    desk: Desk, vault: Vault, actor: Actor, account: str, reason: str
) -> SwitchProposal:
    """Say what trading another account would change; nothing changes.

    Raises:
        NotFoundError: there is no such account.
        InvalidRequestError: it cannot be traded now.
    """
    may = Permission.SWITCH_ACCOUNT
    with doing(desk, actor, may, "propose_account", target=account, reason=reason) as deed:
        facts = _switchable(deed.tx, desk, account)
        return SwitchProposal(facts=facts, sealed=seal_step(vault, actor, *facts.sealed))


def confirm_switch(
    desk: Desk, vault: Vault, actor: Actor, account: str, said: Confirmation, reason: str
) -> int:
    """Ask the engine to trade another account: the second step; return the command's number.

    Raises:
        NotProvenError: the password was not shown again.
        InvalidRequestError: the seal is not the actor's, or too old; what it said is no longer so;
            the words are others; or the account cannot be traded now.
    """
    may = Permission.SWITCH_ACCOUNT
    with doing(desk, actor, may, "switch_account", target=account, reason=reason) as deed:
        facts = _switchable(deed.tx, desk, account)
        check_step(vault, actor, said.sealed, *facts.sealed, changed="something has changed")
        check_words(said.words, facts.words or said.words)
        deed.entry.before = {"account": facts.leaves.account, "number": facts.leaves.number}
        about = {"account": account, "number": facts.takes.number, "leaves": desk.account}
        return ask_engine(deed, desk, actor, CommandKind.SWITCH_ACCOUNT, **about)


def hand_over(tx: Transaction, desk: Desk, command: Command) -> None:
    """Name the account to be traded, in one transaction with the end of this engine's lease.

    Raises:
        NotTheEngineError: another engine took over.
        InvalidRequestError: something is open, or not explained.
    """
    account = str(command.body["account"])
    desk.lease.hand_over(tx, slot_of(account))
    if obstacle := why_not_leave(tx, desk):
        raise InvalidRequestError(obstacle)
    forget_live(tx, desk.clock.now(), f"the {account} account is traded")
    record(
        tx,
        desk.clock.now(),
        "account",
        account,
        severity=Severity.WARNING,
        text=f"{command.actor} let {account} ({command.body['number']}) be traded instead of "
        f"{desk.account}: {command.reason}",
        actor=command.actor,
        leaves=desk.account,
        number=command.body["number"],
    )


def _switchable(tx: Transaction, desk: Desk, account: str) -> SwitchFacts:
    if desk.accounts is None:
        raise InvalidRequestError("a simulated market has but one account")
    if account == desk.account:
        raise InvalidRequestError(f"{account} is traded already")
    leaves, takes = tx.get(StoredAccount, desk.account), tx.get(StoredAccount, account)
    if takes is None:
        raise NotFoundError(f"no account is called {account}")
    if leaves is None:
        raise InvalidRequestError(f"{desk.account} has not been seen yet: is the engine running?")
    obstacle = why_not_take(takes, leaves) or why_not_leave(tx, desk) or why_not_now(tx)
    if obstacle is not None:
        raise InvalidRequestError(obstacle)
    for seen in (leaves, takes):
        tx.expunge(seen)  # what the first step said stays as it was said
    states = control_states(tx, None)
    return SwitchFacts(
        leaves=leaves,
        takes=takes,
        ends_live=states.get(LIVE) is Control.ACTIVE,
        is_halted=Control.HALTED in states.values(),
        left_alone=left_alone(tx, desk),
    )
