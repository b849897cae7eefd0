"""`bellwether serve`: the desk under gunicorn, or its engine alone."""

from __future__ import annotations

import os
import signal
import threading

import click

from engine.actions.people import FIRST_ADMIN, first_admin
from engine.cli.addresses import check_free, parse_address, written
from engine.cli.command import DeskCommand, desk_settings, open_database, prepare_database
from engine.cli.server import run_server
from engine.logs import configure_logs
from engine.memory import give_back_what_is_freed
from engine.settings import ProcessRole, Settings

LOOK_EVERY = 0.25  # seconds
ROLE = click.Choice([str(role) for role in ProcessRole])


@click.command(cls=DeskCommand)
@click.option("--role", type=ROLE, help="Default: all.")
@click.option("--bind", metavar="HOST:PORT", help="Default: 127.0.0.1:8050.")
def serve(role: str | None, bind: str | None) -> None:
    """Run the desk until it is told to stop.

    `web` serves the pages without an engine, `engine` runs the engine without pages; one engine
    at a time trades, others stand by.
    """
    _put_into_environment(role, bind)
    settings = desk_settings()
    configure_logs(level=settings.log_level, as_json=settings.logs_as_json)
    prepare_database(settings)
    if settings.role is ProcessRole.ENGINE:
        _run_engine()
        return
    check_free(settings.host, settings.port)
    _make_first_admin(settings)
    click.echo(f"Bellwether: http://{written(settings.host, settings.port)}")
    run_server(settings)


def _put_into_environment(role: str | None, bind: str | None) -> None:
    """Hand the options to `wsgi.py` in the worker the way every setting reaches it."""
    if role is not None:
        os.environ["BELLWETHER_ROLE"] = role
    if bind is not None:
        host, port = parse_address(bind)
        os.environ |= {"BELLWETHER_HOST": host, "BELLWETHER_PORT": str(port)}


def _make_first_admin(settings: Settings) -> None:
    given = settings.admin_password.get_secret_value() if settings.admin_password else None
    with open_database(settings.database_url) as db:
        password = first_admin(db, given)
    if password is not None:
        click.echo(f"First login: {FIRST_ADMIN}, password {password} (shown this once)")


def _run_engine() -> None:
    """Run the engine without a web server until a signal says to end.

    Whenever another account is to be traded the desk is put together anew, for that one.
    """
    from engine.bootstrap import serve_desk  # noqa: PLC0415  # slow; the web role has no use for it

    give_back_what_is_freed()
    told_to_end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told_to_end.set())
    while not told_to_end.is_set():
        served = serve_desk(desk_settings())
        served.start()
        click.echo("Bellwether: the engine runs")
        while not (served.has_moved or told_to_end.wait(LOOK_EVERY)):
            pass
        served.stop()
