"""`bellwether db`: the schema's revision, and moving to another database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from alembic.util import CommandError

from engine.cli.command import DeskGroup, desk_settings, open_database, refuse_if_engine_runs
from engine.cli.database_copy import copy_database
from engine.errors import DeskError
from models.database import Database, revision_heads


@click.group(cls=DeskGroup)
def db() -> None:
    """Look after the database."""


@db.command()
@click.option("--revision", default="head", show_default=True)
def upgrade(revision: str) -> None:
    """Bring the schema up to date."""
    with open_database(desk_settings().database_url) as database, _migrating():
        database.upgrade(revision)
        click.echo(f"The database is at revision {database.revision()}")


@db.command()
@click.argument("revision", default="-1")
def downgrade(revision: str) -> None:
    """Take the schema back to REVISION, or one step. What newer tables hold is lost."""
    with open_database(desk_settings().database_url) as database, _migrating():
        if database.revision() is None:
            raise DeskError("the database is empty; there is nothing to go back from")
        _refuse_if_engine_runs(database)
        database.downgrade(revision)
        click.echo(f"The database is at revision {database.revision() or 'none: it is empty'}")


@db.command()
def status() -> None:
    """Show which database it is, its revision and whether it can be written."""
    with open_database(desk_settings().database_url) as database:
        revision, newest = database.revision(), revision_heads()
        click.echo(f"Database   {database.url.render_as_string()}")
        click.echo(f"Revision   {revision or 'none: it is empty'}")
        click.echo(f"Newest     {newest}{'' if revision == newest else ': run db upgrade'}")
        if revision is not None:
            database.check_writable()
            click.echo("Writable   yes")


@db.command()
@click.option("--to", "target", required=True, metavar="URL", help="An empty database.")
def copy(target: str) -> None:
    """Copy everything to another database and compare it there, row by row."""
    with open_database(desk_settings().database_url) as source, open_database(target) as other:
        if source.revision() != revision_heads():
            raise DeskError("the database is not up to date: run db upgrade first")
        refuse_if_engine_runs(source)
        total = 0
        for name, rows in copy_database(source, other):
            click.echo(f"{name:24} {rows:>12,} rows")
            total += rows
    click.echo(f"{total:,} rows copied and compared")


def _refuse_if_engine_runs(database: Database) -> None:
    if database.revision() == revision_heads():  # older ones may have no lease yet
        refuse_if_engine_runs(database)


@contextmanager
def _migrating() -> Iterator[None]:
    try:
        yield
    except CommandError as problem:
        raise DeskError(str(problem)) from problem
