"""The `bellwether` command. Each subcommand is imported when it is used, so that all start fast."""

from __future__ import annotations

import gc
from importlib import import_module

import click

SUBCOMMANDS = {
    "account": "account",
    "bots": "bots",
    "check": "check",
    "db": "database",
    "flatten": "control",
    "key": "key",
    "kill": "control",
    "replay": "replay",
    "resume": "control",
    "scan": "control",
    "serve": "serve",
    "sync": "control",
    "user": "user",
}


class LateGroup(click.Group):
    """A group that knows its subcommands by the name of their module."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """Return the names for the help page."""
        return sorted(SUBCOMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """Import a subcommand; None when there is none of that name."""
        if name not in SUBCOMMANDS:
            return None
        gc.disable()  # an import makes no garbage, and looking for it takes an eighth of the time
        try:
            command: click.Command = getattr(import_module(f"engine.cli.{SUBCOMMANDS[name]}"), name)
        finally:
            gc.enable()
        return command


@click.group(cls=LateGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bellwether")
def main() -> None:
    """Bellwether, a self-hosted trading desk. Settings are read from the environment and `.env`."""
