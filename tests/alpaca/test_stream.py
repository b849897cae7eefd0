"""The real trade updates stream: it makes things sooner, and nothing rests on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event

import pytest

from engine.adapters.alpaca.http import Keys
from engine.adapters.alpaca.streams import UpdatesStream
from tests.local_alpaca import LocalAlpaca
from tests.local_alpaca.conftest import Client, broker, client, start
from tests.local_alpaca.faults import (
    DelayEvent,
    DropEvent,
    EditEvent,
    HoldBack,
    RepeatEvent,
    with_values,
)
from tests.local_alpaca.played_days import minute
from tests.local_alpaca.polling import until

__all__ = ["broker", "client", "start"]  # fixtures

MUTE_SECONDS = 0.3


class Ear:
    """Counts what is heard."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


@contextmanager
def listening(broker: LocalAlpaca, ear: Callable[[], None]) -> Iterator[UpdatesStream]:
    keys = Keys(key=broker.key, secret=broker.secret)
    stream = UpdatesStream(keys, ear, paper=True, url=broker.stream_url, mute_seconds=MUTE_SECONDS)
    stream.start()
    until(lambda: broker.trade_stream.listeners == 1)
    try:
        yield stream
    finally:
        stream.stop()
        until(lambda: broker.trade_stream.listeners == 0)


def test_an_order_that_changes_is_heard(broker: LocalAlpaca, client: Client) -> None:
    ear = Ear()
    with listening(broker, ear):
        client.placed()
        until(lambda: ear.count >= 1)


def test_a_stream_that_tells_what_the_polls_see_is_left_alone(
    broker: LocalAlpaca, client: Client
) -> None:
    ear = Ear()
    with listening(broker, ear) as stream:
        client.placed()
        until(lambda: ear.count >= 1)
        stream.poll_saw_a_change()  # the poll comes after what was told
        Event().wait(2 * MUTE_SECONDS)
        stream.supervise()
        assert (stream.is_mute, stream.restarts) == (False, 0)


def test_a_mute_stream_is_noticed_and_restarted_and_hears_again(
    broker: LocalAlpaca, client: Client
) -> None:
    ear = Ear()
    with listening(broker, ear) as stream:
        broker.trade_stream.is_mute = True
        until(lambda: stream.silent_seconds > MUTE_SECONDS)
        client.placed()
        stream.poll_saw_a_change()
        until(lambda: stream.is_mute)
        stream.supervise()
        broker.trade_stream.is_mute = False
        until(lambda: broker.trade_stream.listeners == 0 or stream.restarts)
        until(lambda: broker.trade_stream.listeners == 1)
        until(lambda: _is_heard(client, ear))
        assert stream.restarts == 1


def _is_heard(client: Client, ear: Ear) -> bool:
    client.placed(type="stop", stop_price="150")
    return ear.count > 0


def test_a_cut_line_is_taken_up_again(broker: LocalAlpaca, client: Client) -> None:
    ear = Ear()
    with listening(broker, ear):
        broker.trade_stream.drop()
        until(lambda: broker.trade_stream.listeners == 0)
        until(lambda: broker.trade_stream.listeners == 1)
        client.placed()
        until(lambda: ear.count >= 1)


def test_stopping_right_after_starting_leaves_nobody_listening(broker: LocalAlpaca) -> None:
    keys = Keys(key=broker.key, secret=broker.secret)
    stream = UpdatesStream(keys, Ear(), paper=True, url=broker.stream_url)
    stream.start()
    stream.stop()
    until(lambda: stream._thread is not None and not stream._thread.is_alive())
    assert broker.trade_stream.listeners == 0


@pytest.mark.parametrize(
    "trouble",
    [
        DropEvent(),
        RepeatEvent(),
        HoldBack(),
        DelayEvent(timedelta(seconds=30)),
        EditEvent(with_values(event="a word from the future", order=None)),
    ],
    ids=["dropped", "twice", "out of order", "late", "unknown"],
)
def test_whatever_happens_to_the_events_it_goes_on_listening(
    broker: LocalAlpaca, client: Client, trouble: object
) -> None:
    ear = Ear()
    broker.faults.add(trouble, event="*", times=2)  # type: ignore[arg-type]
    with listening(broker, ear):
        client.placed(type="stop", stop_price="100.2", client_order_id="one")
        broker.advance_to(minute(7))
        client.placed(type="stop", stop_price="150", client_order_id="two")
        broker.advance_to(minute(8))
        client.cancel(client.get("/v2/orders")[0]["id"])
        until(lambda: ear.count >= 2)
