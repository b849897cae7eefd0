"""Runs `bellwether` as people do: a process of its own, in a folder of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[3]
COMMAND = (sys.executable, "-m", "engine.cli")
LIMIT = 240  # seconds; a command that hangs fails its test


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with these settings of the desk and no others."""
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("BELLWETHER_", "ALPACA_"))}
    return {**ours, "PYTHONPATH": str(ROOT), **settings}


def bellwether(
    folder: Path, *arguments: str, typed: str | None = None, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(  # noqa: S603  (our own program)
        [*COMMAND, *arguments],
        cwd=folder,
        env=environment(settings),
        input=typed,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
