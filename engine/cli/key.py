"""`bellwether key`: the ways in for programs."""

from __future__ import annotations

from datetime import timedelta

import click

from engine.actions import keys
from engine.cli.command import DeskGroup, local_actor
from engine.cli.desk import open_desk
from engine.clock import wall_now
from models.people import ApiKey
from models.vocabulary import Role

ROLE = click.Choice([str(role) for role in Role])


@click.group(cls=DeskGroup)
def key() -> None:
    """Make API keys, see their use, and end them."""


@key.command()
@click.argument("name")
@click.option("--role", type=ROLE, default=str(Role.VIEWER), show_default=True)
@click.option("--days", type=click.IntRange(min=1), help="Days until it ends; never by default.")
def create(name: str, role: str, days: int | None) -> None:
    """Make a key and print it, this once."""
    expires_at = wall_now() + timedelta(days=days) if days else None
    with open_desk() as desk:
        made = keys.create_key(desk, local_actor(), name, Role(role), expires_at)
    click.echo(f"{made.secret}")
    click.echo(f"{name} opens the API as {role}; the key is shown this once", err=True)


@key.command()
@click.argument("name")
def revoke(name: str) -> None:
    """End a key at once."""
    with open_desk() as desk:
        keys.revoke_key(desk, local_actor(), name)
    click.echo(f"{name} opens nothing any more")


@key.command(name="list")
def list_() -> None:
    """Show every key, its role, its end and its last use (UTC)."""
    with open_desk() as desk:
        found = keys.list_keys(desk, local_actor())
    for each in found:
        click.echo(_line(each))


def _line(each: ApiKey) -> str:
    used = "never used"
    if each.last_used_at is not None:
        used = f"used {each.last_used_at:%Y-%m-%d %H:%M} from {each.last_used_from}"
    return f"{each.name:24} {each.start}… {each.role:9} {_state(each):18} {used}"


def _state(each: ApiKey) -> str:
    if each.revoked_at is not None:
        return "revoked"
    if each.expires_at is None:
        return "no end"
    return f"{'until' if keys.is_usable(each) else 'ended'} {each.expires_at:%Y-%m-%d}"
