"""The real stream of prices: sooner than the polls, and never instead of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from engine.adapters.alpaca.http import Keys
from engine.adapters.alpaca.prices import PricesStream
from models.broker import Mark
from tests.local_alpaca import LocalAlpaca
from tests.local_alpaca.conftest import broker, start
from tests.local_alpaca.played_days import minute
from tests.local_alpaca.polling import until

__all__ = ["broker", "start"]  # fixtures

MUTE_SECONDS = 0.3
WATCHED = ("AAA",)


@contextmanager
def listening(broker: LocalAlpaca, *symbols: str) -> Iterator[PricesStream]:
    keys = Keys(key=broker.key, secret=broker.secret)
    url = broker.data_stream_url("sip")
    stream = PricesStream(keys, feed="sip", url=url, mute_seconds=MUTE_SECONDS)
    stream.start()
    stream.watch(symbols)
    until(lambda: broker.data_stream.subscribers == 1)
    try:
        yield stream
    finally:
        stream.stop()
        until(lambda: broker.data_stream.subscribers == 0)


def a_mark(price: str, number: int) -> Mark:
    return Mark(symbol="AAA", price=Decimal(price), at=minute(number))


def test_a_trade_is_heard(broker: LocalAlpaca) -> None:
    with listening(broker, *WATCHED) as stream:
        broker.advance_to(minute(7))
        until(lambda: stream.latest().get("AAA", a_mark("1", 0)).at == minute(7))
        assert stream.latest()["AAA"].price == broker.exchange.price("AAA")


def test_nobody_connects_before_there_is_anything_to_watch(broker: LocalAlpaca) -> None:
    keys = Keys(key=broker.key, secret=broker.secret)
    stream = PricesStream(keys, feed="sip", url=broker.data_stream_url("sip"))
    stream.start()
    assert (stream._thread, broker.data_stream.subscribers) == (None, 0)


def test_symbols_that_come_later_are_watched_as_well(broker: LocalAlpaca) -> None:
    with listening(broker, "ZZZ") as stream:
        stream.watch(WATCHED)
        until(lambda: broker.data_stream.watched.issuperset(WATCHED))
        until(lambda: _is_heard(broker, stream))


def _is_heard(broker: LocalAlpaca, stream: PricesStream) -> bool:
    broker.advance_to(broker.clock.now() + (minute(1) - minute(0)))
    return "AAA" in stream.latest()


def test_a_mute_stream_is_noticed_by_what_the_polls_see_and_begun_anew(
    broker: LocalAlpaca,
) -> None:
    with listening(broker, *WATCHED) as stream:
        broker.data_stream.is_mute = True
        stream.poll_saw(a_mark("101", 6))
        until(lambda: stream.is_mute)
        stream.supervise()
        broker.data_stream.is_mute = False
        until(lambda: _is_heard(broker, stream))
        assert (stream.restarts, stream.is_mute) == (1, False)


def test_an_older_poll_is_no_reason_to_doubt_it(broker: LocalAlpaca) -> None:
    with listening(broker, *WATCHED) as stream:
        broker.advance_to(minute(7))
        until(stream.latest)
        stream.poll_saw(a_mark("99", 6))
        assert stream._untold_since == {}


def test_a_plan_with_thirty_symbols_is_asked_for_thirty() -> None:
    stream = PricesStream(Keys(key="k", secret="s"), feed="iex", url="ws://127.0.0.1:1")  # noqa: S106
    stream.watch([f"S{number:02d}" for number in range(40)])
    assert len(stream._watched) == 30
