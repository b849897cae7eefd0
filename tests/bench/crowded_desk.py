"""A desk under gunicorn with one update a second, a crowd before it, and what that costs."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread
from typing import Any

from sqlalchemy import insert, update

from engine.actions.keys import PREFIX, START, hash_key
from engine.clock import wall_now
from engine.desk import Desk
from engine.journal import record
from models.database import Database
from models.market_data import LastPrice
from models.people import ApiKey
from models.vocabulary import Role
from tests.bench.feed_load import WRAP
from tests.dashboard import builders, desks
from tests.engine.cli.processes import ROOT
from tests.engine.cli.serving import Served, serving

READERS = 500
POSITIONS = 25
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Crowded:
    """A running desk, its database, and a key for each of the crowd."""

    db: Database
    served: Served
    keys: list[str]

    @property
    def port(self) -> int:
        """Return where it answers."""
        return self.served.port

    @property
    def worker(self) -> int:
        """Return the process that answers."""
        master = self.served.process.pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text()
        return int(children.split()[0])

    def cpu(self) -> float:
        """Return the seconds of processor that the worker has used."""
        fields = Path(f"/proc/{self.worker}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def memory(self) -> tuple[int, int]:
        """Return its megabytes and its threads."""
        lines = Path(f"/proc/{self.worker}/status").read_text().splitlines()
        told = dict(line.split(":", 1) for line in lines)
        return int(told["VmRSS"].split()[0]) // 1024, int(told["Threads"])


@contextmanager
def crowded_desk(folder: Path, **settings: str) -> Iterator[Crowded]:
    """Serve a desk with positions; the bench plays its engine, once a second."""
    _allow_many_files()
    (folder / "data").mkdir()
    desk = desks.make_desk(f"sqlite:///{folder / 'data' / 'bellwether.db'}")
    for number in range(POSITIONS):
        builders.add_position(desk, f"SYM{number:02}")
    builders.set_account(desk, "100000")
    keys = make_keys(desk.db, READERS)
    given = {"BELLWETHER_FEED_LIMIT": str(READERS), "BELLWETHER_ROLE": "web", **settings}
    with serving(folder, **given) as served, _events(desk):
        yield Crowded(desk.db, served, keys)
    desk.db.close()


def make_keys(db: Database, count: int) -> list[str]:
    """Make keys for so many."""
    secrets = [f"{PREFIX}{number:040}" for number in range(count)]
    rows = [
        {
            "name": f"reader-{number}",
            "role": Role.OPERATOR,
            "start": secret[:START],
            "hash": hash_key(secret),
            "made_by": "anna",
            "created_at": wall_now(),
        }
        for number, secret in enumerate(secrets)
    ]
    with db.write() as tx:
        tx.execute(insert(ApiKey), rows)
    return secrets


@contextmanager
def _events(desk: Desk) -> Iterator[None]:
    over = Event()
    thread = Thread(target=_play, args=(desk, over))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _play(desk: Desk, over: Event) -> None:
    due = time.monotonic()
    while not over.wait(max(0.0, due - time.monotonic())):
        due += 1
        happen(desk)


def happen(desk: Desk) -> None:
    """Let everything change at once, as a round of the engine does; tell when it was."""
    milliseconds = time.time_ns() // 1_000_000
    moved = Decimal(milliseconds % 1000) / 100
    now = desk.clock.now()
    account = builders.account_now(desk, str(100_000 + moved))
    account.cash = Decimal(milliseconds % WRAP) / 100
    with desk.db.write() as tx:
        tx.execute(update(LastPrice).values(price=183 + moved, at=now))
        tx.merge(account)
        text = "An order was filled."
        record(tx, now, "order", "SYM01", text=text, sent=time.time_ns())


def crowd(crowded: Crowded, kind: str, seconds: float) -> subprocess.Popen[str]:
    """Send a crowd; return when everybody has arrived."""
    arguments = kind, str(crowded.port), str(seconds)
    process = subprocess.Popen(  # noqa: S603  (our own program)
        [sys.executable, "-m", "tests.bench.feed_load", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n".join(crowded.keys))
    process.stdin.close()
    if process.stdout.readline() != "ready\n":
        process.stdout.close()
        process.wait()
        raise AssertionError("not everybody was let in")
    return process


def outcome(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Return what a crowd has seen, once it has gone."""
    assert process.stdout is not None
    seen: dict[str, Any] = json.loads(process.stdout.read())
    process.stdout.close()
    process.wait(timeout=60)
    return seen


def ask(crowded: Crowded, path: str, *, method: str = "GET", body: str | None = None) -> float:
    """Return the milliseconds of one request on a connection of its own, by somebody else's key.

    One person alone would soon be told to ask less often.
    """
    began = time.perf_counter()
    connection = HTTPConnection("127.0.0.1", crowded.served.port, timeout=30)
    key = crowded.keys[1 + time.time_ns() // 1000 % (READERS - 1)]  # the first is the rude one's
    headers = {"X-API-Key": key, "Content-Type": "application/json"}
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status < 400, answer.status
    return (time.perf_counter() - began) * 1000


def throw_kill_switch(crowded: Crowded) -> float:
    """Return the milliseconds that it takes until the kill switch is thrown."""
    body = json.dumps({"reason": "a bench"})
    return ask(crowded, "/api/v1/control/kill-switch", method="POST", body=body)


def _allow_many_files() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
