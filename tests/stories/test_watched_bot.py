"""A bot writes and rotates its log while the desk that follows it is killed: no line is missed."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.cli.processes import bellwether, environment
from tests.engine.cli.serving import Served, serving, until

LINES = 400
# The bot itself: a process that knows nothing of the desk, with the handler that Python brings.
WRITER = """
import logging, sys, threading
from logging.handlers import RotatingFileHandler
handler = RotatingFileHandler(sys.argv[1], maxBytes=4000, backupCount=50)
handler.setFormatter(logging.Formatter("%(asctime)s [%(levelname)s] %(message)s"))
log = logging.getLogger("bot")
log.setLevel("INFO")
log.addHandler(handler)
pause = threading.Event()
for number in range(1, int(sys.argv[2]) + 1):
    log.info("[TRADE] BUY MSFT %d @ $2.00 = $%d.00", number, 2 * number)
    pause.wait(0.02)
"""


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    log = tmp_path / "big_dipper.log"
    assert bellwether(tmp_path, "bots", "add", "dipper", "dip", str(log)).returncode == 0
    command = [sys.executable, "-c", WRITER, str(log), str(LINES)]
    process = subprocess.Popen(command, env=environment({}))  # noqa: S603  (our own program)
    yield process
    process.kill()
    process.wait(timeout=60)


def trades(folder: Path) -> list[int]:
    """Return the quantities that the desk knows of: each line has another."""
    with sqlite3.connect(folder / "data" / "bellwether.db", timeout=30) as database:
        found = database.execute("SELECT quantity FROM dip_trades ORDER BY id").fetchall()
    database.close()
    return [quantity // 1_000_000 for (quantity,) in found]


def kill(desk: Served) -> None:
    """End a desk and its worker as a power cut would."""
    workers = Path(f"/proc/{desk.process.pid}/task/{desk.process.pid}/children").read_text()
    for pid in [desk.process.pid, *map(int, workers.split())]:
        os.kill(pid, signal.SIGKILL)
    assert desk.process.wait(timeout=60) == -signal.SIGKILL


def test_every_line_is_kept_once_although_the_desk_is_killed(
    tmp_path: Path, writer: subprocess.Popen[bytes]
) -> None:
    with serving(tmp_path) as desk:
        until(lambda: len(trades(tmp_path)) > 50, desk.process)
        kill(desk)
    writer.wait(timeout=120)
    with serving(tmp_path) as desk:
        until(lambda: len(trades(tmp_path)) >= LINES, desk.process)
    assert trades(tmp_path) == [*range(1, LINES + 1)]
    with sqlite3.connect(tmp_path / "data" / "bellwether.db") as database:
        said = "SELECT count(*) FROM journal WHERE kind = 'bot' AND body LIKE '%\"event\": \"{}\"%'"
        told, lost = (database.execute(said.format(e)).fetchone()[0] for e in ("trade", "lost"))
    database.close()
    assert (told, lost) == (LINES, 0)
