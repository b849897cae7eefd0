"""Whole days: against independent results, with twenty entries over HTTP, on a running clock."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from engine.clock import ClockSetting, DrivenClock, ShiftedClock, wall_now
from engine.market_hours import NEW_YORK, MarketHours, new_york_clock
from engine.settings import load_settings
from models.market import BarColumns
from models.vocabulary import OrderSide, OrderType
from tests.local_alpaca import LocalAlpaca, PlayedMarket, Rules
from tests.local_alpaca.conftest import Client, Start
from tests.local_alpaca.exchange import Exchange
from tests.local_alpaca.moments import as_datetime, nanoseconds
from tests.local_alpaca.order_request import OrderRequest
from tests.local_alpaca.orders import OrderClass
from tests.local_alpaca.played_days import CLOSE, OPEN, day_with, minute
from tests.local_alpaca.polling import until
from tests.local_alpaca.trouble import NoTrouble
from tests.local_alpaca.updates import Execution, Update

FLATTEN = timedelta(minutes=5)
HOURS = MarketHours()
Row = dict[str, str]


# ------------------------------------------------------------- against independent results
@pytest.fixture(scope="module")
def reference(shared: Path) -> list[Row]:
    """The trades that an independent computation of the rules gives, but for gap entries.

    Their stop is measured from a fill that nobody knows when the order is sent, so an attached
    stop cannot stand where theirs does.
    """
    with (shared / "market" / "reference_trades.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["dataset"] == "us2025q1_1min"]
    return [row for row in rows if row["entry_gap"] == "False"]


@pytest.fixture(scope="module")
def recorded_bars(shared: Path) -> dict[str, BarColumns]:
    frame = pl.read_parquet(shared / "market" / "us2025q1_1min_bars.parquet")
    return {str(name[0]): _columns(part) for name, part in frame.group_by("symbol")}


def _columns(frame: pl.DataFrame) -> BarColumns:
    frame = frame.sort("timestamp")
    start = frame["timestamp"].dt.epoch("s").to_numpy().astype(np.int64)
    prices = {
        name: np.rint(frame[name].cast(pl.Float64).round(4).to_numpy() * 1e6).astype(np.int64)
        for name in ("open", "high", "low", "close")
    }
    return BarColumns(start=start, **prices, volume=frame["volume"].to_numpy().astype(np.int64))


@dataclass(frozen=True)
class RoundTrip:
    entry_time: str
    entry_price: float
    exit_time: str
    exit_price: float


@pytest.mark.parametrize(("intrabar", "prefix"), [("conservative", ""), ("optimistic", "opt_")])
def test_it_trades_as_an_independent_computation_does(
    reference: list[Row], recorded_bars: dict[str, BarColumns], intrabar: Any, prefix: str
) -> None:
    expected = {_key(row): _expected(row, prefix) for row in reference}
    rules = Rules.of_the_simulation(intrabar=intrabar)
    got: dict[tuple[str, str], RoundTrip] = {}
    for session in sorted({row["session"] for row in reference}):
        rows = [row for row in reference if row["session"] == session]
        got |= _played(session, rows, recorded_bars, rules)
    assert len(expected) > 300
    assert {key: got.get(key) for key in expected} == expected


def _key(row: Row) -> tuple[str, str]:
    return row["session"], row["symbol"]


def _expected(row: Row, prefix: str) -> RoundTrip:
    return RoundTrip(
        row["entry_time"],
        float(row["entry_price"]),
        row[f"{prefix}exit_time"],
        float(row[f"{prefix}exit_price"]),
    )


def _played(
    session: str, rows: list[Row], bars: dict[str, BarColumns], rules: Rules
) -> dict[tuple[str, str], RoundTrip]:
    """Play one session: entries with their stops at 9:35, everything closed before the bell."""
    day = HOURS.session_on(date.fromisoformat(session))
    assert day is not None
    market = PlayedMarket(bars={row["symbol"]: bars[row["symbol"]] for row in rows})
    exchange = Exchange(market, day.scan_at, rules, NoTrouble())
    trades: list[Execution] = []

    def note(update: Update) -> None:
        if update.execution:
            trades.append(update.execution)

    exchange.life.listeners.append(note)
    for row in rows:
        _enter(exchange, row)
    exchange.advance_to(nanoseconds(day.flatten_at))
    _flatten(exchange)
    exchange.advance_to(nanoseconds(day.closes_at))
    return {_key(row): trip for row in rows if (trip := _round_trip(trades, row["symbol"]))}


def _enter(exchange: Exchange, row: Row) -> None:
    """Place the entry past the checks: research prices have no ticks and know no limits."""
    is_long = row["direction"] == "1"
    request = OrderRequest(
        symbol=row["symbol"],
        side=OrderSide.BUY if is_long else OrderSide.SELL,
        type=OrderType.STOP,
        quantity=Decimal(1),
        time_in_force="day",
        order_class=OrderClass.OTO,
        stop_price=Decimal(row["entry_level"]),
        stop_loss=Decimal(row["stop_price"]),
    )
    exchange.life.place(exchange.maker.make(request, opens=True))
    exchange.settle()


def _flatten(exchange: Exchange) -> None:
    exchange.cancel_all()
    exchange.settle()
    for position in exchange.holdings.all():
        exchange.close_position(position.symbol)
    exchange.settle()


def _round_trip(trades: list[Execution], symbol: str) -> RoundTrip | None:
    mine = [one for one in trades if one.symbol == symbol]
    if len(mine) != 2:
        return None
    entry, exit_ = mine
    return RoundTrip(_clock(entry), float(entry.price), _clock(exit_), float(exit_.price))


def _clock(one: Execution) -> str:
    return new_york_clock(as_datetime(one.filled_at))[:5]


# ---------------------------------------------------------------------- twenty entries over HTTP
def _moving(seed: int) -> BarColumns:
    """Return a day that wanders, the same for the same seed."""
    random = np.random.default_rng(seed)
    close = 100_000_000 + np.cumsum(random.integers(-60_000, 60_001, 390))
    open_ = np.concatenate(([100_000_000], close[:-1]))
    reach = random.integers(10_000, 90_000, (2, 390))
    return BarColumns(
        start=int(OPEN.timestamp()) + 60 * np.arange(390, dtype=np.int64),
        open=open_ // 10_000 * 10_000,
        high=(np.maximum(open_, close) + reach[0]) // 10_000 * 10_000,
        low=(np.minimum(open_, close) - reach[1]) // 10_000 * 10_000,
        close=close // 10_000 * 10_000,
        volume=np.full(390, 1000, dtype=np.int64),
    )


def test_a_day_of_twenty_entries_ends_flat_and_never_naked(start: Start) -> None:
    symbols = [f"S{number:02d}" for number in range(20)]
    broker = start({symbol: _moving(number) for number, symbol in enumerate(symbols)})
    client = Client(broker)
    for symbol in symbols:
        price = broker.exchange.price(symbol) or Decimal(0)
        entry = {"stop_price": str(price + Decimal("0.20")), "client_order_id": f"orb-{symbol}"}
        stop = {"stop_price": str(price - Decimal("0.40"))}
        client.placed(
            symbol=symbol, qty="100", type="stop", order_class="oto", stop_loss=stop, **entry
        )
    for number in range(6, 386):  # a desk that looks twice a minute
        broker.advance_to(minute(number))
        client.get("/v2/orders", status="open", nested="true")
        client.get("/v2/positions")
    client.ask("DELETE", "/v2/positions?cancel_orders=true")
    broker.advance_to(CLOSE)
    assert client.get("/v2/positions") == []
    assert client.get("/v2/orders") == []
    assert broker.ledger.unprotected(exits_protect=True) == []
    assert len({one.symbol for one in broker.ledger.executions}) > 10


# ------------------------------------------------------------------------------ a running clock
@pytest.fixture
def fast_clock() -> ShiftedClock:
    """A clock that starts at 9:35 and runs 600 times as fast as the wall's."""
    return ShiftedClock(ClockSetting(start=minute(5), speed=600.0, epoch=wall_now()))


def test_the_exchange_follows_a_clock_that_runs_by_itself(
    start: Start, fast_clock: ShiftedClock
) -> None:
    broker = start(clock=fast_clock)
    client = Client(broker)
    client.placed()
    until(lambda: client.get("/v2/positions"))
    until(lambda: broker.ledger.executions[0].booked_at < nanoseconds(fast_clock.now()))


def test_a_desk_finds_it_by_its_environment(
    start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broker = start()
    monkeypatch.chdir(tmp_path)
    for name, value in broker.environment("iex").items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert (settings.alpaca_trading_url, settings.alpaca_stream_url, settings.alpaca_feed) == (
        broker.url,
        broker.stream_url,
        "iex",
    )


def test_time_moves_only_forward() -> None:
    market = PlayedMarket(bars={"AAA": day_with([])})
    with LocalAlpaca(market, DrivenClock(minute(5))) as broker:
        broker.advance_to(minute(10))
        broker.advance_to(minute(6))
        assert as_datetime(broker.exchange.time.now) == minute(10)


def test_a_half_day_ends_at_one() -> None:
    day = datetime.combine(date(2026, 11, 27), time(9, 35), NEW_YORK).astimezone(UTC)
    market = PlayedMarket(bars={"AAA": day_with([])})
    with LocalAlpaca(market, DrivenClock(day)) as broker:
        client = Client(broker)
        order = client.placed(type="stop", stop_price="101")
    assert order["expires_at"] == "2026-11-27T18:00:00Z"
