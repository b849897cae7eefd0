"""`bellwether serve`: a process that starts, answers, hands over and ends."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from gunicorn.workers import gthread
from sqlalchemy import select

from engine.cli.addresses import parse_address
from engine.cli.command import open_database
from engine.cli.server import MOST_CLOSING, _close_beside_accepting
from models.control import EngineLease
from models.journal import JournalRow
from tests.engine.cli.processes import bellwether
from tests.engine.cli.serving import PASSWORD, Served, end, serving, until

FEW_THREADS = {"BELLWETHER_THREADS": "8", "BELLWETHER_FEED_LIMIT": "2"}
HALF_A_HEAD = b"POST /login HTTP/1.1\r\nHost: desk\r\n"
ASKED = b"GET /healthz HTTP/1.1\r\nHost: desk\r\n\r\n"
HALF_A_BODY = HALF_A_HEAD + b"Content-Length: 100\r\n\r\nname="


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("desk")) as served:
        until(lambda: lease(served) is not None, served.process)
        yield served


def lease(desk: Served) -> EngineLease | None:
    url = f"sqlite:///{desk.folder / 'data' / 'bellwether.db'}"
    with open_database(url) as db, db.read() as tx:
        found = tx.scalars(select(EngineLease)).one_or_none()
    return found if found is not None and found.holder else None


def token(desk: Served) -> int:
    found = lease(desk)
    return found.token if found else 0


# ---------------------------------------------------------------------------- while it runs
def test_it_is_healthy(desk: Served) -> None:
    assert desk.status("/healthz") == 200


def test_its_address_is_told(desk: Served) -> None:
    assert f"Bellwether: http://127.0.0.1:{desk.port}\n" in desk.told()


def test_a_given_password_is_not_told(desk: Served) -> None:
    assert PASSWORD not in desk.told()


def test_check_finds_its_engine(desk: Served) -> None:
    checked = bellwether(desk.folder, "check")
    assert checked.returncode == 0, checked.stdout
    assert "engine    ok" in checked.stdout


def test_its_engine_answers_commands(desk: Served) -> None:
    answered = bellwether(desk.folder, "kill", "--reason", "a test")
    assert answered.stdout.startswith("The kill switch is on.\nNo entry is working.")
    assert bellwether(desk.folder, "resume").stdout == "Active again: all (killed before).\n"


def test_a_port_in_use_is_one_sentence(desk: Served) -> None:
    refused = bellwether(desk.folder, "serve", "--bind", f"127.0.0.1:{desk.port}")
    assert refused.returncode == 1
    assert refused.stderr == (
        f"Error: port {desk.port} on 127.0.0.1 is in use by another program\n"
    )


def test_after_a_hang_up_another_engine_takes_over(desk: Served) -> None:
    before = token(desk)
    os.kill(desk.process.pid, signal.SIGHUP)
    until(lambda: token(desk) > before, desk.process)
    assert desk.status("/healthz") == 200


# ---------------------------------------------------------------------------- how it ends
def test_it_ends_in_order_with_connections_open(tmp_path: Path) -> None:
    with serving(tmp_path) as served, socket.create_connection(("127.0.0.1", served.port)):
        assert end(served.process) == 0


def test_senders_that_stall_keep_nobody_from_the_desk(tmp_path: Path) -> None:
    with ExitStack() as stalled, serving(tmp_path, **FEW_THREADS) as desk:
        for number in range(12):
            sender = stalled.enter_context(socket.create_connection(("127.0.0.1", desk.port)))
            sender.sendall(HALF_A_HEAD if number % 2 else HALF_A_BODY)
        assert desk.status("/healthz") == 200


def test_its_end_gives_the_lease_back(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        until(lambda: lease(served) is not None, served.process)
        end(served.process)
    assert "engine    warning  no engine is running" in bellwether(tmp_path, "check").stdout


# ---------------------------------------------------------------------------- who asks ahead
def test_who_asks_on_before_the_answer_gets_one_and_is_let_go(desk: Served) -> None:
    with socket.create_connection(("127.0.0.1", desk.port), timeout=10) as asking:
        asking.sendall(ASKED * 20)
        told = b"".join(iter(lambda: asking.recv(65536), b""))
    assert told.count(b"HTTP/1.1 ") == 1
    assert b"\r\nConnection: close\r\n" in told


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("POST", "{}")])
def test_who_awaits_the_answer_may_ask_on(desk: Served, method: str, body: str | None) -> None:
    asking = HTTPConnection("127.0.0.1", desk.port, timeout=10)
    for _ in range(3):
        asking.request(method, "/api/v1/scans", body)
        answer = asking.getresponse()
        answer.read()
        assert not answer.will_close
    asking.close()


# ---------------------------------------------------------------------------- who lingers
def test_only_so_many_connections_linger_after_their_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gthread.TConn, "close", None)  # which is what it replaces
    worker = SimpleNamespace(alive=True)
    _close_beside_accepting(worker)
    pairs = [socket.socketpair() for _ in range(MOST_CLOSING + 5)]
    for ours, _ in pairs:
        gthread.TConn.close(SimpleNamespace(sock=ours), graceful=True)
    assert [ours.fileno() for ours, _ in pairs[MOST_CLOSING:]] == [-1] * 5
    assert all(ours.fileno() >= 0 for ours, _ in pairs[8:MOST_CLOSING])  # eight are under way
    worker.alive = False
    for _, theirs in pairs:
        theirs.close()


# ---------------------------------------------------------------------------- how it is refused
def test_what_it_logs_is_in_its_journal_when_it_has_ended(tmp_path: Path) -> None:
    nobody = "http://127.0.0.1:9/planted"
    with serving(tmp_path, BELLWETHER_HEARTBEAT_URL=nobody) as served:
        until(lambda: "heartbeat did not arrive" in served.told(), served.process)
        end(served.process)
    with open_database(f"sqlite:///{tmp_path / 'data' / 'bellwether.db'}") as db, db.read() as tx:
        lines = tx.scalars(select(JournalRow).where(JournalRow.kind == "log")).all()
    texts = [line.body["text"] for line in lines]
    assert "the outside heartbeat did not arrive (why=ConnectionError)" in texts
    assert "planted" not in "".join(texts)


def test_a_bad_setting_is_one_sentence(tmp_path: Path) -> None:
    refused = bellwether(tmp_path, "serve", BELLWETHER_BROKER="bank")
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: BELLWETHER_BROKER: ")
    assert refused.stderr.count("\n") == 1


def test_a_short_first_password_is_one_sentence(tmp_path: Path) -> None:
    refused = bellwether(
        tmp_path,
        "serve",
        "--bind",
        "127.0.0.1:18999",
        BELLWETHER_ADMIN_PASSWORD="short",  # noqa: S106
    )
    assert refused.returncode == 1
    assert refused.stderr == "Error: a password has 12 to 256 characters\n"


def test_a_market_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(AssertionError, match="ended by itself"),
        serving(tmp_path, BELLWETHER_BARS="none.csv", BELLWETHER_DAILY_BARS="none.csv"),
    ):
        pass
    told = (tmp_path / "output").read_text()
    assert "Error: none.csv cannot be read" in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("bind", "address"),
    [
        ("127.0.0.1:80", ("127.0.0.1", 80)),
        ("[::1]:8050", ("::1", 8050)),
        (":8050", ("0.0.0.0", 8050)),  # noqa: S104
    ],
)
def test_addresses_are_read(bind: str, address: tuple[str, int]) -> None:
    assert parse_address(bind) == address


@pytest.mark.parametrize("bind", ["8050", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "a:b"])
def test_what_is_no_address_is_wrong_usage(bind: str) -> None:
    with pytest.raises(click.BadParameter):
        parse_address(bind)
