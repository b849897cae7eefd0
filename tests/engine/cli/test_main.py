"""What holds for every command: help, and how it fails."""

from pathlib import Path

import click
import pytest

from engine.cli import SUBCOMMANDS, main
from tests.engine.cli.processes import bellwether

GROUPS = {"db": ("upgrade", "downgrade", "status", "copy"), "user": ("add", "passwd", "role")}


def test_help_names_every_command(tmp_path: Path) -> None:
    told = bellwether(tmp_path, "--help").stdout
    assert all(f"\n  {name} " in told for name in SUBCOMMANDS)


@pytest.mark.parametrize("name", sorted(SUBCOMMANDS))
def test_every_command_has_help(tmp_path: Path, name: str) -> None:
    asked = bellwether(tmp_path, name, "--help")
    assert (asked.returncode, asked.stderr) == (0, "")


@pytest.mark.parametrize("name", sorted(SUBCOMMANDS))
def test_every_command_says_what_it_does(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.get_short_help_str()


@pytest.mark.parametrize("arguments", [["nonsense"], ["kill"], ["user", "add"], ["db", "copy"]])
def test_wrong_usage_is_2(tmp_path: Path, arguments: list[str]) -> None:
    assert bellwether(tmp_path, *arguments).returncode == 2


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
