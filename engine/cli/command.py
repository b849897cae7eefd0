"""How every command fails: with one sentence on standard error, never with a traceback."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from sqlalchemy.exc import OperationalError

from engine.actions.permissions import Actor
from engine.errors import DeskError
from engine.settings import load_settings
from models.database import Database, DatabaseUnusableError, explain
from models.vocabulary import Role


class DeskCommand(click.Command):
    """A command whose expected failures become one sentence and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it."""
        try:
            return super().invoke(ctx)
        except (DeskError, DatabaseUnusableError) as problem:
            raise click.ClickException(str(problem)) from problem
        except OperationalError as problem:
            raise click.ClickException(explain(problem)) from problem


class DeskGroup(click.Group):
    """A group of such commands."""

    command_class = DeskCommand


def local_actor() -> Actor:
    """Return who sits at this computer: whoever may run commands here may do everything."""
    return Actor(f"cli:{getpass.getuser()}", Role.ADMIN)


@contextmanager
def opened_database() -> Iterator[Database]:
    """Open the desk's database, its schema up to date."""
    db = Database(load_settings().database_url)
    try:
        db.upgrade()
        yield db
    finally:
        db.close()
