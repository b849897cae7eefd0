"""The 9:35 scan: each filter by one symbol that just fails it, ranks, and what is not known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.scan import UniverseColumns, rank, relative_volume, scan
from engine.rules.scan_rows import ScanRow
from models.market import OpeningColumns
from models.trading_settings import StrategySettings
from models.vocabulary import RvolBasis

MICROS = 1_000_000
REGULAR = 390


@dataclass(frozen=True, kw_only=True)
class Name:
    """A symbol that passes every filter, unless said otherwise."""

    symbol: str = "AAA"
    open: float = 10.0
    high: float = 10.5
    low: float = 9.5
    close: float = 10.4
    volume: int = 300_000
    bars: int = 5
    last_close: float = 10.0
    atr: float = 1.0
    avg_volume: float = 2_000_000.0
    mean_opening: float = 100_000.0
    complete: bool = True
    tradable: bool = True
    shortable: bool = True


def micros(values: list[float]) -> Any:
    return np.array([round(value * MICROS) for value in values], dtype=np.int64)


def universe(names: list[Name]) -> UniverseColumns:
    return UniverseColumns(
        symbols=tuple(n.symbol for n in names),
        last_close=micros([n.last_close for n in names]),
        atr14=micros([n.atr for n in names]),
        avg_volume14=np.array([n.avg_volume for n in names]),
        mean_opening_volume14=np.array([n.mean_opening for n in names]),
        complete=np.array([n.complete for n in names], dtype=np.bool_),
        tradable=np.array([n.tradable for n in names], dtype=np.bool_),
        shortable=np.array([n.shortable for n in names], dtype=np.bool_),
    )


def opening(names: list[Name]) -> OpeningColumns:
    seen = sorted((n for n in names if n.bars), key=lambda n: n.symbol)
    return OpeningColumns(
        symbols=tuple(n.symbol for n in seen),
        open=micros([n.open for n in seen]),
        high=micros([n.high for n in seen]),
        low=micros([n.low for n in seen]),
        close=micros([n.close for n in seen]),
        volume=np.array([n.volume for n in seen], dtype=np.int64),
        bars=np.array([n.bars for n in seen], dtype=np.int64),
    )


def scanned(
    *names: Name, minutes: int = REGULAR, halted: str = "", **strategy: Any
) -> list[ScanRow]:
    listed = list(names)
    found = scan(
        universe(listed),
        opening(listed),
        StrategySettings(**strategy),
        session_minutes=minutes,
        halted=frozenset(halted.split()),
    )
    return list(found)


def failed(**name: Any) -> tuple[str, ...]:
    (row,) = scanned(Name(**name))
    return row.failed


# ---------------------------------------------------------------------------- filters
def test_a_symbol_that_passes_everything_is_to_be_traded() -> None:
    (row,) = scanned(Name())
    assert (row.passed, row.failed, row.rank) == (True, (), 1)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ({"open": 5.00}, ("price",)),  # the open must be above
        ({"open": 5.000001}, ()),
        ({"last_close": 4.999999}, ("price",)),  # the close may be equal
        ({"last_close": 5.00}, ()),
        ({"avg_volume": 999_999.9}, ("volume",)),
        ({"avg_volume": 1_000_000.0}, ()),
        ({"atr": 0.499999}, ("atr",)),
        ({"atr": 0.50}, ()),
        ({"volume": 99_999}, ("rvol",)),
        ({"volume": 100_000}, ()),
        ({"complete": False}, ("history",)),
        ({"close": 10.0}, ("doji",)),
        ({"tradable": False}, ("tradable",)),
        ({"shortable": False}, ()),  # a long needs no shares to borrow
        ({"shortable": False, "close": 9.6}, ("shortable",)),
        ({"bars": 0}, ("price", "rvol", "stale")),
    ],
)
def test_each_filter_has_its_code_and_its_edge(
    name: dict[str, Any], codes: tuple[str, ...]
) -> None:
    assert failed(**name) == codes


def test_a_halted_symbol_is_not_traded() -> None:
    rows = scanned(Name(symbol="AAA"), Name(symbol="BBB"), halted="BBB")
    assert [row.failed for row in rows] == [(), ("halted",)]


def test_codes_stand_in_one_order() -> None:
    nothing = failed(
        open=1, close=1, avg_volume=1, atr=0.1, volume=1, complete=False, tradable=False
    )
    assert nothing == ("price", "volume", "atr", "rvol", "history", "doji", "tradable")


# ---------------------------------------------------------------------------- ranks
def ranks(*names: Name, **strategy: Any) -> list[int | None]:
    return [row.rank for row in scanned(*names, **strategy)]


def test_the_most_unusual_volume_is_first() -> None:
    volumes = (200_000, 400_000, 300_000)
    names = [Name(symbol=s, volume=v) for s, v in zip("ABC", volumes, strict=True)]
    assert ranks(*names) == [3, 1, 2]


def test_equal_volumes_are_ranked_by_symbol() -> None:
    assert ranks(Name(symbol="CCC"), Name(symbol="AAA"), Name(symbol="BBB")) == [3, 1, 2]


def test_who_fails_a_filter_has_no_rank_and_takes_none() -> None:
    thin = Name(symbol="AAA", volume=900_000, avg_volume=1)
    assert ranks(thin, Name(symbol="BBB")) == [None, 1]


def test_a_doji_takes_its_rank_and_gives_no_order() -> None:
    doji = Name(symbol="AAA", close=10.0, volume=900_000)
    rows = scanned(doji, Name(symbol="BBB"), top_n=1)
    assert [(row.rank, row.failed) for row in rows] == [(1, ("doji",)), (2, ("rank",))]
    assert rows[0].entry_level is None


def test_below_the_top_the_code_is_rank() -> None:
    names = [Name(symbol=f"S{n}", volume=900_000 - n) for n in range(4)]
    assert [row.passed for row in scanned(*names, top_n=2)] == [True, True, False, False]


@given(st.dictionaries(st.text("ABC", min_size=1, max_size=3), st.integers(0, 3), min_size=1))
def test_ranks_do_not_depend_on_the_order_of_the_universe(volumes: dict[str, int]) -> None:
    def ranked(symbols: list[str]) -> dict[str, int]:
        rvol = np.array([float(volumes[s]) for s in symbols])
        places = rank(symbols, rvol, rvol > 0)
        return dict(zip(symbols, places.tolist(), strict=True))

    wanted = sorted((s for s in volumes if volumes[s]), key=lambda s: (-volumes[s], s))
    expected = dict.fromkeys(volumes, 0) | {s: n for n, s in enumerate(wanted, start=1)}
    assert ranked(list(volumes)) == expected == ranked(sorted(volumes))


# ---------------------------------------------------------------------------- relative volume
def test_volume_is_compared_with_that_of_other_openings() -> None:
    (row,) = scanned(Name(volume=250_000))
    assert (row.rvol, row.rvol_basis) == (2.5, RvolBasis.OPENING_RANGE)


@pytest.mark.parametrize(("minutes", "slots"), [(390, 78), (210, 42)])
@pytest.mark.parametrize("mean", [math.nan, 0.0])
def test_without_that_history_with_its_share_of_an_average_day(
    mean: float, minutes: int, slots: int
) -> None:
    (row,) = scanned(Name(mean_opening=mean), minutes=minutes)
    assert row.rvol == pytest.approx(300_000 * slots / 2_000_000)
    assert row.rvol_basis is RvolBasis.DAILY_VOLUME


@pytest.mark.parametrize("average", [0.0, math.nan])
def test_without_any_history_the_relative_volume_is_nothing(average: float) -> None:
    rvol, _ = relative_volume(np.array([100]), np.array([math.nan]), np.array([average]), REGULAR)
    assert rvol.tolist() == [0.0]


# ---------------------------------------------------------------------------- what is not known
def test_what_is_not_known_is_not_shown() -> None:
    (row,) = scanned(Name(complete=False, atr=0, avg_volume=math.nan, mean_opening=math.nan))
    assert (row.atr14, row.avg_volume14, row.rvol, row.rvol_basis) == (None, None, None, None)
    assert (row.stop_distance, row.rank, row.passed) == (None, None, False)


def test_a_symbol_without_bars_has_no_range() -> None:
    (row,) = scanned(Name(bars=0))
    assert (row.open, row.high, row.low, row.close, row.entry_level) == (None,) * 5
    assert (row.volume, row.direction, row.rank) == (0, 0, None)


def test_a_symbol_that_is_not_in_the_universe_is_not_scanned() -> None:
    rows = scan(
        universe([Name(symbol="AAA")]),
        opening([Name(symbol="AAA"), Name(symbol="ZZZ")]),
        StrategySettings(),
        session_minutes=REGULAR,
    )
    assert [row.symbol for row in rows] == ["AAA"]


def test_an_empty_universe_is_scanned_to_nothing() -> None:
    assert scanned() == []


# ---------------------------------------------------------------------------- levels
@pytest.mark.parametrize(
    ("close", "direction", "level"), [(10.4, 1, "10.50"), (9.6, -1, "9.50"), (10.0, 0, None)]
)
def test_longs_enter_at_the_high_and_shorts_at_the_low(
    close: float, direction: int, level: str | None
) -> None:
    (row,) = scanned(Name(close=close))
    assert (row.direction, row.entry_level) == (direction, Decimal(level) if level else None)


def test_the_stop_distance_is_a_tenth_of_the_atr() -> None:
    (row,) = scanned(Name(atr=1.234567))
    assert row.stop_distance == Decimal("0.123457")
