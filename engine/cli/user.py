"""`bellwether user`: who may log in."""

from __future__ import annotations

import sys

import click

from engine.actions import people
from engine.cli.command import DeskGroup, local_actor
from engine.cli.desk import open_desk
from models.people import User
from models.vocabulary import Role

ROLE = click.Choice([str(role) for role in Role])

password_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password's line from standard input."
)


@click.group(cls=DeskGroup)
def user() -> None:
    """Add people, and change what they may do."""


@user.command()
@click.argument("name")
@click.option("--role", type=ROLE, default=str(Role.VIEWER), show_default=True)
@password_stdin
def add(name: str, role: str, *, password_stdin: bool) -> None:
    """Add somebody who may log in."""
    password = _password(from_stdin=password_stdin)
    with open_desk() as desk:
        people.add_user(desk, local_actor(), name, Role(role), password)
    click.echo(f"{name.casefold()} can log in as {role}")


@user.command()
@click.argument("name")
@password_stdin
def passwd(name: str, *, password_stdin: bool) -> None:
    """Give somebody a new password; every session of theirs ends."""
    password = _password(from_stdin=password_stdin)
    with open_desk() as desk:
        people.set_password(desk, local_actor(), name, password)
    click.echo(f"{name.casefold()} has a new password; every session of theirs has ended")


@user.command()
@click.argument("name")
@click.argument("role", type=ROLE)
def role(name: str, role: str) -> None:
    """Give somebody another role; every session of theirs ends."""
    with open_desk() as desk:
        people.set_role(desk, local_actor(), name, Role(role))
    click.echo(f"{name.casefold()} is {role} now")


@user.command()
@click.argument("name")
def disable(name: str) -> None:
    """Let somebody log in no more; every session of theirs ends."""
    with open_desk() as desk:
        people.disable_user(desk, local_actor(), name)
    click.echo(f"{name.casefold()} can no longer log in")


@user.command(name="list")
def list_() -> None:
    """Show everybody, their role and their last login (UTC)."""
    with open_desk() as desk:
        users = people.list_users(desk, local_actor())
    for each in users:
        click.echo(_line(each))


def _line(each: User) -> str:
    state = each.role if each.is_active else "disabled"
    last = f"{each.last_login_at:%Y-%m-%d %H:%M}" if each.last_login_at else "never logged in"
    return f"{each.name:24} {state:9} {last}"


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask on; give --password-stdin")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password
