"""What the commands share: how they fail, who asks, and on which desk."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from engine.actions.permissions import Actor
from engine.clock import wall_now
from engine.errors import DeskError
from engine.logs import configure_logs
from engine.settings import Settings, load_settings
from models.control import EngineLease
from models.database import Database, DatabaseUnusableError, explain
from models.vocabulary import Role, Way


class DeskCommand(click.Command):
    """A command whose expected failures become one sentence and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it; what goes wrong on the way is told in the sentence alone."""
        configure_logs(level="CRITICAL", as_json=False)
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
    return Actor(f"cli:{getpass.getuser()}", Role.ADMIN, Way.COMMAND_LINE)


@contextmanager
def open_database(url: str) -> Iterator[Database]:
    """Open a database as it is, and close it."""
    db = Database(url)
    try:
        yield db
    finally:
        db.close()


def prepare_database(settings: Settings) -> None:
    """Bring the desk's database up to date and make sure that it can be written.

    Raises:
        DatabaseUnusableError: it cannot; the message says why.
    """
    with open_database(settings.database_url) as db:
        db.upgrade()
        db.check_writable()


def live_engine(db: Database) -> str | None:
    """Return who holds the engine's lease now, None when there is no engine."""
    with db.read() as tx:
        lease = tx.scalars(select(EngineLease)).one_or_none()
    return lease.holder if lease is not None and lease.expires_at > wall_now() else None


def refuse_if_engine_runs(db: Database) -> None:
    """Leave a database alone that an engine is trading on.

    Raises:
        DeskError: there is one.
    """
    if holder := live_engine(db):
        raise DeskError(f"an engine is running on this database ({holder}); stop it first")


def desk_settings() -> Settings:
    """Read the settings: environment, `.env`, defaults."""
    return load_settings()
