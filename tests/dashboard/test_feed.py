"""The live feed as a program hears it, over a real socket."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import msgpack
import orjson
import pytest
from flask import Flask
from simple_websocket.errors import ConnectionClosed
from simple_websocket.ws import Client

from dashboard.feed import news
from engine.actions import control
from engine.actions.alerts import acknowledge
from engine.actions.permissions import Actor
from engine.desk import Desk
from engine.journal import Kind
from models.vocabulary import Role, Severity, SignalStatus
from tests.dashboard import builders, desks

Say = dict[str, Any]
HANDSHAKE = {"Connection": "Upgrade", "Upgrade": "websocket"}
OTTO = Actor("otto", Role.OPERATOR)


class Listener:
    """One connection to the feed."""

    def __init__(self, socket: Client) -> None:
        self.socket = socket

    def say(self, **words: Any) -> None:
        self.socket.send(orjson.dumps(words).decode())

    def subscribe(self, *channels: str, **more: Any) -> Say:
        """Subscribe; return the snapshot."""
        self.say(action="subscribe", channels=channels, **more)
        return self.hear("snapshot")

    def hear(self, kind: str) -> Say:
        """Return the next message of a kind; the test's own time-out ends a wait for ever."""
        while True:
            message = decode(self.socket.receive(timeout=20))
            if message["type"] == kind:
                return message

    def hear_fact(self) -> Say:
        """Return the next message but a heartbeat, which comes first where time is short."""
        while (message := decode(self.socket.receive(timeout=20)))["type"] == "heartbeat":
            pass
        return message

    def closed(self) -> int:
        """Return the code that the server closes with."""
        try:
            while True:
                self.socket.receive(timeout=20)
        except ConnectionClosed as ending:
            return int(ending.reason)


@pytest.fixture
def cookie(app: Flask) -> str:
    client = app.test_client()
    return log_in(client)


@pytest.fixture
def listen(url: str, cookie: str) -> Iterator[Callable[[], Listener]]:
    """Opens connections with Anna's session."""
    with ExitStack() as opened:

        def listen(path: str = "/ws/v1/feed", cookie: str = cookie) -> Listener:
            address = url.replace("http", "ws") + path
            socket = Client(address, headers={"Cookie": cookie})
            opened.callback(hang_up, socket)
            return Listener(socket)

        yield listen


def log_in(client: Any) -> str:
    client.get("/login")
    with client.session_transaction() as session:
        token = session["form_token"]
    form = {"name": "anna", "password": desks.PASSWORD, "form_token": token}
    client.post("/login", data=form)
    return f"bellwether={client.get_cookie('bellwether').value}"


def hang_up(socket: Client) -> None:
    if socket.connected:
        socket.close()
    socket.thread.join()


def decode(said: str | bytes | None) -> Say:
    assert said is not None, "the feed fell silent"
    decoded: Say = msgpack.unpackb(said) if isinstance(said, bytes) else orjson.loads(said)
    return decoded


Listen = Callable[..., Listener]


def test_a_snapshot_has_the_channels_asked_for_and_nothing_else(listen: Listen) -> None:
    snapshot = listen().subscribe("positions", "account")
    assert snapshot["data"] == {"positions": [], "account": None}


def test_the_alias_is_the_same_feed(listen: Listen) -> None:
    assert listen("/ws/live").subscribe("positions")["data"] == {"positions": []}


def test_a_position_is_told_with_exact_money(desk: Desk, listen: Listen) -> None:
    builders.add_position(desk, "NVDA", prices=("181.2025", "183.05", "0.92"))
    [position] = listen().subscribe("positions")["data"]["positions"]
    assert (position["symbol"], position["entry_price"]) == ("NVDA", "181.2025")
    assert position["pnl"] == "554.25"
    assert position["is_protected"] is True


def test_only_what_changed_is_told(desk: Desk, listen: Listen) -> None:
    builders.add_position(desk, "AMD")
    builders.add_position(desk, "NVDA")
    feed = listen()
    feed.subscribe("positions")
    builders.set_price(desk, "NVDA", "200")
    update = feed.hear("position_update")["data"]
    assert [row["symbol"] for row in update["upsert"]] == ["NVDA"]
    assert update["remove"] == []


def test_a_closed_position_is_removed(desk: Desk, listen: Listen) -> None:
    trade = builders.add_position(desk)
    feed = listen()
    feed.subscribe("positions")
    builders.close(desk, trade, "5")
    assert feed.hear("position_update")["data"] == {"upsert": [], "remove": [trade.id]}


@pytest.mark.parametrize("kind", ["signal", "order", "fill", "trade", "alert", "log"])
def test_a_fact_is_a_message_of_its_kind_with_its_number(
    desk: Desk, listen: Listen, kind: Kind
) -> None:
    feed = listen()
    seq = feed.subscribe("logs")["seq"]
    builders.add_fact(desk, kind, "It happened.", severity=Severity.WARNING)
    told = feed.hear(kind)
    assert told["seq"] == told["data"]["seq"] == seq + 1
    assert told["data"]["text"] == "It happened."


def test_a_fact_reaches_only_those_who_want_its_channel(desk: Desk, listen: Listen) -> None:
    feed = listen()
    feed.subscribe("orders")
    builders.add_fact(desk, "trade", "not for us")
    builders.add_fact(desk, "fill", "for us")
    assert feed.hear_fact()["data"]["text"] == "for us"


def test_the_kill_switch_is_told_at_once(desk: Desk, listen: Listen) -> None:
    feed = listen()
    feed.subscribe("pause_state")
    control.kill(desk, OTTO, "a test")
    halted = feed.hear("pause_state_change")["data"]["halted"]
    assert (halted["actor"], halted["reason"]) == ("otto", "a test")


def test_the_alerts_are_those_that_nobody_has_acknowledged(desk: Desk, listen: Listen) -> None:
    for severity in (Severity.INFO, Severity.WARNING, Severity.CRITICAL):
        builders.add_fact(desk, "alert", severity.value, severity=severity)
    feed = listen()
    newest, older = feed.subscribe("alerts")["data"]["alerts"]
    assert (newest["text"], older["text"]) == ("critical", "warning")
    acknowledge(desk, OTTO, [newest["seq"]])
    assert feed.hear("alerts_update")["data"] == [older]


def test_an_alert_that_is_raised_joins_the_open_ones(desk: Desk, listen: Listen) -> None:
    feed = listen()
    assert feed.subscribe("alerts")["data"] == {"alerts": []}
    builders.add_fact(desk, "alert", "NVDA has no stop", severity=Severity.CRITICAL)
    assert feed.hear_fact()["type"] == "alert"
    [told] = feed.hear("alerts_update")["data"]
    assert told["text"] == "NVDA has no stop"


def test_who_comes_back_catches_up_on_what_it_missed(desk: Desk, listen: Listen) -> None:
    builders.add_fact(desk, "fill", "seen")
    seen = listen().subscribe("orders")["seq"]
    builders.add_fact(desk, "fill", "missed")
    builders.add_fact(desk, "trade", "of another channel")
    feed = listen()
    feed.subscribe("orders", last_seq=seen)
    missed = feed.hear("catch_up")
    assert (missed["from_seq"], missed["to_seq"]) == (seen, seen + 2)
    assert [event["data"]["text"] for event in missed["events"]] == ["missed"]


def test_more_than_one_message_holds_is_asked_for_on_the_same_connection(
    desk: Desk, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "MOST_CAUGHT_UP", 2)
    seen = listen().subscribe("orders")["seq"]
    for number in range(3):
        builders.add_fact(desk, "fill", f"missed {number}")
    feed = listen()
    feed.subscribe("orders", last_seq=seen)
    first = feed.hear("catch_up")
    feed.say(action="catch_up", last_seq=first["to_seq"])
    rest = feed.hear("catch_up")
    assert (first["to_seq"], rest["to_seq"]) == (seen + 2, rest["seq"])
    assert [event["data"]["text"] for event in rest["events"]] == ["missed 2"]


def test_who_has_not_subscribed_catches_up_on_nothing(listen: Listen) -> None:
    feed = listen()
    feed.say(action="catch_up", last_seq=0)
    assert feed.hear("error")["data"]["code"] == "bad_request"
    assert feed.closed() == 1008


def test_msgpack_says_the_same_in_binary(desk: Desk, listen: Listen) -> None:
    builders.add_signal(desk, 1, "NVDA", SignalStatus.WORKING)
    assert (
        listen().subscribe("signals", format="msgpack")["data"]
        == listen().subscribe("signals")["data"]
    )


def test_the_subscription_can_be_changed(listen: Listen) -> None:
    feed = listen()
    feed.subscribe("account")
    assert feed.subscribe("positions")["data"] == {"positions": []}


@pytest.mark.parametrize(
    "words",
    [
        {"action": "subscribe", "channels": ["gossip"]},
        {"action": "subscribe", "channels": []},
        {"action": "subscribe", "channels": ["logs"], "last_seq": 2**63},
        {"action": "sing"},
    ],
)
def test_nonsense_is_answered_with_an_error_and_the_end(listen: Listen, words: Say) -> None:
    feed = listen()
    feed.say(**words)
    assert feed.hear("error")["data"]["code"] == "bad_request"
    assert feed.closed() == 1008


def test_an_error_has_the_number_of_the_newest_fact(listen: Listen) -> None:
    stranger, reader = listen(), listen()
    stranger.say(action="sing")
    newest = reader.subscribe("account")["seq"]
    assert stranger.hear("error")["seq"] == newest
    reader.say(action="sing")
    assert reader.hear("error")["seq"] == newest


def test_a_heartbeat_is_heard(listen: Listen) -> None:
    feed = listen()
    snapshot = feed.subscribe("account")
    assert feed.hear("heartbeat")["seq"] == snapshot["seq"]


def test_one_connection_too_many_is_refused_before_the_handshake(
    app: Flask, listen: Listen, cookie: str
) -> None:
    for _ in range(app.extensions["feed"].limit):
        listen().subscribe("account")
    refusal = app.test_client(use_cookies=False).get(
        "/ws/v1/feed", headers=HANDSHAKE | {"Cookie": cookie}
    )
    assert (refusal.status_code, refusal.headers["Retry-After"]) == (503, "5")


def test_a_browser_that_was_refused_is_told_why(app: Flask, cookie: str) -> None:
    client, feed = app.test_client(use_cookies=False), app.extensions["feed"]
    assert client.get("/session", headers={"Cookie": cookie}).status_code == 204
    for _ in range(feed.limit):
        feed.take_slot()
    answer = client.get("/session", headers={"Cookie": cookie})
    sentence = "The feed already serves 4 connections; try again soon."
    assert (answer.status_code, answer.json) == (200, {"feed": sentence})
    assert client.get("/session").status_code == 401


def test_the_status_says_from_which_age_on_a_part_is_late(listen: Listen) -> None:
    parts = listen().subscribe("status")["data"]["status"]["parts"]
    late = {part["part"]: part["late_after"] for part in parts}
    assert late == {"engine": 10, "broker": 20, "data": 90}


def test_a_place_is_free_again_when_somebody_leaves(app: Flask, listen: Listen) -> None:
    feeds = [listen() for _ in range(app.extensions["feed"].limit)]
    feeds[0].subscribe("account")
    hang_up(feeds[0].socket)
    until(app.extensions["feed"].take_slot)


def test_logging_out_ends_the_connections_of_that_login_alone(
    app: Flask, listen: Listen, cookie: str
) -> None:
    mine, other = listen(), listen(cookie=log_in(app.test_client()))
    mine.subscribe("account")
    other.subscribe("account")
    app.test_client(use_cookies=False).post("/logout", headers={"Cookie": cookie})
    assert mine.closed() == 4401
    assert other.subscribe("trades")["data"] == {"trades": []}


def test_the_end_of_the_process_ends_every_connection(app: Flask, listen: Listen) -> None:
    feed = listen()
    feed.subscribe("account")
    app.extensions["feed"].stop()
    assert feed.closed() == 1012


def until(condition: Callable[[], bool]) -> None:
    """Ask until it is so; the test's own time-out ends a wait for ever."""
    while not condition():
        pass
