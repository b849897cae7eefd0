"""How many, how much: the limits of the desk on real days."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.vocabulary import SignalStatus
from tests.builders import DAY, LONG, SymbolDay, a_day, a_market, dollars, play

TOMORROW = date(2024, 11, 21)
SYMBOLS = ("ABLE", "BAKE", "COAL", "DUNE", "ECHO", "FERN")


def ranked(symbol: str) -> SymbolDay:
    """The first of the alphabet has the greatest relative volume."""
    return a_day(symbol, ("09:40", 101), ("15:55", 102), interest=9 - SYMBOLS.index(symbol))


def test_the_sixth_of_six_is_refused() -> None:
    played = play(a_market(*map(ranked, SYMBOLS)))
    signal = played.signal("FERN")
    assert (signal.rank, signal.status, signal.code) == (6, SignalStatus.REFUSED, "max_positions")
    assert signal.sentence == "5 positions and working entries: the limit is 5."
    assert len(played.trades) == 5


def test_a_place_that_becomes_free_is_not_given_away_again() -> None:
    stopped = a_day("ABLE", ("09:40", 101), ("09:50", 100), interest=9)
    waiting = a_day("BAKE", ("11:00", 101), ("15:55", 104))
    played = play(a_market(stopped, waiting), risk={"max_positions": 1})
    assert [trade.symbol for trade in played.trades] == ["ABLE"]


@pytest.mark.parametrize(
    ("risk", "shares"),
    [
        ({"max_positions": 1}, 3960),  # 4 x 100,000 / 101: leverage is the cap
        ({"max_positions": 1, "risk_per_trade": "0.001"}, 500),  # 100 / 0.20
        ({"max_positions": 2, "risk_basis": "slot", "risk_per_trade": "0.001"}, 250),
        ({"max_positions": 1, "max_leverage": 1}, 990),
        ({"max_positions": 1, "max_notional": 10_000}, 99),
    ],
)
def test_the_size_is_the_smallest_of_the_caps(risk: dict[str, object], shares: int) -> None:
    assert play(a_market(ranked("ABLE")), risk=risk).trade("ABLE").quantity == shares


def test_a_size_of_no_share_is_refused() -> None:
    signal = play(a_market(ranked("ABLE")), risk={"max_notional": 100}).signal("ABLE")
    assert (signal.status, signal.code) == (SignalStatus.REFUSED, "size")


def test_yesterdays_profit_is_sized_with_today() -> None:
    days = [a_day("ABLE", ("09:40", 101), ("15:55", 105), on=on) for on in (DAY, TOMORROW)]
    second = play(a_market(*days)).trade("ABLE", TOMORROW)
    assert second.quantity == 817  # 4 x 103,168 / 5 / 101


@settings(max_examples=8, deadline=None)
@given(order=st.permutations(SYMBOLS))
def test_nothing_depends_on_the_order_in_which_symbols_come(order: list[str]) -> None:
    played = play(a_market(*map(ranked, order)))
    assert {t.symbol: t.quantity for t in played.trades} == dict.fromkeys(SYMBOLS[:5], LONG)
    assert played.metrics().pnl == 5 * LONG * dollars(1)


@settings(max_examples=10, deadline=None)
@given(
    prices=st.lists(st.integers(98_00, 104_00), min_size=3, max_size=12),
    part=st.sampled_from([0.1, 0.5, 1.0]),
)
def test_whatever_the_prices_do_the_day_ends_flat_and_to_the_cent(
    prices: list[int], part: float
) -> None:
    minutes = [(f"10:{minute:02}", price / 100) for minute, price in enumerate(prices)]
    day = a_day("ABLE", *minutes, ("15:55", 100))
    played = play(a_market(day), faults=[("ABLE", "partial", part)])
    cash = sum((-f.side.sign * f.quantity * f.price for f in played.fills), Decimal(0))
    assert sum(f.side.sign * f.quantity for f in played.fills) == 0
    assert played.metrics().pnl == cash
    assert (played.metrics().flat, played.metrics().reconciled) == (True, True)
