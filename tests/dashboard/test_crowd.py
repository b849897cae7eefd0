"""What the desk still does when many are at its door, and how it leaves them."""

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path

import pytest
from simple_websocket.ws import Client
from sqlalchemy import select

from engine.actions.keys import create_key
from engine.actions.permissions import SYSTEM
from engine.cli.command import open_database
from models.control import EngineLease
from models.vocabulary import Role
from tests.dashboard import desks, rude
from tests.dashboard.test_feed import Listener, hang_up
from tests.engine.cli.serving import Served, end, serving, until

LIMIT = 4
RUDE = 50


@dataclass(frozen=True)
class Crowded:
    """A served desk, and keys that open it."""

    served: Served
    keys: list[str]
    opened: ExitStack

    @property
    def port(self) -> int:
        return self.served.port

    def listen(self) -> Listener:
        """Open a connection to the feed, and subscribe."""
        url = f"ws://127.0.0.1:{self.port}/ws/v1/feed"
        socket = Client(url, headers={"X-API-Key": self.keys[0]})
        self.opened.callback(hang_up, socket)
        listener = Listener(socket)
        listener.subscribe("account")
        return listener

    def kill(self) -> int:
        """Throw the kill switch; return the HTTP status."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"X-API-Key": self.keys[0], "Content-Type": "application/json"}
        connection.request("POST", "/api/v1/control/kill-switch", '{"reason": "a test"}', headers)
        status = connection.getresponse().status
        connection.close()
        return status

    def token(self) -> int:
        """Return the how-manieth engine has the right to trade, 0 when none has."""
        url = f"sqlite:///{self.served.folder / 'data' / 'bellwether.db'}"
        with open_database(url) as db, db.read() as tx:
            lease = tx.scalars(select(EngineLease)).one_or_none()
        return lease.token if lease is not None and lease.holder else 0

    def workers(self) -> list[str]:
        """Return the processes that answer."""
        master = self.served.process.pid
        return Path(f"/proc/{master}/task/{master}/children").read_text().split()


@contextmanager
def serving_a_crowd(folder: Path) -> Iterator[Crowded]:
    (folder / "data").mkdir()
    desk = desks.make_desk(f"sqlite:///{folder / 'data' / 'bellwether.db'}")
    key = create_key(desk, SYSTEM, "grafana", Role.OPERATOR).secret
    desk.db.close()
    given = {"BELLWETHER_FEED_LIMIT": str(LIMIT), "BELLWETHER_THREADS": str(2 * RUDE)}
    with serving(folder, **given) as served, ExitStack() as opened:
        yield Crowded(served, [key], opened)


@pytest.fixture(scope="module")
def kept_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowded]:
    with serving_a_crowd(tmp_path_factory.mktemp("crowd")) as crowded:
        yield crowded


@pytest.fixture
def crowded(kept_desk: Crowded) -> Iterator[Crowded]:
    """The desk that these tests share, without the clients of the one before."""
    with ExitStack() as opened:
        yield replace(kept_desk, opened=opened)


def test_the_kill_switch_answers_though_every_slot_is_taken(crowded: Crowded) -> None:
    for _ in range(LIMIT):
        crowded.listen()
    for _ in range(RUDE):
        crowded.opened.enter_context(rude.refused_reader(crowded))
    assert crowded.kill() == 202


@pytest.mark.parametrize("kind", rude.RUDENESS)
def test_the_kill_switch_answers_among_fifty_rude_clients(crowded: Crowded, kind: str) -> None:
    for _ in range(RUDE):
        crowded.opened.enter_context(rude.RUDENESS[kind](crowded))
    assert crowded.kill() == 202


def test_after_a_hang_up_there_is_one_engine_whoever_still_listens(crowded: Crowded) -> None:
    until(lambda: crowded.token() > 0, crowded.served.process)
    before, [old] = crowded.token(), crowded.workers()
    for _ in range(RUDE):
        crowded.opened.enter_context(rude.deaf_reader(crowded))
    os.kill(crowded.served.process.pid, signal.SIGHUP)
    until(lambda: crowded.token() > before, crowded.served.process)
    until(lambda: old not in crowded.workers(), crowded.served.process)
    assert (crowded.token(), len(crowded.workers())) == (before + 1, 1)


def test_a_worker_that_can_let_nobody_in_is_replaced_and_its_engine_too(crowded: Crowded) -> None:
    until(lambda: crowded.token() > 0, crowded.served.process)
    before, [old] = crowded.token(), crowded.workers()
    open_files = len(list(Path(f"/proc/{old}/fd").iterdir()))
    resource.prlimit(int(old), resource.RLIMIT_NOFILE, (open_files + 2, open_files + 2))
    for _ in range(4):
        crowded.opened.enter_context(rude.silent(crowded))
    until(lambda: crowded.token() > before, crowded.served.process)
    assert crowded.workers() != [old]
    assert "WORKER TIMEOUT" not in crowded.served.told()


def test_everybody_is_told_of_the_end_and_it_ends_in_order(tmp_path: Path) -> None:
    with serving_a_crowd(tmp_path) as crowded:
        readers = [crowded.listen(), crowded.listen()]
        for kind in rude.RUDENESS.values():
            crowded.opened.enter_context(kind(crowded))
        assert end(crowded.served.process) == 0
        assert [reader.closed() for reader in readers] == [1012, 1012]
