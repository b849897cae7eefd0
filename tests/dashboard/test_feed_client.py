"""The client of docs/feed.md, run as it stands there."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

import pytest
from flask import Flask

from dashboard.queries.journal import facts_after
from engine.actions.keys import create_key, revoke_key
from engine.actions.permissions import SYSTEM
from engine.desk import Desk
from engine.journal import record
from models.vocabulary import Role
from tests.conftest import ROOT
from tests.dashboard import builders
from tests.dashboard.feed_client import listen

CLIENT = ROOT / "tests" / "dashboard" / "feed_client.py"
MORE_THAN_ONE_MESSAGE = 2_100


@pytest.fixture
def follow(desk: Desk, url: str) -> Iterator[Callable[..., IO[str]]]:
    """Starts the client; returns what it prints."""
    address = url.replace("http", "ws") + "/ws/v1/feed"
    key = create_key(desk, SYSTEM, "grafana", Role.VIEWER).secret
    started: list[subprocess.Popen[str]] = []

    def follow(since: int = 0) -> IO[str]:
        started.append(running({"FEED_URL": address, "FEED_KEY": key}, since))
        assert started[-1].stdout is not None
        return started[-1].stdout

    yield follow
    for client in started:
        with client:
            client.kill()


def running(settings: dict[str, str], since: int) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603  (our own program)
        [sys.executable, CLIENT, str(since)],
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def printed(output: IO[str], count: int) -> list[int]:
    """Return the numbers of the next facts that the client prints."""
    return [int(output.readline().split()[0]) for _ in range(count)]


def first_word(url: str, key: str, last_seq: int) -> tuple[int, list[str]]:
    """Return what a connection says first: up to which number, and the sentences of the facts."""
    seq, facts = next(listen(url, key, last_seq))
    return seq, [fact["text"] for fact in facts]


def seqs(desk: Desk) -> list[int]:
    with desk.db.read() as tx:
        return [fact.seq for fact in facts_after(tx, 0, 10_000)]


def test_the_page_about_the_feed_shows_the_client_as_it_is() -> None:
    page = (ROOT / "docs" / "feed.md").read_text()
    assert f"```python\n{CLIENT.read_text()}```" in page


def test_the_client_prints_what_it_missed_and_then_what_happens(
    desk: Desk, follow: Callable[..., IO[str]]
) -> None:
    before = seqs(desk)
    output = follow(before[0])
    caught_up = printed(output, len(before) - 1)
    builders.add_fact(desk, "fill", "now")
    assert [*caught_up, *printed(output, 1)] == seqs(desk)[1:]


def test_the_client_loses_nothing_when_the_connection_is_lost(
    desk: Desk, app: Flask, follow: Callable[..., IO[str]]
) -> None:
    output = follow(1)
    heard = printed(output, len(seqs(desk)) - 1)
    with without_feed(app), desk.db.write() as tx:
        for number in range(MORE_THAN_ONE_MESSAGE):
            record(tx, builders.NOW, "fill", "", text=f"missed {number}")
    heard += printed(output, MORE_THAN_ONE_MESSAGE)
    assert heard == seqs(desk)[1:]


def test_the_client_misses_nothing_when_its_first_connection_is_lost_before_a_fact(
    desk: Desk, url: str
) -> None:
    address = url.replace("http", "ws") + "/ws/v1/feed"
    key = create_key(desk, SYSTEM, "grafana", Role.VIEWER).secret
    begun, told = first_word(address, key, 0)
    assert (begun, told) == (seqs(desk)[-1], [])
    builders.add_fact(desk, "fill", "missed")
    assert first_word(address, key, begun) == (begun + 1, ["missed"])


def test_the_client_begins_anew_where_the_desk_knows_of_less_than_it(desk: Desk, url: str) -> None:
    address = url.replace("http", "ws") + "/ws/v1/feed"
    key = create_key(desk, SYSTEM, "grafana", Role.VIEWER).secret
    assert first_word(address, key, 1_000) == (seqs(desk)[-1], [])


def test_the_client_gives_up_when_its_key_is_revoked(desk: Desk, url: str) -> None:
    address = url.replace("http", "ws") + "/ws/v1/feed"
    key = create_key(desk, SYSTEM, "grafana", Role.VIEWER).secret
    builders.add_fact(desk, "fill", "told")
    with running({"FEED_URL": address, "FEED_KEY": key}, 1) as client:
        assert client.stdout is not None
        client.stdout.readline()  # it listens
        revoke_key(desk, SYSTEM, "grafana")
        _, complaint = client.communicate()
    assert "4401" in complaint


@contextmanager
def without_feed(app: Flask) -> Iterator[None]:
    """Refuse whoever knocks, and put everybody out."""
    feed = app.extensions["feed"]
    limit, feed.limit = feed.limit, 0
    feed.end_all()
    yield
    feed.limit = limit
