"""`bellwether account`: the stored accounts, and the last resort when an engine cannot start."""

from __future__ import annotations

import click

from engine.actions.account_by_hand import use_account
from engine.actions.known_accounts import known_accounts
from engine.cli.command import (
    DeskGroup,
    desk_settings,
    local_actor,
    open_database,
    prepare_database,
    refuse_if_engine_runs,
)
from engine.errors import ConfigurationError
from engine.lease import traded_account
from engine.rules.amounts import dollars
from engine.settings import BrokerName, Settings
from models.accounts import StoredAccount


@click.group(cls=DeskGroup)
def account() -> None:
    """Show the stored accounts, and name the traded one while no engine runs."""


@account.command(name="list")
def list_() -> None:
    """Show every account that the engine has seen, and which is traded."""
    settings = _alpaca_settings()
    with open_database(settings.database_url) as db:
        traded = traded_account(db) or settings.first_account
        with db.read() as tx:
            found = known_accounts(tx)
    for each in found:
        click.echo(_line(each, traded))


@account.command()
@click.argument("name")
@click.option("--reason", required=True, help="Why; it is kept in the audit.")
def use(name: str, reason: str) -> None:
    """Let a paper account be traded from the next start on, when the traded one cannot be.

    Switching is for the Settings page: there both brokers are asked whether anything is open.
    """
    settings = _alpaca_settings()
    with open_database(settings.database_url) as db:
        refuse_if_engine_runs(db)
        use_account(db, settings, local_actor(), name, reason)
    click.echo(f"{name} is traded from the next start on.")


def _alpaca_settings() -> Settings:
    settings = desk_settings()
    if settings.broker is not BrokerName.ALPACA:
        raise ConfigurationError("a simulated market has one account: BELLWETHER_BROKER=alpaca")
    prepare_database(settings)
    return settings


def _line(each: StoredAccount, traded: str) -> str:
    state = "traded" if each.account == traded else "stored" if each.has_keys else "no keys"
    equity = dollars(each.equity) if each.equity is not None else "unseen"
    return f"{each.account:16} {each.mode:6} {each.number or '-':14} {equity:>14} {state}"
