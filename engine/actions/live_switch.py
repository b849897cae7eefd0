"""The live switch: real money is traded only after an admin has confirmed it in two steps.

1. `propose_live` says what will happen and returns it sealed, for this person and login alone.
2. `confirm_live` takes the seal back soon after, with the words typed and the password shown again.

The engine's gate (`rules.risk.blocked_by_control`) sends no entry before that.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Transaction

from engine.actions.control import control_states, switch_live
from engine.actions.deeds import doing
from engine.actions.permissions import Actor, Permission
from engine.actions.trading_settings import settings_in_force
from engine.actions.two_steps import check_step, check_words, seal_step
from engine.actions.vault import Vault
from engine.desk import Desk
from engine.errors import InvalidRequestError
from engine.rules.risk import LIVE
from models.accounts import AccountNow, StoredAccount
from models.statuses import OPEN_ORDER_STATUSES
from models.trading import Order, Trade
from models.trading_settings import RiskSettings
from models.vocabulary import Control, TradeStatus, TradingMode


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveFacts:
    """What trading real money means for this account now."""

    mode: TradingMode
    account: str
    number: str | None  # the broker's, None while it has not been seen
    is_on: bool
    is_halted: bool
    equity: Decimal | None
    open_positions: int
    open_orders: int
    risk: RiskSettings
    versions: tuple[int, int]  # of the strategy and risk settings

    @property
    def words(self) -> str:
        """Return what has to be typed."""
        return f"trade real money in {self.account} {self.number}"

    @property
    def sealed(self) -> tuple[object, ...]:
        """Return what has to be the same in both steps."""
        return (self.account, self.number, *self.versions)

    @property
    def obstacle(self) -> str | None:
        """Say why it cannot be switched on, None if it can."""
        if self.mode is not TradingMode.LIVE:
            return f"this desk trades {self.mode}: set ALPACA_PAPER=false and start it again"
        if self.number is None:
            return "the account's number has not been seen yet: its broker has not answered"
        if self.is_on:
            return "real money is being traded already"
        if self.open_positions or self.open_orders:
            return "positions or orders are open: switching waits until there are none"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveProposal:
    """What will happen, and the seal that the confirmation brings back."""

    facts: LiveFacts
    sealed: str


def live_facts(tx: Transaction, desk: Desk) -> LiveFacts:
    """Return what trading real money means now."""
    states, now = control_states(tx, None), settings_in_force(tx)
    account, stored = tx.get(AccountNow, desk.account), tx.get(StoredAccount, desk.account)
    return LiveFacts(
        mode=desk.mode,
        account=desk.account,
        number=stored.number if stored else None,
        is_on=states.get(LIVE) is Control.ACTIVE,
        is_halted=Control.HALTED in states.values(),
        equity=account.equity if account else None,
        open_positions=count_open_trades(tx, desk.account),
        open_orders=count_open_orders(tx, desk.account),
        risk=now.risk,
        versions=(now.strategy_version, now.risk_version),
    )


def propose_live(desk: Desk, vault: Vault, actor: Actor, reason: str) -> LiveProposal:
    """Say what would happen; nothing is switched.

    Raises:
        InvalidRequestError: it cannot be switched on now.
    """
    may = Permission.SWITCH_LIVE
    with doing(desk, actor, may, "propose_live", target=LIVE, reason=reason) as deed:
        facts = _switchable(deed.tx, desk)
        return LiveProposal(facts=facts, sealed=seal_step(vault, actor, *facts.sealed))


def confirm_live(
    desk: Desk, vault: Vault, actor: Actor, sealed: str, words: str, reason: str
) -> None:
    """Let the engine trade real money: the second step.

    Raises:
        NotProvenError: the password was not shown again.
        InvalidRequestError: the seal is not the actor's, or too old; what it said is no longer so;
            the words are others; or it cannot be switched on now.
    """
    may = Permission.SWITCH_LIVE
    with doing(desk, actor, may, "confirm_live", target=LIVE, reason=reason) as deed:
        facts = _switchable(deed.tx, desk)
        check_step(vault, actor, sealed, *facts.sealed, changed="the settings have changed")
        check_words(words, facts.words)
        switch_live(deed, desk, actor, Control.ACTIVE)


def end_live(desk: Desk, actor: Actor, reason: str) -> None:
    """Send no more entries with real money. Stopping is the safe side: operators may."""
    with doing(desk, actor, Permission.KILL, "end_live", target=LIVE, reason=reason) as deed:
        if control_states(deed.tx, None).get(LIVE) is not Control.ACTIVE:
            raise InvalidRequestError("no real money is being traded")
        switch_live(deed, desk, actor, Control.PAUSED)


def _switchable(tx: Transaction, desk: Desk) -> LiveFacts:
    facts = live_facts(tx, desk)
    if facts.obstacle is not None:
        raise InvalidRequestError(facts.obstacle)
    return facts


def count_open_trades(tx: Transaction, account: str) -> int:
    """Return how many positions of an account are open in our books."""
    counted = select(func.count()).where(Trade.account == account, Trade.status == TradeStatus.OPEN)
    return tx.scalar(counted) or 0


def count_open_orders(tx: Transaction, account: str) -> int:
    """Return how many of its orders are intended or may still trade."""
    counted = select(func.count()).where(
        Order.account == account, Order.status.in_(OPEN_ORDER_STATUSES)
    )
    return tx.scalar(counted) or 0
