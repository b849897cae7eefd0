"""Requests are counted by role; several processes on one database count as one."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from dashboard import create_app
from dashboard.limits import LIMITS, STRANGERS, Recent
from engine.actions.keys import create_key
from engine.actions.permissions import SYSTEM
from engine.actions.request_counts import count_request
from engine.clock import wall_now
from engine.desk import Desk
from engine.settings import Settings
from models.control import RequestCount
from models.database import Database
from models.vocabulary import Role
from tests.dashboard.conftest import SECRET
from tests.databases import with_schema

MINUTE = timedelta(minutes=1)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database of either kind."""
    made = with_schema(Database(database_url))
    yield made
    made.close()


@pytest.fixture
def two_processes(desk: Desk) -> Iterator[list[Flask]]:
    """Two servers that know of each other only by their database."""
    made = [create_app(Settings(limits="database"), desk, SECRET) for _ in range(2)]
    yield made
    for app in made:
        app.extensions["feed"].stop()


def test_two_processes_count_as_one(desk: Desk, two_processes: list[Flask]) -> None:
    headers = {"X-API-Key": create_key(desk, SYSTEM, "reader", Role.VIEWER).secret}
    statuses = [
        two_processes[number % 2]
        .test_client(use_cookies=False)
        .get("/api/v1/stats", headers=headers)
        .status_code
        for number in range(LIMITS[Role.VIEWER] + 1)
    ]
    assert (set(statuses[:-1]), statuses[-1]) == ({200}, 429)


def test_each_has_a_count_of_their_own(database: Database) -> None:
    assert [count_request(database, who, MINUTE).count for who in ("a", "a", "b")] == [1, 2, 1]


def test_a_minute_later_the_count_begins_anew(database: Database) -> None:
    count_request(database, "a", MINUTE)
    with database.write() as tx:
        tx.execute(update(RequestCount).values(ends_at=wall_now() - timedelta(seconds=1)))
    assert count_request(database, "a", MINUTE).count == 1


def test_counts_of_the_past_do_not_pile_up(database: Database) -> None:
    count_request(database, "a", -MINUTE)
    count_request(database, "b", MINUTE)
    with database.read() as tx:
        assert tx.get(RequestCount, "a") is None


# ---------------------------------------------------------------------------- in one process
def test_the_last_minute_counts_at_any_moment() -> None:
    recent = Recent()
    for moment in (10.0, *[50.0] * (STRANGERS - 1)):
        assert recent.count(STRANGERS, "a", moment) is None
    assert recent.count(STRANGERS, "a", 65) == 5
    assert recent.count(STRANGERS, "a", 70) is None
    assert recent.count(STRANGERS, "a", 71) == 39


def test_one_too_many_is_nobody_elses() -> None:
    recent = Recent()
    waits = [recent.count(STRANGERS, "a", 1) for _ in range(STRANGERS + 1)]
    assert (waits[-1], recent.count(STRANGERS, "b", 1)) == (60, None)


def test_strangers_who_ask_no_more_are_forgotten() -> None:
    recent = Recent()
    for number in range(1_000):
        recent.count(STRANGERS, f"address {number}", now=100)
    recent.count(STRANGERS, "address 1000", now=161)
    assert len(recent) == 1
