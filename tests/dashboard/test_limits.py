"""Requests are counted by role; several processes on one database count as one."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from dashboard import create_app
from dashboard.limits import LIMITS, STRANGERS, Recent
from dashboard.stopping import LONGEST
from engine.actions.keys import create_key
from engine.actions.permissions import SYSTEM
from engine.actions.request_counts import count_request
from engine.clock import wall_now
from engine.desk import Desk
from engine.settings import Settings
from models.control import RequestCount, TradingState
from models.database import Database
from models.vocabulary import Control, Role
from tests.dashboard.conftest import SECRET
from tests.dashboard.test_reach import ADMIN, forged, logged_in, name_of, server_callbacks
from tests.databases import with_schema

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CALLBACK = "/_dash-update-component"
PLAN, PAGE = "live-emergency-plan.children", "shell-page.children"
LIES: list[dict[str, object]] = [
    {"changedPropIds": ["kill-confirm.n_clicks"]},
    {"inputs": [{"id": "kill-confirm", "property": "n_clicks", "value": 1}]},
    {"output": ["kill-dialog.is_open"]},
    {"output": "kill-confirm"},
]


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


# ---------------------------------------------------------------------------- who stops the desk
@pytest.fixture
def counting(desk: Desk) -> Iterator[Flask]:
    """A face of the desk that counts in its database, where a test can count as well."""
    made = create_app(Settings(feed_limit=4, limits="database"), desk, SECRET)
    yield made
    made.extensions["feed"].stop()


@pytest.fixture
def hasty(counting: Flask, desk: Desk) -> FlaskClient:
    """An admin's browser, after as many requests as an admin has in a minute."""
    client = logged_in(counting, ADMIN)
    have_asked(desk, "anna")
    return client


@pytest.mark.parametrize("button", ["kill-dialog.is_open", "emergency-dialog.is_open"])
def test_whoever_has_asked_too_often_can_still_stop_the_desk_on_the_page(
    desk: Desk, hasty: FlaskClient, button: str
) -> None:
    assert press(hasty, said(hasty.application, button)) == 200
    with desk.db.read() as tx:
        assert tx.get_one(TradingState, "all").state is Control.HALTED


def test_what_a_stop_would_do_is_counted_apart(desk: Desk, hasty: FlaskClient) -> None:
    reading = said(hasty.application, PLAN)
    first = press(hasty, reading)
    have_asked(desk, "plan of anna")
    assert (first, press(hasty, reading)) == (200, 429)


def test_what_only_says_that_it_stops_the_desk_is_counted(hasty: FlaskClient) -> None:
    page = said(hasty.application, PAGE)
    assert {press(hasty, {**page, **lie}) for lie in LIES} == {429}


def test_what_cannot_be_read_is_counted(hasty: FlaskClient) -> None:
    odd = [b"", b"{", b"[]", b'{"output":1}', b" " * (LONGEST + 1)]
    asked = [hasty.post(CALLBACK, data=body, content_type="application/json") for body in odd]
    assert {answer.status_code for answer in asked} == {429}


def have_asked(desk: Desk, who: str) -> None:
    """Count as many requests as an admin has, in a minute that lasts as long as a test may."""
    counted = RequestCount(key=who, count=LIMITS[Role.ADMIN], ends_at=wall_now() + HOUR)
    with desk.db.write() as tx:
        tx.merge(counted)


def press(client: FlaskClient, body: dict[str, object]) -> int:
    return client.post(CALLBACK, json=body).status_code


def said(app: Flask, name: str) -> dict[str, object]:
    """What a page sends for a callback."""
    return forged(next(spec for spec in server_callbacks(app) if name_of(spec) == name))


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
