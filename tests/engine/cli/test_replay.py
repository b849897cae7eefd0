"""`bellwether replay`: its options and what it says when something is wrong."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from engine.cli import main
from models.database import Database
from models.people import SettingsVersion
from tests.engine.cli.processes import bellwether
from tests.engine.small_desk import write_market

Replay = Callable[..., "CompletedProcess[str]"]


@pytest.fixture
def replay(tmp_path: Path) -> Replay:
    """`bellwether replay ...` of a market of one session."""
    bars, daily = map(str, write_market(tmp_path))

    def run(*options: str) -> CompletedProcess[str]:
        return bellwether(tmp_path, "replay", "--bars", bars, "--daily", daily, *options)

    return run


def versions(url: str) -> int:
    db = Database(url)
    with db.read() as tx:
        count = tx.scalar(select(func.count()).select_from(SettingsVersion))
    db.close()
    return count or 0


def test_a_flat_and_reconciled_replay_is_0(replay: Replay) -> None:
    done = replay()
    assert done.returncode == 0, done.stderr
    assert "2025-01-28    0 trades  P&L         0.00  flat, reconciled\n" in done.stdout


def test_the_summary_names_bars_and_equity(replay: Replay) -> None:
    told = replay().stdout
    assert "Loading    1 bars" in told
    assert "Equity     100,000.00 to 100,000.00" in told


def test_an_unknown_setting_is_one_sentence(replay: Replay) -> None:
    failed = replay("--set", "risk.nonsense=1")
    assert failed.returncode == 1
    assert failed.stderr.startswith("Error: --set risk.nonsense=1: there is no such setting")


def test_a_value_out_of_bounds_is_one_sentence(replay: Replay) -> None:
    failed = replay("--set", "risk.max_positions=0")
    assert failed.returncode == 1
    assert failed.stderr.startswith("Error: risk.max_positions: ")


def test_a_missing_file_is_one_sentence(replay: Replay) -> None:
    failed = replay("--bars", "nowhere.csv")
    assert failed.returncode == 1
    assert failed.stderr.startswith("Error: nowhere.csv cannot be read")


def test_a_session_without_bars_is_one_sentence(replay: Replay) -> None:
    failed = replay("--session", "2025-01-29")
    assert failed.returncode == 1
    assert failed.stderr == "Error: the bars have no session in the given range\n"


@pytest.mark.parametrize(
    "options",
    [
        ("--speed", "0"),
        ("--speed", "fast"),
        ("--session", "2025-01-28", "--from", "2025-01-28"),
        ("--from", "2025-01-29", "--to", "2025-01-28"),
        ("--trades", "nowhere/trades.csv"),
    ],
)
def test_wrong_usage_is_2(options: tuple[str, ...]) -> None:
    files = ("--bars", "bars.csv", "--daily", "daily.csv")
    assert CliRunner().invoke(main, ["replay", *files, *options]).exit_code == 2


def test_the_journal_is_lines_of_json_in_order(replay: Replay, tmp_path: Path) -> None:
    replay("--journal", str(tmp_path / "journal.jsonl"))
    facts = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    assert [fact["seq"] for fact in facts] == list(range(1, len(facts) + 1))
    assert set(facts[0]) == {"seq", "at", "kind", "scope", "severity", "correlation_id", "body"}


def test_a_replay_that_goes_on_finds_its_settings_in_force(replay: Replay, sqlite_url: str) -> None:
    first, second = (
        replay("--database", sqlite_url, "--set", "risk.max_positions=20") for _ in range(2)
    )
    assert first.stdout.splitlines()[:4] == second.stdout.splitlines()[:4]
    assert versions(sqlite_url) == 1
