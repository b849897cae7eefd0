"""A replay that is killed in the middle goes on, and comes to the same trades."""

import subprocess
from pathlib import Path

import pytest

from tests.engine.cli.processes import COMMAND, bellwether, environment

PLAYED_BEFORE_IT_IS_KILLED = 2  # sessions


@pytest.fixture
def options(shared: Path) -> list[str]:
    bars, daily = (shared / f"market/us2025q1_1min_{kind}.parquet" for kind in ("bars", "daily"))
    span = ["--from", "2025-02-24", "--to", "2025-02-28"]
    return ["replay", "--bars", str(bars), "--daily", str(daily), *span, "--trades", "trades.csv"]


def kill_in_the_middle(folder: Path, options: list[str]) -> None:
    process = subprocess.Popen(  # noqa: S603  (our own program)
        [*COMMAND, *options],
        cwd=folder,
        env=environment({"PYTHONUNBUFFERED": "1"}),
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        for _ in range(PLAYED_BEFORE_IT_IS_KILLED):
            assert process.stdout.readline()
        process.kill()
    assert process.returncode < 0


def test_a_killed_replay_goes_on(tmp_path: Path, options: list[str], sqlite_url: str) -> None:
    undisturbed = bellwether(tmp_path, *options)
    expected = (tmp_path / "trades.csv").read_text()
    kept = [*options, "--database", sqlite_url]
    kill_in_the_middle(tmp_path, kept)
    gone_on = bellwether(tmp_path, *kept)
    assert gone_on.returncode == undisturbed.returncode == 0, gone_on.stderr
    assert (tmp_path / "trades.csv").read_text() == expected
