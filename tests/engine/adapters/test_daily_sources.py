"""Massive and Alpaca as daily sources: complete data or a named gap, whatever they send."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.adapters.alpaca_bars import alpaca_client, alpaca_pace
from engine.adapters.daily_sources.alpaca import AlpacaAssets, AlpacaDaily
from engine.adapters.daily_sources.choice import Sources
from engine.adapters.daily_sources.massive import MassiveDaily
from engine.adapters.web import Pace, Patience, WebClient
from engine.clock import DrivenClock
from engine.errors import SourceRefusedError, SourceUnavailableError
from engine.market_hours import MarketHours, Session
from engine.settings import load_settings
from models.market import MarketDay, Split
from tests.engine.adapters.data_server import DataServer, Fault, bar, data_server

HURRIED = Patience(connect=5, silence=0.8, total=5, attempts=3, first_wait=0, longest_wait=2)
FRIDAY = date(2026, 11, 20)
THURSDAY = date(2026, 11, 19)


def session_of(day: date = FRIDAY) -> Session:
    session = MarketHours().session_on(day)
    assert session is not None
    return session


@pytest.fixture
def server() -> Iterator[DataServer]:
    with data_server() as running:
        yield running


@pytest.fixture
def massive(server: DataServer) -> Iterator[MassiveDaily]:
    client = WebClient({"Authorization": "Bearer secret"}, Pace(1000), HURRIED)
    yield MassiveDaily(client, server.url)
    client.stop()


@pytest.fixture
def alpaca(server: DataServer) -> Iterator[AlpacaDaily]:
    client = alpaca_client("key", "secret", alpaca_pace(1000), patience=HURRIED)
    yield AlpacaDaily(client, AlpacaAssets(client, server.url), server.url)
    client.stop()


def close_of(day: MarketDay, symbol: str) -> int:
    return int(day.close[day.symbols.index(symbol)])


def codes(day: MarketDay) -> list[tuple[str, str]]:
    return [(finding.code, finding.symbol) for finding in day.problems]


# ------------------------------------------------------------------------------ Massive
def test_one_request_brings_the_whole_market(server: DataServer, massive: MassiveDaily) -> None:
    server.days[FRIDAY] = [bar("MSFT", 400.25), bar("AAPL", 150.1)]
    day = massive.day(session_of())
    assert (day.symbols, close_of(day, "AAPL"), len(server.asked)) == (
        ("AAPL", "MSFT"),
        150_100_000,
        1,
    )


def test_it_asks_for_raw_prices_and_keeps_the_key_out_of_the_address(
    server: DataServer, massive: MassiveDaily
) -> None:
    massive.day(session_of())
    asked = server.asked[0]
    assert asked.params == {"adjusted": "false", "include_otc": "false"}
    assert asked.headers["Authorization"] == "Bearer secret"


@pytest.mark.parametrize(
    ("ticker", "symbol"), [("BRK.B", "BRK.B"), ("aapl", "AAPL"), ("BACpB", "BACpB")]
)
def test_tickers_become_symbols(
    server: DataServer, massive: MassiveDaily, ticker: str, symbol: str
) -> None:
    server.days[FRIDAY] = [bar(ticker)]
    assert massive.day(session_of()).symbols == (symbol,)


def test_the_same_bar_twice_counts_once(server: DataServer, massive: MassiveDaily) -> None:
    server.days[FRIDAY] = [bar("AAPL"), bar("AAPL")]
    day = massive.day(session_of())
    assert (day.symbols, day.problems) == (("AAPL",), ())


def test_of_two_different_bars_none_is_believed(server: DataServer, massive: MassiveDaily) -> None:
    server.days[FRIDAY] = [bar("AAPL", 10), bar("aapl", 11), bar("MSFT")]
    day = massive.day(session_of())
    assert (day.symbols, codes(day)) == (("MSFT",), [("duplicate", "AAPL")])


@pytest.mark.parametrize(
    "wrong",
    [{"h": 1.0}, {"l": 20.0}, {"l": 0.0}, {"v": -1}, {"c": None}, {"o": "10"}, {"h": 1e300}],
)
def test_a_bar_that_cannot_be_is_left_out_by_name(
    server: DataServer, massive: MassiveDaily, wrong: dict[str, Any]
) -> None:
    server.days[FRIDAY] = [bar("AAPL", **wrong), bar("MSFT")]
    day = massive.day(session_of())
    assert (day.symbols, codes(day)) == (("MSFT",), [("impossible", "AAPL")])


def test_rows_without_a_symbol_are_one_finding(server: DataServer, massive: MassiveDaily) -> None:
    server.days[FRIDAY] = [bar(""), bar("NO SUCH TICKER"), bar("MSFT")]
    day = massive.day(session_of())
    assert (day.symbols, codes(day)) == (("MSFT",), [("bad_symbol", "")])


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=429, headers={"Retry-After": "0"}),
        Fault(status=500),
        Fault(status=503),
        Fault(breaks_off=True),
        Fault(silent=True),
    ],
)
def test_a_passing_fault_costs_one_more_request(
    server: DataServer, massive: MassiveDaily, fault: Fault
) -> None:
    server.days[FRIDAY] = [bar("AAPL")]
    server.faults.append(fault)
    assert massive.day(session_of()).symbols == ("AAPL",)
    assert len(server.asked) == 2


@pytest.mark.parametrize("fault", [Fault(status=502), Fault(breaks_off=True), Fault(silent=True)])
def test_a_lasting_fault_is_named_and_not_half_an_answer(
    server: DataServer, massive: MassiveDaily, fault: Fault
) -> None:
    server.days[FRIDAY] = [bar("AAPL")]
    server.faults.extend([fault] * 3)
    with pytest.raises(SourceUnavailableError, match=r"127\.0\.0\.1:\d+ gave no whole answer"):
        massive.day(session_of())


def test_a_wait_beyond_patience_is_left_to_the_next_run(
    server: DataServer, massive: MassiveDaily
) -> None:
    server.faults.append(Fault(status=429, headers={"Retry-After": "3600"}))
    with pytest.raises(SourceUnavailableError, match="limit of requests"):
        massive.day(session_of())
    assert len(server.asked) == 1


def test_a_refusal_is_not_repeated(server: DataServer, massive: MassiveDaily) -> None:
    server.faults.append(Fault(status=403))
    with pytest.raises(SourceRefusedError, match="HTTP 403 trouble"):
        massive.day(session_of())
    assert len(server.asked) == 1


def test_fewer_bars_than_promised_are_no_session(server: DataServer, massive: MassiveDaily) -> None:
    rows: list[object] = [bar("AAPL"), "not a bar"]
    server.days[FRIDAY] = rows  # type: ignore[assignment]
    with pytest.raises(SourceUnavailableError, match="promised 2 bars of 2026-11-20 and sent 1"):
        massive.day(session_of())


def test_a_day_without_results_has_no_bars(massive: MassiveDaily) -> None:
    assert len(massive.day(session_of())) == 0


def test_splits_come_over_all_pages_and_only_from_our_server(
    server: DataServer, massive: MassiveDaily
) -> None:
    server.splits = [
        {"ticker": "NVDA", "execution_date": "2026-11-20", "split_from": 1, "split_to": 10},
        {"ticker": "TINY", "execution_date": "2026-11-19", "split_from": 20, "split_to": 1},
        {"ticker": "ODD", "execution_date": "soon", "split_from": 1, "split_to": 2},
    ]
    assert massive.splits(THURSDAY, FRIDAY) == [
        Split(symbol="NVDA", session=FRIDAY, new_shares=Decimal(10), old_shares=Decimal(1)),
        Split(symbol="TINY", session=THURSDAY, new_shares=Decimal(1), old_shares=Decimal(20)),
    ]


# ------------------------------------------------------------------------------ Alpaca
def asset(symbol: str, **other: object) -> dict[str, object]:
    return {
        "symbol": symbol,
        "name": symbol,
        "exchange": "NYSE",
        "status": "active",
        "tradable": True,
        "shortable": True,
        "borrow_status": "easy_to_borrow",
        "attributes": [],
        **other,
    }


def listed(server: DataServer, count: int) -> list[str]:
    symbols = [f"S{number:03d}" for number in range(count)]
    server.assets = [asset(symbol) for symbol in symbols]
    server.days[FRIDAY] = [bar(symbol) for symbol in symbols]
    return symbols


def test_symbols_are_asked_for_in_chunks(server: DataServer, alpaca: AlpacaDaily) -> None:
    symbols = listed(server, 650)
    assert list(alpaca.day(session_of()).symbols) == symbols
    chunks = {tuple(a.symbols) for a in server.asked if a.path.endswith("bars")}
    assert sorted(map(len, chunks)) == [50, 300, 300]


def test_pages_are_turned(server: DataServer, alpaca: AlpacaDaily) -> None:
    symbols = listed(server, 10)
    server.page = 3
    assert list(alpaca.day(session_of()).symbols) == symbols


def test_a_later_page_that_fails_loses_nothing(server: DataServer, alpaca: AlpacaDaily) -> None:
    symbols = listed(server, 10)
    server.page = 4
    server.faults.extend([Fault(silent=True, where="page_token=4")] * 3)
    with pytest.raises(SourceUnavailableError, match="4 bars of 2026-11-20 came, 6 symbols"):
        alpaca.day(session_of())
    server.asked.clear()
    assert list(alpaca.day(session_of()).symbols) == symbols
    assert server.asked[0].symbols == symbols[4:]


def test_a_symbol_that_spoils_its_chunk_is_found_and_named(
    server: DataServer, alpaca: AlpacaDaily
) -> None:
    symbols = listed(server, 10)
    server.unknown = {"S007"}
    day = alpaca.day(session_of())
    assert (len(day), codes(day)) == (9, [("refused", "S007")])
    assert set(symbols) - set(day.symbols) == {"S007"}


def test_a_wrong_key_is_no_matter_of_symbols(server: DataServer, alpaca: AlpacaDaily) -> None:
    listed(server, 10)
    server.faults.append(Fault(status=401, where="/v2/stocks/bars"))
    with pytest.raises(SourceRefusedError):
        alpaca.day(session_of())


def test_symbols_without_trades_are_absent(server: DataServer, alpaca: AlpacaDaily) -> None:
    server.assets = [asset("AAPL"), asset("DEAD")]
    server.days[FRIDAY] = [bar("AAPL")]
    assert alpaca.day(session_of()).symbols == ("AAPL",)


@pytest.mark.parametrize(
    ("said", "tradable", "shortable"),
    [
        ({}, True, True),
        ({"borrow_status": "hard_to_borrow"}, True, False),
        ({"borrow_status": None, "easy_to_borrow": True}, True, True),
        ({"shortable": False}, True, False),
        ({"tradable": False}, False, False),
        ({"status": "inactive"}, False, False),
        ({"attributes": ["ptp_no_exception"]}, False, False),
        ({"attributes": ["ipo"]}, False, False),
    ],
)
def test_the_list_says_what_can_be_traded_and_borrowed(
    server: DataServer,
    alpaca: AlpacaDaily,
    said: dict[str, object],
    tradable: bool,  # noqa: FBT001
    shortable: bool,  # noqa: FBT001
) -> None:
    server.assets = [asset("AAPL", **said)]
    (found,) = alpaca.listings()
    assert (found.tradable, found.shortable) == (tradable, shortable)


@pytest.mark.parametrize("answer", [[], [asset("OTCX", exchange="OTC")]])
def test_a_list_of_nothing_is_no_list(
    server: DataServer, alpaca: AlpacaDaily, answer: list[dict[str, Any]]
) -> None:
    server.assets = answer
    with pytest.raises(SourceUnavailableError, match="a list of nothing"):
        alpaca.listings()


@pytest.mark.parametrize("daily", ["alpaca", "massive"])
def test_sectors_are_known_with_every_real_source(daily: str) -> None:
    settings = load_settings(
        {},
        broker="alpaca",
        daily=daily,
        alpaca_api_key="key",
        alpaca_secret_key="secret",  # noqa: S106  # opens nothing
        massive_api_key="key",
    )
    source = Sources(settings, DrivenClock(session_of().opens_at)).daily()
    assert source.sectors()["AAPL"] == "Information Technology"


def test_splits_and_stock_dividends_change_the_scale(
    server: DataServer, alpaca: AlpacaDaily
) -> None:
    server.actions = {
        "forward_splits": [
            {"symbol": "NVDA", "ex_date": "2026-11-20", "new_rate": 10, "old_rate": 1}
        ],
        "reverse_splits": [
            {"symbol": "TINY", "ex_date": "2026-11-20", "new_rate": 1, "old_rate": 20}
        ],
        "stock_dividends": [{"symbol": "GIFT", "ex_date": "2026-11-20", "rate": 0.05}],
    }
    found = {s.symbol: (s.new_shares, s.old_shares) for s in alpaca.splits(THURSDAY, FRIDAY)}
    assert found == {
        "NVDA": (Decimal(10), Decimal(1)),
        "TINY": (Decimal(1), Decimal(20)),
        "GIFT": (Decimal("1.05"), Decimal(1)),
    }


# ------------------------------------------------------------------------------ pace
def test_a_full_window_makes_the_next_request_wait() -> None:
    pace = Pace(2, seconds=60)
    assert [pace.take(now, 90) for now in (0, 10, 20)] == [0, 0, 40]


def test_a_place_too_far_away_is_not_taken() -> None:
    pace = Pace(1, seconds=60)
    assert [pace.take(now, longest) for now, longest in ((0, 0), (1, 5), (60, 0))] == [0, None, 0]


def test_places_are_kept_for_whoever_is_in_more_of_a_hurry() -> None:
    pace = Pace(3, seconds=60)
    assert [pace.take(0, 90, spare=2), pace.take(1, 90, spare=2)] == [0, 59]
    assert [pace.take(1, 0), pace.take(1, 0), pace.take(1, 0)] == [0, 0, None]


def test_a_desk_that_stops_ends_every_wait(server: DataServer) -> None:
    client = WebClient({}, Pace(1), HURRIED)
    client.stop()
    with pytest.raises(SourceUnavailableError, match="the desk stops"):
        client.get(f"{server.url}/v2/assets")
