"""What is wrong at the broker: asked by `bellwether check`, told by the engine, shown on pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from engine.desk import Desk
from engine.errors import DeskError
from models.broker import AccountState, Refusal
from models.trading import Trade
from models.vocabulary import TradeStatus, TradingMode

LARGEST_SKEW = timedelta(seconds=2)
PROBED = "SPY"  # what everybody has prices of


def broker_troubles(desk: Desk) -> Iterator[Refusal]:
    """Yield what keeps the desk from trading at its broker: the keys, the account, clock, data."""
    try:
        account = desk.broker.account()
    except DeskError as problem:
        yield Refusal("broker", f"{desk.broker.name} does not answer: {problem}")
        return
    yield from account_troubles(desk.broker.name, account)
    yield from other_account_troubles(desk)
    yield from _clock_troubles(desk)
    yield from _data_troubles(desk)


def account_troubles(broker: str, account: AccountState) -> Iterator[Refusal]:
    """Yield why an account cannot be trusted with an entry."""
    if account.missing:
        names = ", ".join(account.missing)
        yield Refusal("account_unreadable", f"{broker} does not tell the account's {names}.")
    if not account.can_trade:
        yield Refusal("account", f"{broker} does not let this account trade.")


def other_account_troubles(desk: Desk) -> Iterator[Refusal]:
    """Yield a trouble for each other real account in whose books positions are open.

    The desk was switched while it held them: nobody follows them now.
    """
    with desk.db.read() as tx:
        held = tx.scalars(
            select(Trade.account)
            .where(Trade.status == TradeStatus.OPEN, Trade.account != desk.account)
            .where(Trade.account != TradingMode.SIMULATED.value)
            .distinct()
        ).all()
    for account in held:
        sentence = f"Positions of the {account} account are open: switch back and close them."
        yield Refusal("other_account", sentence)


def is_skewed(skew: timedelta, speed: float) -> bool:
    """Say whether the broker's clock differs by more than a fast clock explains."""
    return abs(skew) > LARGEST_SKEW * max(1.0, speed)


def _clock_troubles(desk: Desk) -> Iterator[Refusal]:
    try:
        skew = desk.broker.clock_skew()
    except DeskError as problem:
        yield Refusal("clock", f"The broker's clock cannot be read: {problem}")
        return
    if is_skewed(skew, desk.clock.speed):
        seconds = skew.total_seconds()
        yield Refusal("clock_skew", f"The broker's clock differs by {seconds:+.1f} seconds.")


def _data_troubles(desk: Desk) -> Iterator[Refusal]:
    try:
        desk.data.marks([PROBED])
    except DeskError as problem:
        yield Refusal("data", f"{desk.data.feed} feed: {problem}")
