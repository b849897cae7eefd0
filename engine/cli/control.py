"""`bellwether kill`, `resume`, `flatten`, `scan`, `sync`: the engine's work asked for by hand."""

from __future__ import annotations

from collections.abc import Callable

import click

from engine.actions import control
from engine.actions.permissions import Actor
from engine.cli.answers import wait_for_answer
from engine.cli.command import DeskCommand, live_engine, local_actor
from engine.cli.desk import open_desk
from engine.cli.direct import flatten_by_keys
from engine.cli.dry_scan import dry_scan
from engine.desk import Desk
from engine.errors import DeskError
from models.vocabulary import Control, ControlScope

Request = Callable[[Desk, Actor, str], int]

BY_HAND = "from the command line"
STORED = "No engine is running: the state is stored, and the next engine obeys it."

reason_option = click.option(
    "--reason", default=BY_HAND, show_default=True, help="Why; it is kept in the journal."
)
wait_option = click.option(
    "--wait",
    "seconds",
    type=click.FloatRange(min=0),
    default=60,
    show_default=True,
    help="Seconds to wait for the engine's answer.",
)


@click.command(cls=DeskCommand)
@click.option("--reason", required=True, help="Why; it is kept in the journal.")
@wait_option
def kill(reason: str, seconds: float) -> None:
    """Throw the kill switch: no new orders, every open entry cancelled. Stops stay."""
    with open_desk() as desk:
        number = control.kill(desk, local_actor(), reason)
        click.echo("The kill switch is on.")
        if live_engine(desk.db) is None:
            click.echo(STORED)
        else:
            click.echo(wait_for_answer(desk.db, number, seconds))


@click.command(cls=DeskCommand)
@reason_option
def resume(reason: str) -> None:
    """Lift the kill switch and end every pause that a person set."""
    with open_desk() as desk:
        if not (lifted := _resume(desk, reason)):
            click.echo("Nothing was paused.")
            return
        click.echo(f"Active again: {', '.join(lifted)}.")
        if live_engine(desk.db) is None:
            click.echo(STORED)


@click.command(cls=DeskCommand)
@click.option(
    "--direct",
    is_flag=True,
    help="Without engine and database: cancel and close all that the account at Alpaca holds.",
)
@click.option("--account", help="With --direct: which of several stored accounts.")
@reason_option
@wait_option
def flatten(reason: str, seconds: float, account: str | None, *, direct: bool) -> None:
    """Cancel every entry and close every position now."""
    if account is not None and not direct:
        raise click.UsageError("--account goes with --direct; the engine closes what it trades")
    if direct:
        flatten_by_keys(seconds, account)
    else:
        _ask_engine(control.flatten, reason, seconds)


@click.command(cls=DeskCommand)
@click.option("--dry-run", is_flag=True, help="Show what a scan would find; change nothing.")
@reason_option
@wait_option
def scan(reason: str, seconds: float, *, dry_run: bool) -> None:
    """Scan today's opening range now, if it has not been."""
    if not dry_run:
        _ask_engine(control.scan, reason, seconds)
        return
    with open_desk() as desk:
        for line in dry_scan(desk):
            click.echo(line)


@click.command(cls=DeskCommand)
@reason_option
@wait_option
def sync(reason: str, seconds: float) -> None:
    """Fetch the daily bars that are missing."""
    _ask_engine(control.sync, reason, seconds)


def _ask_engine(request: Request, reason: str, seconds: float) -> None:
    """Ask for something that only makes sense now: without an engine nothing is stored."""
    with open_desk() as desk:
        if live_engine(desk.db) is None:
            raise DeskError("no engine is running to do this; nothing was asked")
        number = request(desk, local_actor(), reason)
        click.echo(wait_for_answer(desk.db, number, seconds))


def _resume(desk: Desk, reason: str) -> list[str]:
    with desk.db.read() as tx:
        states = control.control_states(tx, None)
    lifted = []
    for scope in ControlScope:
        state = states.get(scope, Control.ACTIVE)
        if state is Control.HALTED:
            control.lift_kill(desk, local_actor(), reason)
        elif state is Control.PAUSED:
            control.resume(desk, local_actor(), scope, reason)
        if state is not Control.ACTIVE:
            lifted.append(f"{scope} ({'killed' if state is Control.HALTED else 'paused'} before)")
    return lifted
