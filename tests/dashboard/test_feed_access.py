"""Who may listen to the feed, and how soon somebody who may not any more is put out."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import timedelta

import pytest
from flask import Flask
from simple_websocket.errors import ConnectionClosed
from simple_websocket.ws import Client

from dashboard.tokens import ACCESS_FOR, Tokens
from engine.actions.keys import create_key, revoke_key
from engine.actions.logins import begin_login, end_all_logins
from engine.actions.people import find_user
from engine.actions.permissions import SYSTEM, Actor
from engine.clock import wall_now
from engine.desk import Desk
from models.vocabulary import Role, Way
from tests.dashboard import builders
from tests.dashboard.test_feed import HANDSHAKE, Listener, hang_up

ANNA = Actor("anna", Role.ADMIN)
Listen = Callable[..., Listener]


@pytest.fixture
def listen(url: str) -> Iterator[Listen]:
    """Opens connections with these headers."""
    with ExitStack() as opened:

        def listen(**headers: str) -> Listener:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            socket = Client(url.replace("http", "ws") + "/ws/v1/feed", headers=named)
            opened.callback(hang_up, socket)
            return Listener(socket)

        yield listen


@pytest.fixture
def token(app: Flask, desk: Desk) -> Callable[..., str]:
    """Makes a token of Anna's that ends after a while."""
    tokens: Tokens = app.extensions["entrance"].tokens

    def token(left: timedelta = ACCESS_FOR) -> str:
        with desk.db.read() as tx:
            user = find_user(tx, "anna")
        assert user is not None
        login = begin_login(desk.db, user, Way.API, "", "")
        return tokens.issue(user, login, 0, wall_now() - ACCESS_FOR + left).access_token

    return token


def test_a_program_listens_with_its_key(desk: Desk, listen: Listen) -> None:
    secret = create_key(desk, SYSTEM, "grafana", Role.VIEWER).secret
    assert listen(X_API_Key=secret).subscribe("positions")["data"] == {"positions": []}


def test_a_program_listens_with_a_token(listen: Listen, token: Callable[..., str]) -> None:
    feed = listen(Authorization=f"Bearer {token()}")
    assert feed.subscribe("positions")["data"] == {"positions": []}


def test_a_wrong_key_does_not_get_as_far_as_the_handshake(app: Flask) -> None:
    answer = app.test_client(use_cookies=False).get(
        "/ws/v1/feed", headers=HANDSHAKE | {"X-API-Key": "bw_wrong"}
    )
    assert answer.status_code == 401


def test_a_key_revoked_while_it_listens_is_put_out(desk: Desk, listen: Listen) -> None:
    feed = listen(X_API_Key=create_key(desk, SYSTEM, "grafana", Role.VIEWER).secret)
    feed.subscribe("positions")
    revoke_key(desk, SYSTEM, "grafana")
    assert feed.closed() == 4401


def test_others_stay_when_a_key_is_revoked(desk: Desk, listen: Listen) -> None:
    create_key(desk, SYSTEM, "grafana", Role.VIEWER)
    other = listen(X_API_Key=create_key(desk, SYSTEM, "other", Role.VIEWER).secret)
    other.subscribe("logs")
    revoke_key(desk, SYSTEM, "grafana")
    assert other.hear("log")["data"]["kind"] == "keys"
    assert other.subscribe("positions")["data"] == {"positions": []}


def test_a_token_ended_everywhere_is_put_out(
    desk: Desk, listen: Listen, token: Callable[..., str]
) -> None:
    feed = listen(Authorization=f"Bearer {token()}")
    feed.subscribe("positions")
    end_all_logins(desk, ANNA)
    assert feed.closed() == 4401


def test_a_token_near_its_end_is_asked_to_be_renewed(
    desk: Desk, listen: Listen, token: Callable[..., str]
) -> None:
    builders.add_fact(desk, "fill", "the first")
    feed = listen(Authorization=f"Bearer {token(timedelta(minutes=4))}")
    feed.say(action="subscribe", channels=["account"])  # it may be asked before its snapshot comes
    asked = feed.hear("token_refresh_required")
    assert asked["refresh_url"] == "/api/v1/auth/refresh"
    assert asked["seq"] == 1


def test_a_renewed_token_lets_the_reader_stay(listen: Listen, token: Callable[..., str]) -> None:
    feed = listen(Authorization=f"Bearer {token(timedelta(seconds=3))}")
    feed.subscribe("account")
    feed.say(action="refresh_token", token=token())
    assert feed.hear("heartbeat")["type"] == "heartbeat"


def test_a_token_that_ends_on_the_feed_is_put_out(
    listen: Listen, token: Callable[..., str]
) -> None:
    feed = listen(Authorization=f"Bearer {token(timedelta(seconds=3))}")
    feed.subscribe("account")
    assert feed.closed() == 4401


def test_nobody_stays_with_somebody_elses_token(
    desk: Desk, app: Flask, listen: Listen, token: Callable[..., str]
) -> None:
    with desk.db.read() as tx:
        otto = find_user(tx, "otto")
    assert otto is not None
    login = begin_login(desk.db, otto, Way.API, "", "")
    tokens: Tokens = app.extensions["entrance"].tokens
    feed = listen(Authorization=f"Bearer {token()}")
    feed.subscribe("account")
    feed.say(action="refresh_token", token=tokens.issue(otto, login, 0, wall_now()).access_token)
    assert feed.closed() == 4401


@pytest.mark.parametrize("frame", ["{", "null", "[]", '{"action":"subscribe"}', "\x00", '"' * 99])
def test_a_malformed_frame_is_answered_and_ends(desk: Desk, listen: Listen, frame: str) -> None:
    feed = listen(X_API_Key=create_key(desk, SYSTEM, "grafana", Role.VIEWER).secret)
    feed.socket.send(frame)
    assert feed.hear("error")["data"]["code"] == "bad_request"
    assert feed.closed() == 1008


def test_an_oversized_frame_ends_the_connection(desk: Desk, listen: Listen) -> None:
    feed = listen(X_API_Key=create_key(desk, SYSTEM, "grafana", Role.VIEWER).secret)
    feed.socket.send('{"action":"subscribe","channels":["' + "x" * 9_000 + '"]}')
    assert feed.closed() in {1006, 1009}


def test_who_sends_more_than_is_answered_is_put_out(desk: Desk, listen: Listen) -> None:
    feed = listen(X_API_Key=create_key(desk, SYSTEM, "grafana", Role.VIEWER).secret)
    feed.subscribe("account")
    with suppress(ConnectionClosed, OSError):
        for _ in range(500):
            feed.say(action="subscribe", channels=["account"])
    assert feed.closed() == 1008
