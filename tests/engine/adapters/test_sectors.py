"""Sectors of US shares, as the lists of indices tell them."""

import sys
from pathlib import Path

import pytest

from engine.adapters.sectors import known_sectors, sector_of
from models.market import SECTORS


@pytest.fixture(scope="module")
def known() -> dict[str, str]:
    return dict(known_sectors())


@pytest.mark.parametrize(
    ("symbol", "sector"),
    [
        ("AAPL", "Information Technology"),
        ("AMD", "Information Technology"),  # in another list it is of the "Industrials"
        ("BRK.B", "Financials"),  # written as the broker writes it
        ("DUK", "Utilities"),  # the older labels call it energy
        ("EQIX", "Real Estate"),  # and this one financial
        ("GEV", "Industrials"),
    ],
)
def test_large_companies_have_the_sector_that_everybody_expects(
    known: dict[str, str], symbol: str, sector: str
) -> None:
    assert known[symbol] == sector


def test_more_than_a_thousand_symbols_have_one_of_eleven_sectors(known: dict[str, str]) -> None:
    assert len(known) > 1_000
    assert set(known.values()) == set(SECTORS)


def test_funds_have_none(known: dict[str, str]) -> None:
    assert "SPY" not in known


@pytest.mark.parametrize("given", [("Energy", "Utilities"), ("Utilities", "Energy")])
def test_of_two_labels_the_one_of_the_newer_scheme_counts(given: tuple[str, str]) -> None:
    assert sector_of(given) == "Utilities"


def test_labels_that_are_no_sector_tell_none() -> None:
    assert sector_of(["Semiconductors", "Technology"]) is None


def test_nothing_of_the_lists_stays_loaded(known: dict[str, str]) -> None:
    assert known
    assert [name for name in sys.modules if name.startswith("pytickersymbols")] == []


@pytest.mark.parametrize("written", ["INDICES = {", "INDICES = {'S&P 500': 1}", "\0", "1 / 0"])
def test_a_list_that_is_broken_costs_nothing_but_the_sectors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    (tmp_path / "broken_lists").mkdir()
    (tmp_path / "broken_lists/__init__.py").touch()
    (tmp_path / "broken_lists/indices_data.py").write_text(written)
    monkeypatch.syspath_prepend(tmp_path)
    assert known_sectors("broken_lists") == {}


@pytest.mark.parametrize("package", ["no_such_package", "click"])  # the other has no such lists
def test_lists_that_cannot_be_read_cost_nothing_but_the_sectors(package: str) -> None:
    assert known_sectors(package) == {}
