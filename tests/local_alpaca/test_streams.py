"""The streams' protocols, and what can happen to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import orjson
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.local_alpaca import LocalAlpaca, Rules
from tests.local_alpaca.conftest import Client, Start
from tests.local_alpaca.faults import (
    DelayEvent,
    DropEvent,
    EditEvent,
    HoldBack,
    RepeatEvent,
    Respond,
    with_values,
)
from tests.local_alpaca.played_days import day_with, minute
from tests.local_alpaca.polling import PATIENCE, until

BUY_STOP = {"type": "stop", "stop_price": "101"}
Open = Callable[[str], ClientConnection]


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens connections and closes them afterwards."""
    with ExitStack() as connections:
        yield lambda url: connections.enter_context(connect(url, ping_interval=None))


@pytest.fixture
def trades(broker: LocalAlpaca, opened: Open) -> ClientConnection:
    """A connection that listens to trade updates."""
    connection = opened(broker.stream_url)
    data = {"key_id": broker.key, "secret_key": broker.secret}
    say(connection, {"action": "authenticate", "data": data})
    hear(connection)
    say(connection, {"action": "listen", "data": {"streams": ["trade_updates"]}})
    hear(connection)
    return connection


def say(connection: ClientConnection, message: Any) -> None:
    connection.send(orjson.dumps(message).decode())


def hear(connection: ClientConnection) -> Any:
    return orjson.loads(connection.recv(PATIENCE))


def events(connection: ClientConnection, count: int) -> list[tuple[str, str]]:
    heard = [hear(connection)["data"] for _ in range(count)]
    return [(data["event"], data["order"]["client_order_id"]) for data in heard]


def authorized(broker: LocalAlpaca, connection: ClientConnection) -> ClientConnection:
    hear(connection)
    say(connection, {"action": "auth", "key": broker.key, "secret": broker.secret})
    hear(connection)
    return connection


def test_authorization_and_listening_are_acknowledged_in_binary(
    broker: LocalAlpaca, opened: Open
) -> None:
    connection = opened(broker.stream_url)
    data = {"key_id": broker.key, "secret_key": broker.secret}
    say(connection, {"action": "authenticate", "data": data})
    answer = connection.recv(PATIENCE)
    assert isinstance(answer, bytes)
    assert orjson.loads(answer)["data"] == {"status": "authorized", "action": "authenticate"}


def test_a_wrong_key_is_unauthorized(broker: LocalAlpaca, opened: Open) -> None:
    connection = opened(broker.stream_url)
    say(connection, {"action": "authenticate", "data": {"key_id": "x", "secret_key": "y"}})
    assert hear(connection)["data"]["status"] == "unauthorized"


@pytest.mark.usefixtures("trades")
def test_a_second_connection_is_refused(broker: LocalAlpaca, opened: Open) -> None:
    with pytest.raises(InvalidStatus) as refused:
        opened(broker.stream_url)
    assert refused.value.response.status_code == 429


def test_a_fill_says_what_traded_and_what_is_held_now(
    broker: LocalAlpaca, client: Client, trades: ClientConnection
) -> None:
    client.placed(client_order_id="mine")
    broker.advance_to(minute(6))
    hear(trades)
    data = hear(trades)["data"]
    assert (data["event"], data["price"], data["qty"], data["position_qty"]) == (
        "fill",
        "100",
        "10",
        "10",
    )
    assert (data["timestamp"], data["order"]["legs"]) == ("2026-11-20T14:35:00Z", None)


def test_legs_carry_their_group_on_the_stream(client: Client, trades: ClientConnection) -> None:
    order = client.placed(**BUY_STOP, order_class="oto", stop_loss={"stop_price": "99"})
    told = hear(trades)["data"]["order"]
    assert (told["group_id"], told["group_role"]) == (order["group_id"], "entry")


def test_an_event_may_be_missing(
    broker: LocalAlpaca, client: Client, trades: ClientConnection
) -> None:
    broker.faults.add(DropEvent(), event="new", client_order_id="a")
    for name in ("a", "b"):
        client.placed(**BUY_STOP, client_order_id=name)
    assert events(trades, 1) == [("new", "b")]


def test_an_event_may_come_twice(
    broker: LocalAlpaca, client: Client, trades: ClientConnection
) -> None:
    broker.faults.add(RepeatEvent(), event="new")
    for name in ("a", "b"):
        client.placed(**BUY_STOP, client_order_id=name)
    assert events(trades, 3) == [("new", "a"), ("new", "a"), ("new", "b")]


def test_an_event_may_come_after_the_next(
    broker: LocalAlpaca, client: Client, trades: ClientConnection
) -> None:
    broker.faults.add(HoldBack(), event="new")
    for name in "abcd":
        client.placed(**BUY_STOP, client_order_id=name)
    assert [name for _, name in events(trades, 4)] == ["b", "a", "c", "d"]


def test_an_event_may_come_late(
    broker: LocalAlpaca, client: Client, trades: ClientConnection
) -> None:
    broker.faults.add(DelayEvent(timedelta(seconds=30)), event="new")
    client.placed(**BUY_STOP, client_order_id="a")
    client.placed(**BUY_STOP, client_order_id="b")
    broker.advance_to(minute(5.5))
    assert events(trades, 2) == [("new", "b"), ("new", "a")]


def test_an_event_may_be_of_a_kind_nobody_knows(
    broker: LocalAlpaca, client: Client, trades: ClientConnection
) -> None:
    broker.faults.add(EditEvent(with_values(event="restated")))
    client.placed(**BUY_STOP, client_order_id="a")
    assert events(trades, 1) == [("restated", "a")]


def test_a_mute_stream_loses_what_happens_meanwhile(
    broker: LocalAlpaca, client: Client, trades: ClientConnection
) -> None:
    broker.trade_stream.is_mute = True
    client.placed(**BUY_STOP, client_order_id="a")
    broker.trade_stream.is_mute = False
    client.placed(**BUY_STOP, client_order_id="b")
    assert events(trades, 1) == [("new", "b")]


def test_a_dropped_stream_makes_room_for_the_next(
    broker: LocalAlpaca, opened: Open, trades: ClientConnection
) -> None:
    broker.trade_stream.drop()
    with pytest.raises(ConnectionClosed):
        trades.recv(PATIENCE)
    until(lambda: not broker.trade_stream.listeners)
    opened(broker.stream_url)


def test_a_stream_may_be_refused(broker: LocalAlpaca, opened: Open) -> None:
    broker.faults.add(Respond(503), path="/stream")
    with pytest.raises(InvalidStatus) as refused:
        opened(broker.stream_url)
    assert refused.value.response.status_code == 503


def test_rare_events_are_told_where_asked_for(start: Start, opened: Open) -> None:
    broker = start(rules=Rules(rare_events=True))
    connection = opened(broker.stream_url)
    data = {"key_id": broker.key, "secret_key": broker.secret}
    say(connection, {"action": "authenticate", "data": data})
    say(connection, {"action": "listen", "data": {"streams": ["trade_updates"]}})
    until(lambda: broker.trade_stream.listeners)
    client = Client(broker)
    client.cancel(client.placed(**BUY_STOP, client_order_id="a")["id"])
    names = [name for name, _ in events_after_greeting(connection)]
    assert names == ["pending_new", "new", "pending_cancel", "canceled"]


def events_after_greeting(connection: ClientConnection) -> list[tuple[str, str]]:
    hear(connection)
    hear(connection)
    return events(connection, 4)


def test_market_data_greets_before_it_is_asked(broker: LocalAlpaca, opened: Open) -> None:
    connection = opened(broker.data_stream_url())
    assert hear(connection) == [{"T": "success", "msg": "connected"}]


def test_a_bar_is_told_when_it_has_closed(broker: LocalAlpaca, opened: Open) -> None:
    connection = authorized(broker, opened(broker.data_stream_url("sip")))
    say(connection, {"action": "subscribe", "bars": ["*"]})
    hear(connection)
    broker.advance_to(minute(6))
    (bar,) = hear(connection)
    assert (bar["T"], bar["S"], bar["t"], bar["h"]) == ("b", "AAA", "2026-11-20T14:35:00Z", 100.5)


def test_a_halt_is_told_to_who_wants_to_know(broker: LocalAlpaca, opened: Open) -> None:
    connection = authorized(broker, opened(broker.data_stream_url()))
    say(connection, {"action": "subscribe", "statuses": ["AAA"]})
    hear(connection)
    broker.halt("AAA")
    broker.resume("AAA")
    codes = [hear(connection)[0]["sc"] for _ in range(2)]
    assert codes == ["H", "T"]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"action": "subscribe", "bars": ["AAA"]}, 401),
        ({"action": "auth", "key": "x", "secret": "y"}, 402),
        ("nonsense", 400),
    ],
)
def test_market_data_refuses_with_its_codes(
    broker: LocalAlpaca, opened: Open, message: Any, code: int
) -> None:
    connection = opened(broker.data_stream_url())
    hear(connection)
    say(connection, message)
    assert hear(connection)[0]["code"] == code


def test_one_connection_for_market_data_is_the_limit(broker: LocalAlpaca, opened: Open) -> None:
    authorized(broker, opened(broker.data_stream_url()))
    second = opened(broker.data_stream_url())
    hear(second)
    say(second, {"action": "auth", "key": broker.key, "secret": broker.secret})
    assert hear(second)[0]["code"] == 406


def test_the_basic_plan_has_no_sip_stream(start: Start, opened: Open) -> None:
    broker = start(rules=Rules(plan="basic"))
    connection = opened(broker.data_stream_url("sip"))
    hear(connection)
    say(connection, {"action": "auth", "key": broker.key, "secret": broker.secret})
    assert hear(connection)[0]["code"] == 409


def test_the_basic_plan_ends_at_thirty_symbols(start: Start, opened: Open) -> None:
    broker = start({f"S{n}": day_with([]) for n in range(31)}, Rules(plan="basic"))
    connection = authorized(broker, opened(broker.data_stream_url()))
    say(connection, {"action": "subscribe", "bars": [f"S{n}" for n in range(31)]})
    assert hear(connection)[0]["code"] == 405
