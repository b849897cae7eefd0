"""What the desk still does when many are at its door, and how it leaves them."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest
from simple_websocket.ws import Client

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

    def lease(self) -> EngineLease:
        """Return who has the right to trade, and the how-manieth that is."""
        url = f"sqlite:///{self.served.folder / 'data' / 'bellwether.db'}"
        with open_database(url) as db, db.read() as tx:
            return tx.get_one(EngineLease, 1)

    def workers(self) -> list[str]:
        """Return the processes that answer."""
        master = self.served.process.pid
        return Path(f"/proc/{master}/task/{master}/children").read_text().split()


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[Crowded]:
    (tmp_path / "data").mkdir()
    desk = desks.make_desk(f"sqlite:///{tmp_path / 'data' / 'bellwether.db'}")
    key = create_key(desk, SYSTEM, "grafana", Role.OPERATOR).secret
    desk.db.close()
    given = {"BELLWETHER_FEED_LIMIT": str(LIMIT)}
    with serving(tmp_path, **given) as served, ExitStack() as opened:
        yield Crowded(served, [key], opened)


def test_the_kill_switch_answers_though_every_slot_is_taken(crowded: Crowded) -> None:
    for _ in range(LIMIT):
        crowded.listen()
    for _ in range(RUDE):
        crowded.opened.enter_context(rude.refused_reader(crowded))
    assert crowded.kill() == 202


@pytest.mark.parametrize("kind", rude.RUDENESS)
def test_the_kill_switch_answers_among_fifty_rude_clients(crowded: Crowded, kind: str) -> None:
    for _ in range(LIMIT if "feed" in kind else RUDE):
        crowded.opened.enter_context(rude.RUDENESS[kind](crowded))
    assert crowded.kill() == 202


def test_readers_are_told_of_the_end_and_it_ends_in_order(crowded: Crowded) -> None:
    readers = [crowded.listen() for _ in range(LIMIT)]
    assert end(crowded.served.process) == 0
    assert [reader.closed() for reader in readers] == [1012] * LIMIT


def test_it_ends_in_order_among_rude_clients(crowded: Crowded) -> None:
    for kind in rude.RUDENESS.values():
        crowded.opened.enter_context(kind(crowded))
    assert end(crowded.served.process) == 0


def test_after_a_hang_up_there_is_one_engine_whoever_still_listens(crowded: Crowded) -> None:
    until(lambda: bool(crowded.lease().holder), crowded.served.process)
    before, reader = crowded.lease().token, crowded.listen()
    crowded.opened.enter_context(rude.deaf_reader(crowded))
    [old] = crowded.workers()
    os.kill(crowded.served.process.pid, signal.SIGHUP)
    assert reader.closed() == 1012
    until(lambda: crowded.lease().token > before, crowded.served.process)
    until(lambda: old not in crowded.workers(), crowded.served.process)
    assert (crowded.lease().token, len(crowded.workers())) == (before + 1, 1)
