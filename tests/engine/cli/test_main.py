"""What holds for every command: help, and how it fails."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from engine.cli import SUBCOMMANDS, main
from tests.engine.cli.processes import COMMAND, bellwether, environment


def test_help_names_every_command(tmp_path: Path) -> None:
    told = bellwether(tmp_path, "--help").stdout
    assert all(f"\n  {name} " in told for name in SUBCOMMANDS)


def test_it_is_a_module_that_can_be_run(tmp_path: Path) -> None:
    ran = subprocess.run(  # noqa: S603  (our own program)
        [*COMMAND, "--version"], cwd=tmp_path, env=environment({}), capture_output=True, check=True
    )
    assert ran.stdout.startswith(b"bellwether, version ")


@pytest.mark.parametrize("name", sorted(SUBCOMMANDS))
def test_every_command_has_help(name: str) -> None:
    asked = CliRunner().invoke(main, [name, "--help"])
    assert asked.exit_code == 0
    assert asked.output.startswith("Usage: ")


def test_every_subcommand_says_what_it_does() -> None:
    assert [name for name, command in every_command() if not command.get_short_help_str()] == []


def every_command() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(main)
    for name in SUBCOMMANDS:
        command = main.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            yield from command.commands.items()


@pytest.mark.parametrize("arguments", [["nonsense"], ["kill"], ["user", "add"], ["db", "copy"]])
def test_wrong_usage_is_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(main, arguments).exit_code == 2


def test_an_unknown_setting_is_one_sentence(tmp_path: Path) -> None:
    failed = bellwether(tmp_path, "db", "status", BELLWETHER_DATABASE="x")
    assert failed.returncode == 1
    assert failed.stderr == (
        "Error: unknown setting BELLWETHER_DATABASE: see the README's settings table\n"
    )


def test_an_unreachable_database_is_one_sentence(tmp_path: Path) -> None:
    url = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    failed = bellwether(tmp_path, "db", "upgrade", BELLWETHER_DATABASE_URL=url)
    assert failed.returncode == 1
    assert failed.stderr.startswith("Error: the database does not answer:")
    assert failed.stderr.count("\n") == 1
