"""Bars, quotes and snapshots: what is known when, and who may see it."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from engine.clock import DrivenClock
from models.market import DailyColumns
from tests.local_alpaca import LocalAlpaca, PlayedMarket, Rules
from tests.local_alpaca.conftest import Client, Start
from tests.local_alpaca.played_days import OPEN, day_with, minute

RISE = ("100", "102", "100", "101.5")
BARS = "/v2/stocks/bars"


def bars(client: Client, **query: Any) -> list[dict[str, Any]]:
    """Return the bars of AAA on the test day."""
    asked = {"symbols": "AAA", "timeframe": "1Min", "start": OPEN.isoformat()} | query
    found: list[dict[str, Any]] = client.get(BARS, **asked)["bars"].get("AAA", [])
    return found


def test_a_bar_that_has_not_closed_is_unknown(broker: LocalAlpaca, client: Client) -> None:
    broker.advance_to(minute(7.5))
    assert [bar["t"] for bar in bars(client)][-1] == "2026-11-20T14:36:00Z"


def test_both_ends_of_a_query_are_included(client: Client) -> None:
    asked = bars(client, start=minute(1).isoformat(), end=minute(3).isoformat())
    assert [bar["t"][11:16] for bar in asked] == ["14:31", "14:32", "14:33"]


def test_minutes_fold_into_longer_bars(start: Start) -> None:
    broker = start(day_with([RISE]))
    broker.advance_to(minute(7))
    first, forming = bars(Client(broker), timeframe="5Min")
    assert (first["o"], first["h"], first["l"], first["c"], first["v"]) == (
        100.0,
        100.5,
        99.5,
        100.0,
        5000,
    )
    assert (forming["t"], forming["h"], forming["v"]) == ("2026-11-20T14:35:00Z", 102.0, 2000)


def test_the_end_of_the_query_keeps_the_forming_bar_out(
    broker: LocalAlpaca, client: Client
) -> None:
    broker.advance_to(minute(7))
    asked = bars(client, timeframe="5Min", end="2026-11-20T14:34:59Z")
    assert [bar["t"] for bar in asked] == ["2026-11-20T14:30:00Z"]


def test_the_limit_counts_points_over_all_symbols(start: Start) -> None:
    client = Client(start({"AAA": day_with([]), "BBB": day_with([])}))
    page = client.get(BARS, symbols="BBB,AAA", timeframe="1Min", start="2026-11-20", limit=7)
    assert {symbol: len(found) for symbol, found in page["bars"].items()} == {"AAA": 5, "BBB": 2}
    assert page["next_page_token"]


def test_symbols_without_trades_are_absent(client: Client) -> None:
    page = client.get(BARS, symbols="AAA,NOBODY", timeframe="1Min", start="2026-11-20")
    assert set(page["bars"]) == {"AAA"}


def test_a_page_token_that_is_none_is_refused(client: Client) -> None:
    answer = client.ask(
        "GET", BARS, params={"symbols": "AAA", "timeframe": "1Min", "page_token": "?"}
    )
    assert (answer.status_code, "code" in answer.json()) == (400, False)


@pytest.mark.parametrize("timeframe", ["", "0Min", "1Fortnight"])
def test_an_unknown_timeframe_is_refused(client: Client, timeframe: str) -> None:
    asked = {"symbols": "AAA", "timeframe": timeframe}
    assert client.ask("GET", BARS, params=asked).status_code == 400


def daily_market() -> PlayedMarket:
    """AAA closed at 95 two sessions ago and has no bar of the last one; today's row is known."""
    row = np.array([[95_000_000, 0, 120_000_000]], dtype=np.int64)
    daily = DailyColumns(
        symbols=("AAA",),
        sessions=(date(2026, 11, 18), date(2026, 11, 19), date(2026, 11, 20)),
        open=row,
        high=row,
        low=row,
        close=row,
        volume=np.array([[7, 0, 9]], dtype=np.int64),
        present=np.array([[True, False, True]]),
    )
    return PlayedMarket(bars={"AAA": day_with([RISE])}, daily=daily)


def test_today_is_a_daily_bar_of_what_happened_so_far() -> None:
    with LocalAlpaca(daily_market(), DrivenClock(minute(6))) as broker:
        days = bars(Client(broker), timeframe="1Day", start="2026-11-01")
    assert [(day["t"], day["c"], day["v"]) for day in days] == [
        ("2026-11-18T05:00:00Z", 95.0, 7),
        ("2026-11-20T05:00:00Z", 101.5, 6000),
    ]


def test_yesterdays_close_is_the_last_daily_bar_there_is() -> None:
    with LocalAlpaca(daily_market(), DrivenClock(minute(-60))) as broker:
        assert str(broker.exchange.price("AAA")) == "95.000000"


def test_the_basic_plan_does_not_see_the_last_minutes_of_sip(start: Start) -> None:
    broker = start(rules=Rules(plan="basic"))
    broker.advance_to(minute(30))
    asked = {"symbols": "AAA", "timeframe": "1Min", "start": OPEN.isoformat()}
    client = Client(broker)
    recent = client.ask("GET", BARS, params=asked | {"end": minute(20).isoformat()})
    assert recent.status_code == 403
    assert recent.json() == {"message": "subscription does not permit querying recent SIP data"}
    assert len(bars(client)) == 16  # up to 15 minutes ago, that bar included
    assert len(bars(client, feed="iex")) == 30


def test_the_basic_plan_gives_the_latest_of_iex(start: Start) -> None:
    client = Client(start(rules=Rules(plan="basic")))
    latest = client.get("/v2/stocks/trades/latest", symbols="AAA")
    sip = client.ask("GET", "/v2/stocks/trades/latest", params={"symbols": "AAA", "feed": "sip"})
    assert (latest["trades"]["AAA"]["p"], sip.status_code) == (100.0, 403)


def test_market_data_has_a_limit_of_its_own(start: Start) -> None:
    client = Client(start(rules=Rules(data_requests_per_minute=1)))
    answers = [client.ask("GET", "/v2/stocks/snapshots?symbols=AAA") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].json() == {"message": "too many requests."}
    assert client.ask("GET", "/v2/clock").status_code == 200
