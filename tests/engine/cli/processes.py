"""Runs `bellwether` as people do: a process of its own, in a folder of its own."""

import os
import sys
from collections.abc import Mapping
from multiprocessing import get_context
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[3]
COMMAND = (sys.executable, "-m", "engine.cli")
LIMIT = 240  # seconds; a command that hangs fails its test
# A command is forked from a process that has imported the program and done nothing else: to import
# everything again costs three times as much. test_main.py runs `python -m engine.cli` itself.
FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["engine.cli", "engine.cli.desk", "engine.bootstrap", __name__])


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with these settings of the desk and no others."""
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("BELLWETHER_", "ALPACA_"))}
    return {**ours, "PYTHONPATH": str(ROOT), **settings}


def bellwether(
    folder: Path, *arguments: str, typed: str | None = None, **settings: str
) -> CompletedProcess[str]:
    """Run a command to its end."""
    with TemporaryDirectory() as beside:
        streams = [Path(beside, name) for name in ("stdin", "stdout", "stderr")]
        streams[0].write_text(typed or "")
        given = (arguments, folder, environment(settings), streams)
        process = FORKS.Process(target=_become, args=given)
        process.start()
        process.join(LIMIT)
        if process.exitcode is None:
            process.kill()
            raise TimeoutExpired(arguments, LIMIT)
        told, complained = (stream.read_text() for stream in streams[1:])
        return CompletedProcess(arguments, process.exitcode, told, complained)


def _become(
    arguments: tuple[str, ...], folder: Path, given: Mapping[str, str], streams: list[Path]
) -> None:
    """Make of this process what a shell would have started."""
    from engine.cli import main  # noqa: PLC0415  # not for those who only start processes

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(given)
    opened = [stream.open("w" if number else "r") for number, stream in enumerate(streams)]
    sys.stdin, sys.stdout, sys.stderr = opened
    for number, stream in enumerate(opened):
        os.dup2(stream.fileno(), number)  # what writes past Python is told, too
    main(list(arguments), prog_name="bellwether")
