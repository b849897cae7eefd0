"""`bellwether bots`: the other bots that the desk watches."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy.orm import Session as Transaction

from engine.actions.bots import Wanted, add_bot, remove_bot, watched_bots
from engine.cli.command import DeskGroup, local_actor
from engine.cli.desk import open_desk
from models.bots import Bot, BotState
from models.vocabulary import BotHealth, BotKind

KIND = click.Choice([str(kind) for kind in BotKind])


@click.group(cls=DeskGroup)
def bots() -> None:
    """Watch other bots: Big Dipper by its log, the delta-neutral bot by its address."""


@bots.command()
@click.argument("name")
@click.argument("kind", type=KIND)
@click.argument("place")
@click.option("--config", type=click.Path(), help="The dip bot's config.py; read, never run.")
@click.option("--zone", default="UTC", show_default=True, help="Of times in the log without one.")
def add(name: str, kind: str, place: str, config: str | None, zone: str) -> None:
    """Watch the bot NAME: a `dip` bot whose log is PLACE, or a `funding` bot at the URL PLACE.

    A funding bot's key is read from BELLWETHER_BOT_KEY_<NAME>, or the file that
    BELLWETHER_BOT_KEY_<NAME>_FILE names; a - in the name is a _ there.
    """
    is_file = BotKind(kind) is BotKind.DIP
    wanted = Wanted(
        name=name,
        kind=BotKind(kind),
        place=_absolute(place) if is_file else place.rstrip("/"),
        config=_absolute(config) if config else None,
        zone=zone,
    )
    with open_desk() as desk:
        number = add_bot(desk, local_actor(), wanted)
    click.echo(f"{name} is watched; its page is /bots/{number}")
    if is_file and not Path(wanted.place).exists():
        click.echo(f"There is nothing at {wanted.place} yet.", err=True)


@bots.command()
@click.argument("name")
def remove(name: str) -> None:
    """Watch a bot no more; what it told is kept."""
    with open_desk() as desk:
        remove_bot(desk, local_actor(), name)
    click.echo(f"{name} is not watched any more")


@bots.command(name="list")
def list_() -> None:
    """Show every bot, where it is, and how it was when the desk last looked (UTC)."""
    with open_desk() as desk, desk.db.read() as tx:
        for bot in watched_bots(tx):
            click.echo(_line(tx, bot))


def _line(tx: Transaction, bot: Bot) -> str:
    state = tx.get(BotState, bot.id)
    health = state.health if state is not None else BotHealth.UNKNOWN
    heard = "never heard of"
    if state is not None and state.heard_at is not None:
        heard = f"heard of {state.heard_at:%Y-%m-%d %H:%M:%S}"
    return f"{bot.id:3} {bot.name:24} {bot.kind:8} {health:8} {heard:30} {bot.place}"


def _absolute(path: str) -> str:
    return str(Path(path).absolute())
