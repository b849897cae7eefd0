"""Somebody outside hears that all is well, and nothing when it is not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

import pytest

from engine.adapters.heartbeat import OutsideHeartbeat
from engine.desk import Desk
from engine.errors import ConfigurationError
from engine.jobs.ping_outside import PRICES_FRESH, ping_outside
from engine.logs import configure_logs
from engine.settings import load_settings
from models.control import JobRun
from models.database import IN_MEMORY, Database
from tests.dashboard import builders
from tests.databases import with_schema
from tests.engine.small_desk import desk_on

SOON = 10.0  # seconds within which a ping on this machine arrives


@contextmanager
def listening(status: int = 200) -> Iterator[tuple[str, Queue[str]]]:
    """Somebody outside: an address, and what is heard there."""
    heard: Queue[str] = Queue()

    class Ear(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.put(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_said: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/ping/a-token", heard
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def outside() -> Iterator[tuple[str, Queue[str]]]:
    with listening() as made:
        yield made


@pytest.fixture
def desk(tmp_path: Path, outside: tuple[str, Queue[str]]) -> Iterator[Desk]:
    """A desk that is well, and tells somebody."""
    db = with_schema(Database(IN_MEMORY))
    made = replace(desk_on(db, tmp_path), outside=OutsideHeartbeat(outside[0], every=0))
    builders.beat(made)
    yield made
    db.close()


def add_job(desk: Desk, *, failed: bool) -> None:
    now = desk.clock.now()
    run = JobRun(job="sync_bars", started_at=now, milliseconds=1, outcome="x", failed=failed)
    run.failures, run.runs = int(failed), 1
    builders.add(desk, run)


def is_silent(heard: Queue[str]) -> bool:
    try:
        heard.get_nowait()
    except Empty:
        return True
    return False


def test_it_is_told_while_all_is_well(desk: Desk, outside: tuple[str, Queue[str]]) -> None:
    add_job(desk, failed=False)
    ping_outside(desk)
    assert outside[1].get(timeout=SOON) == "/ping/a-token"


def test_a_desk_without_an_address_tells_nobody(desk: Desk) -> None:
    assert ping_outside(replace(desk, outside=None)) is None


class Noted:
    """Somebody outside who is asked in the same moment."""

    def __init__(self) -> None:
        self.pings = 0

    def ping(self) -> None:
        self.pings += 1


def test_it_is_silent_when_a_job_fails(desk: Desk) -> None:
    noted = Noted()
    add_job(desk, failed=True)
    ping_outside(replace(desk, outside=noted))
    assert noted.pings == 0


def test_it_is_silent_when_the_broker_is(desk: Desk) -> None:
    noted = Noted()
    builders.beat(desk, "broker", seconds_ago=31)
    ping_outside(replace(desk, outside=noted))
    assert noted.pings == 0


def test_old_prices_matter_while_something_is_held(desk: Desk) -> None:
    noted = Noted()
    builders.beat(desk, "data", seconds_ago=PRICES_FRESH.total_seconds() + 1)
    ping_outside(replace(desk, outside=noted))
    builders.add_position(desk)
    ping_outside(replace(desk, outside=noted))
    assert noted.pings == 1


def test_it_is_told_once_a_minute(outside: tuple[str, Queue[str]]) -> None:
    heartbeat = OutsideHeartbeat(outside[0])
    heartbeat.ping()
    assert outside[1].get(timeout=SOON)
    heartbeat.ping()
    assert is_silent(outside[1])


@pytest.mark.parametrize("url", ["ftp://somewhere", "somewhere", "https://"])
def test_an_address_that_is_none_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ConfigurationError, match="BELLWETHER_HEARTBEAT_URL begins with"):
        load_settings({"BELLWETHER_HEARTBEAT_URL": url})


def test_the_address_is_in_no_log_when_nobody_answers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs(level="INFO", as_json=True)
    with listening() as (url, _heard):
        pass
    heartbeat = OutsideHeartbeat(url)
    heartbeat.ping()
    assert heartbeat._thread is not None
    heartbeat._thread.join(SOON)
    said = capsys.readouterr()
    assert "did not arrive" in said.out + said.err
    assert "a-token" not in said.out + said.err
