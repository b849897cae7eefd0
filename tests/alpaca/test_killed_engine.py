"""A real engine process, killed with SIGKILL again and again over half a day."""

from __future__ import annotations

from pathlib import Path

from tests.alpaca.killed_engine import play_day


def test_an_engine_that_is_killed_again_and_again_leaves_nothing_wrong(tmp_path: Path) -> None:
    report = play_day(6, tmp_path)
    assert report.wrong == []
    assert report.kills > 1
    assert report.trades
