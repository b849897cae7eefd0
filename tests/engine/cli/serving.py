"""Starts `bellwether serve` as a process of its own, waits until it answers, and ends it."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from threading import Event

from tests.engine.cli.processes import COMMAND, environment

PASSWORD = "a long first password"  # noqa: S105
LOOKS, LOOK_EVERY = 600, 0.2  # on a busy machine a start takes long; a failure ends the wait


@dataclass(frozen=True)
class Served:
    """A running desk."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path

    def status(self, path: str) -> int:
        """Ask for a page; return the HTTP status."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", path)
        status = connection.getresponse().status
        connection.close()
        return status

    def answers(self) -> bool:
        """Say whether the login page is there."""
        try:
            return self.status("/login") == 200
        except OSError:
            return False

    def told(self) -> str:
        """Return everything that it has written."""
        return (self.folder / "output").read_text()


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[Served]:
    """Run a desk on a free port until the end of the block."""
    port = free_port()
    given = {"BELLWETHER_ADMIN_PASSWORD": PASSWORD, **settings}
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  (our own program)
            [*COMMAND, "serve", "--bind", f"127.0.0.1:{port}"],
            cwd=folder,
            env=environment(given),
            stdout=output,
            stderr=output,
        )
    served = Served(process, port, folder)
    try:
        until(served.answers, process)
        yield served
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> int:
    """Tell a process to end, and wait for it."""
    if process.poll() is None:
        os.kill(process.pid, signal.SIGTERM)
    return process.wait(timeout=60)


def until(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Wait for something to be so, as long as the process lives."""
    pause = Event()
    for _ in range(LOOKS):
        if condition():
            return
        assert process.poll() is None, "the desk ended by itself"
        pause.wait(LOOK_EVERY)
    raise AssertionError("it did not come to that")


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
