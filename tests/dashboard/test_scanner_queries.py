"""What the Scanner page reads, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from dashboard.queries.results import sectors_of
from dashboard.queries.scanner import beyond_window, scanner_health
from dashboard.queries.scanner_lists import (
    PASSED,
    FindingFilter,
    Part,
    UniverseFilter,
    candidate_lines,
    count_candidates,
    count_universe,
    finding_lines,
    least,
    universe_lines,
)
from dashboard.queries.scanner_symbol import symbol_view
from engine.adapters.market_playback import PlayedData
from engine.bootstrap import simulated_desk
from engine.clock import DrivenClock
from engine.desk import Desk
from engine.jobs.build_universe import build_universe
from engine.jobs.sync_bars import sync_bars
from engine.jobs.sync_listings import sync_listings
from models.database import Database
from models.vocabulary import SignalStatus
from tests.dashboard import builders, desks, scanner_rows
from tests.dashboard.builders import ACCOUNT, DAY
from tests.databases import with_schema
from tests.engine.adapters.market_by_hand import HOURS, market_of, session_of


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    made = desks.make_desk(database_url)
    yield made
    made.db.close()


def symbols(desk: Desk, part: Part | None = None, **wanted: Any) -> list[str]:
    chosen = UniverseFilter(**wanted)
    with desk.db.read() as tx:
        lines = universe_lines(tx, DAY, chosen, part or Part())
        assert count_universe(tx, DAY, chosen) >= len(lines)
    return [line.symbol for line in lines]


class TestTheUniverse:
    @pytest.fixture(autouse=True)
    def universe(self, desk: Desk) -> None:
        scanner_rows.add_numbers(desk, "CHEAP", "price", "volume", last_close=Decimal(3))
        scanner_rows.add_numbers(desk, "GOOD", shortable=False)
        scanner_rows.add_numbers(desk, "THIN", "history", atr14=None, avg_volume14=None)
        scanner_rows.list_asset(desk, "GOOD", "Good Company")

    @pytest.mark.parametrize(
        ("wanted", "left"),
        [
            ({}, ["CHEAP", "GOOD", "THIN"]),
            ({"code": "volume"}, ["CHEAP"]),
            ({"code": PASSED}, ["GOOD"]),
            ({"symbol": "TH"}, ["THIN"]),
            ({"shortable": False}, ["GOOD"]),
            ({"price": Decimal(100)}, ["GOOD", "THIN"]),
            ({"atr": Decimal(1)}, ["CHEAP", "GOOD"]),
            ({"symbol": "%"}, []),
        ],
    )
    def test_a_filter_leaves(self, desk: Desk, wanted: dict[str, Any], left: list[str]) -> None:
        assert symbols(desk, **wanted) == left

    @pytest.mark.parametrize("down", [True, False])
    def test_what_is_not_known_stands_last(self, desk: Desk, down: bool) -> None:  # noqa: FBT001
        assert symbols(desk, Part((("atr14", down),)))[-1] == "THIN"

    def test_a_part_of_it_comes_in_order(self, desk: Desk) -> None:
        assert symbols(desk, Part((("last_close", False), ("symbol", True)), 1, 1)) == ["THIN"]

    def test_a_column_that_does_not_exist_sorts_nothing(self, desk: Desk) -> None:
        assert symbols(desk, Part((("password_hash", True),))) == ["CHEAP", "GOOD", "THIN"]

    def test_the_brokers_list_names_the_company(self, desk: Desk) -> None:
        with desk.db.read() as tx:
            (line,) = universe_lines(tx, DAY, UniverseFilter(symbol="GOOD"), Part())
        assert (line.name, line.exchange) == ("Good Company", "NASDAQ")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,000", Decimal(1000)),
        (" 4.5 ", Decimal("4.5")),
        ("much", None),
        ("NaN", None),
        (None, None),
    ],
)
def test_a_least_value_is_read_or_leaves_nothing_out(text: str | None, value: Decimal) -> None:
    assert least(text) == value


def test_candidates_stand_by_rank_then_by_relative_volume(desk: Desk) -> None:
    builders.add_range(desk, None, "FAR", "rvol", rvol=0.2)
    builders.add_range(desk, None, "NONE", "stale", rvol=None)
    builders.add_range(desk, None, "NEAR", "rvol", rvol=0.9)
    builders.add_range(desk, 1, "TOP")
    builders.add_signal(desk, 1, "TOP", SignalStatus.FILLED)
    with desk.db.read() as tx:
        lines = candidate_lines(tx, ACCOUNT, DAY, "", Part())
        assert count_candidates(tx, DAY, "rvol") == 2
    assert [(line.range.symbol, line.signal) for line in lines] == [
        ("TOP", SignalStatus.FILLED),
        ("NEAR", None),
        ("FAR", None),
        ("NONE", None),
    ]


def test_findings_of_one_symbol_are_not_those_of_longer_ones(desk: Desk) -> None:
    scanner_rows.add_finding(desk, "gone", "A", "No bar.")
    scanner_rows.add_finding(desk, "gone", "AA", "No bar.")
    with desk.db.read() as tx:
        beginning = finding_lines(tx, FindingFilter(symbol="A"), Part())
        exact = finding_lines(tx, FindingFilter(only="A"), Part())
    assert ([f.symbol for f in beginning], [f.symbol for f in exact]) == (["A", "AA"], ["A"])


def test_health_counts_what_is_there_and_names_what_is_not(desk: Desk) -> None:
    gap = scanner_rows.sessions_before(desk, 5)[2]
    scanner_rows.add_sessions(desk, 29, "NVDA", "KO", without=[gap])
    scanner_rows.add_numbers(desk, "NVDA")
    scanner_rows.add_numbers(desk, "THIN", "history", atr14=None)
    scanner_rows.add_finding(desk, "jump", "KO", "A jump.")
    with desk.db.read() as tx:
        health = scanner_health(tx, desk)
    assert (health.rows, list(health.gaps), health.universe, health.complete) == (56, [gap], 2, 1)
    assert (len(health.sessions), health.window, health.findings) == (29, 30, 1)


def test_what_is_beyond_the_window_is_counted(desk: Desk) -> None:
    days = scanner_rows.add_sessions(desk, 31, "NVDA", "KO")
    with desk.db.read() as tx:
        assert beyond_window(tx, desk) == (days[2], 2, 4)


def test_a_symbols_bars_stand_on_the_sessions_scale_with_their_gaps(desk: Desk) -> None:
    gap = scanner_rows.sessions_before(desk, 3)[0]
    days = scanner_rows.add_sessions(desk, 15, "NVDA", without=[gap])
    scanner_rows.add_split(desk, "NVDA", days[-1], 10, 1)
    with desk.db.read() as tx:
        view = symbol_view(tx, desk, "NVDA", DAY)
    assert view.bars.close[0].tolist() == [18_000_000] * 12 + [0, 18_000_000, 180_000_000]
    assert view.bars.present[0].tolist() == [True] * 12 + [False, True, True]


def test_a_company_of_the_generated_market_is_on_no_brokers_list(database_url: str) -> None:
    market, session = market_of(7, DAY), session_of(DAY)
    db = with_schema(Database(database_url))
    clock = DrivenClock(session.opens_at)
    played = simulated_desk(db, PlayedData(market, clock, HOURS), clock, HOURS).desk
    for job in (sync_bars, sync_listings, build_universe):
        job(played)
    symbol = market.daily.symbols[0]
    with db.read() as tx:
        (line,) = universe_lines(tx, DAY, UniverseFilter(symbol=symbol), Part())
        view = symbol_view(tx, played, symbol, DAY)
        assert sectors_of(tx, {symbol}) == {symbol: market.sectors[symbol]}
    assert (line.name, line.exchange, line.shortable, view.listed) == (None, None, True, None)
    db.close()
