"""`bellwether flatten --direct`: the account at Alpaca closed with nothing but its keys."""

from __future__ import annotations

import threading
from collections.abc import Callable

import click

from engine.alpaca_account import flatten_account
from engine.cli.command import desk_settings
from engine.clock import stopwatch
from engine.errors import DeskError
from engine.settings import BrokerName

PAUSE_SECONDS = 1.0


def flatten_by_keys(seconds: float, account: str | None) -> None:
    """Close everything, round by round, and say what is left after each.

    Without a database nobody knows which of several accounts is traded: it has to be said.

    Raises:
        DeskError: something is left when the time is up, or it is not clear where.
    """
    settings = desk_settings()
    if settings.broker is not BrokerName.ALPACA:
        raise DeskError("--direct closes an account at Alpaca; BELLWETHER_BROKER is not alpaca")
    names = [settings.first_account, *(each.name for each in settings.alpaca_accounts)]
    if account is None and len(names) > 1:
        raise DeskError(f"say with --account which account to close: {', '.join(names)}")
    settings = settings.trading_as(account or names[0])
    last = "nothing was answered"
    for news in flatten_account(settings, _until(seconds)):
        last = news if isinstance(news, str) else f"{news.orders} orders, {_held(news.symbols)}"
        click.echo(last)
        if not isinstance(news, str) and news.is_flat:
            click.echo("Flat: verified at the broker.")
            return
    raise DeskError(f"the account is NOT flat: {last}")


def _held(symbols: tuple[str, ...]) -> str:
    return f"holding {', '.join(symbols)}" if symbols else "nothing held"


def _until(seconds: float) -> Callable[[], bool]:
    """Return what pauses between two rounds, and says when the time is up."""
    ends_at = stopwatch() + seconds

    def wait() -> bool:
        if stopwatch() >= ends_at:
            return False
        threading.Event().wait(PAUSE_SECONDS)
        return True

    return wait
