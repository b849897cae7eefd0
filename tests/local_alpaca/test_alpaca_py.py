"""The real alpaca-py speaks with it: trading, history, and both streams."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from queue import Queue
from threading import Thread
from typing import Any

import pytest
from alpaca.common.exceptions import APIError
from alpaca.data.enums import DataFeed
from alpaca.data.historical.stock import StockHistoricalDataClient
from alpaca.data.live.stock import StockDataStream
from alpaca.data.requests import (
    StockBarsRequest,
    StockLatestTradeRequest,
    StockSnapshotRequest,
)
from alpaca.data.timeframe import TimeFrame, TimeFrameUnit
from alpaca.trading.client import TradingClient
from alpaca.trading.enums import OrderClass, OrderSide, QueryOrderStatus, TimeInForce
from alpaca.trading.requests import (
    GetCalendarRequest,
    GetOrdersRequest,
    ReplaceOrderRequest,
    StopLossRequest,
    StopOrderRequest,
)
from alpaca.trading.stream import TradingStream

from tests.local_alpaca import LocalAlpaca
from tests.local_alpaca.conftest import Start
from tests.local_alpaca.faults import Respond
from tests.local_alpaca.played_days import OPEN, day_with, minute
from tests.local_alpaca.polling import PATIENCE, until

RISE = ("100", "102", "100", "101.5")
Stream = TradingStream | StockDataStream
Raw = Any  # with raw_data the clients answer with plain JSON, which their types leave open


@pytest.fixture
def broker(start: Start) -> LocalAlpaca:
    """A day in which AAA rises through 101 after 9:35; BBB stays."""
    return start({"AAA": day_with([RISE]), "BBB": day_with([])})


@pytest.fixture
def trading(broker: LocalAlpaca) -> Raw:
    return TradingClient(broker.key, broker.secret, url_override=broker.url, raw_data=True)


@pytest.fixture
def data(broker: LocalAlpaca) -> Raw:
    return StockHistoricalDataClient(
        broker.key, broker.secret, url_override=broker.url, raw_data=True
    )


@pytest.fixture
def running(broker: LocalAlpaca) -> Iterator[Callable[[Stream], None]]:
    """Runs streams in threads and stops them afterwards."""
    threads: list[tuple[Stream, Thread]] = []

    def run(stream: Stream) -> None:
        thread = Thread(target=stream.run, daemon=True)
        threads.append((stream, thread))
        thread.start()

    yield run
    for stream, thread in threads:
        stream.stop()
        broker.trade_stream.drop()  # else the client waits five seconds for a message
        broker.data_stream.drop()
        thread.join(PATIENCE)


def an_entry(client_order_id: str = "orb-1") -> StopOrderRequest:
    return StopOrderRequest(
        symbol="AAA",
        qty=10,
        side=OrderSide.BUY,
        time_in_force=TimeInForce.DAY,
        stop_price=101,
        order_class=OrderClass.OTO,
        stop_loss=StopLossRequest(stop_price=99),
        client_order_id=client_order_id,
    )


def test_an_entry_with_its_stop_is_placed_and_read_back(trading: Raw) -> None:
    trading.submit_order(an_entry())
    order = trading.get_order_by_client_id("orb-1")
    assert order["status"] == "new"
    assert [leg["status"] for leg in order["legs"]] == ["held"]


def test_open_orders_are_listed_with_their_legs(trading: Raw) -> None:
    trading.submit_order(an_entry())
    wanted = GetOrdersRequest(status=QueryOrderStatus.OPEN, nested=True, symbols=["AAA"])
    orders = trading.get_orders(wanted)
    assert [(order["client_order_id"], len(order["legs"])) for order in orders] == [("orb-1", 1)]


def test_an_order_is_cancelled(trading: Raw) -> None:
    order = trading.submit_order(an_entry())
    trading.cancel_order_by_id(order["id"])
    assert trading.get_order_by_id(order["id"])["status"] == "canceled"


def test_an_order_is_replaced(trading: Raw) -> None:
    entry = StopOrderRequest(
        symbol="BBB", qty=1, side=OrderSide.BUY, time_in_force=TimeInForce.DAY, stop_price=101
    )
    order = trading.submit_order(entry)
    new = trading.replace_order_by_id(order["id"], ReplaceOrderRequest(stop_price=102))
    assert (new["replaces"], new["stop_price"]) == (order["id"], "102")


def test_a_fill_shows_in_positions_and_activities(broker: LocalAlpaca, trading: Raw) -> None:
    trading.submit_order(an_entry())
    broker.advance_to(minute(6))
    held = trading.get_all_positions()
    fills = trading.get("/account/activities/FILL")
    assert [(one["symbol"], one["qty"]) for one in held] == [("AAA", "10")]
    assert [(one["side"], one["price"]) for one in fills] == [("buy", "101")]


def test_everything_is_closed_with_orders_cancelled(broker: LocalAlpaca, trading: Raw) -> None:
    trading.submit_order(an_entry())
    broker.advance_to(minute(6))
    answer = trading.close_all_positions(cancel_orders=True)
    broker.advance_to(minute(7))
    assert [row["status"] for row in answer] == [200]
    assert (trading.get_all_positions(), trading.get_orders()) == ([], [])


def test_a_refusal_is_an_api_error_with_its_code(trading: Raw) -> None:
    trading.submit_order(an_entry())
    with pytest.raises(APIError) as refused:
        trading.submit_order(an_entry())
    assert (refused.value.status_code, refused.value.code) == (422, 42210000)


def test_its_own_repetition_of_a_lost_order_is_refused_though_the_order_exists(
    broker: LocalAlpaca, trading: Raw
) -> None:
    trading._retry_wait = 0
    broker.faults.add(Respond(504, "upstream timeout", acts=True), method="POST")
    with pytest.raises(APIError, match="client_order_id must be unique"):
        trading.submit_order(an_entry())
    assert broker.ledger.orders_sent("orb-1") == 2
    assert trading.get_order_by_client_id("orb-1")["status"] == "new"


def test_the_parsed_models_understand_its_answers(broker: LocalAlpaca) -> None:
    parsed: Any = TradingClient(broker.key, broker.secret, url_override=broker.url)
    order = parsed.submit_order(an_entry())
    broker.advance_to(minute(6))
    assert parsed.get_account().cash == "98990"
    assert parsed.get_order_by_id(order.id).filled_qty == "10"
    assert parsed.get_open_position("AAA").qty == "10"
    assert [asset.symbol for asset in parsed.get_all_assets()] == ["AAA", "BBB"]
    assert parsed.get_clock().is_open
    day = OPEN.date()
    sessions = parsed.get_calendar(GetCalendarRequest(start=day, end=day))
    assert [(one.open.hour, one.close.hour) for one in sessions] == [(9, 16)]


def test_bars_come_page_by_page(broker: LocalAlpaca, data: Raw) -> None:
    broker.advance_to(minute(300))
    asked = {"symbols": "AAA,BBB", "timeframe": "1Min", "start": OPEN.isoformat(), "limit": 250}
    pages = [data.get("/stocks/bars", asked)]
    while token := pages[-1]["next_page_token"]:
        pages.append(data.get("/stocks/bars", asked | {"page_token": token}))
    counts = [sum(len(bars) for bars in page["bars"].values()) for page in pages]
    assert (counts, sorted(pages[1]["bars"])) == ([250, 250, 100], ["AAA", "BBB"])


def test_the_client_follows_the_pages_itself(broker: LocalAlpaca, data: Raw) -> None:
    broker.advance_to(minute(300))
    asked = StockBarsRequest(
        symbol_or_symbols=["AAA", "BBB"],
        timeframe=TimeFrame(5, TimeFrameUnit.Minute),
        start=OPEN,
        end=minute(4),
        feed=DataFeed.IEX,
    )
    bars = data.get_stock_bars(asked)
    assert {symbol: bar[0]["v"] for symbol, bar in bars.items()} == {"AAA": 5000, "BBB": 5000}


def test_latest_trades_and_snapshots_are_there(broker: LocalAlpaca, data: Raw) -> None:
    broker.advance_to(minute(6))
    trade = data.get_stock_latest_trade(StockLatestTradeRequest(symbol_or_symbols="AAA"))
    snapshot = data.get_stock_snapshot(StockSnapshotRequest(symbol_or_symbols="AAA"))
    assert trade["AAA"]["p"] == 101.5
    assert snapshot["AAA"]["dailyBar"]["h"] == 102.0


@pytest.mark.parametrize("raw", [True, False])
def test_the_trading_stream_tells_of_a_fill(
    broker: LocalAlpaca,
    trading: Raw,
    running: Callable[[Stream], None],
    raw: bool,  # noqa: FBT001  (a parameter of the test)
) -> None:
    heard: Queue[Any] = Queue()
    stream = TradingStream(broker.key, broker.secret, url_override=broker.stream_url, raw_data=raw)

    async def hear(update: Any) -> None:
        heard.put_nowait(update)

    stream.subscribe_trade_updates(hear)
    running(stream)
    until(lambda: broker.trade_stream.listeners)
    trading.submit_order(an_entry())
    broker.advance_to(minute(6))
    updates = [heard.get(timeout=PATIENCE) for _ in range(3)]
    events = [update["data"]["event"] if raw else update.event for update in updates]
    assert events == ["new", "fill", "new"]


def test_the_data_stream_tells_of_bars_and_trades(
    broker: LocalAlpaca, running: Callable[[Stream], None]
) -> None:
    heard: Queue[Any] = Queue()
    stream = StockDataStream(broker.key, broker.secret, url_override=broker.data_stream_url())

    async def hear(message: Any) -> None:
        heard.put_nowait((type(message).__name__, message.symbol, message.timestamp))

    stream.subscribe_bars(hear, "AAA")
    stream.subscribe_trades(hear, "BBB")
    running(stream)
    until(lambda: broker.data_stream.subscribers)
    broker.advance_to(minute(6))
    told = [heard.get(timeout=PATIENCE) for _ in range(2)]
    assert told == [("Bar", "AAA", minute(5)), ("Trade", "BBB", minute(6))]
