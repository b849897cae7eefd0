"""Whole recorded days through Alpaca's protocol: undisturbed, the trades of the simulated broker.

What differs on purpose, and nothing else:
- A stop that is attached to its entry can be touched on the entry's own bar, as in the simulation's
  conservative reading. Where the market is below the stop when the entry is sent, Alpaca would
  refuse it; the stop is placed on the fill and can be touched from the next bar on, as in the
  optimistic reading.
- Where the price is beyond the stop by the time the fill is known, the desk closes at market; the
  simulation leaves a stop that the next bar touches.
- Alpaca counts a short at 3 % above the ask against the buying power. With twenty slots of four
  times the equity the last ones would be refused, so both sides use three times.
- An attached stop is measured from the entry level, for nobody knows the fill. After a gap it is
  moved as soon as the fill is known; what the entry's own bar did before that is the venue's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from engine.adapters.market_playback import Market
from models.trading import Trade
from models.vocabulary import Intrabar
from tests.alpaca.lockstep import figures
from tests.alpaca.recorded import at_alpaca, at_the_simulated_broker, recorded_market

DAYS = [date(2025, 1, 27), date(2025, 2, 10), date(2025, 2, 26)]
Figures = Mapping[str, tuple[object, ...]]


@pytest.fixture(scope="module")
def market(shared: Path) -> Market:
    return recorded_market(shared)


def _is_gap(trade: Trade) -> bool:
    return trade.entry_price != trade.entry_level


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_with_every_stop_placed_on_its_fill_all_trades_are_equal(market: Market, day: date) -> None:
    simulated = at_the_simulated_broker(market, day, Intrabar.OPTIMISTIC)
    played = at_alpaca(market, day, attachable=False)
    assert {t.symbol for t in played.trades} == {t.symbol for t in simulated}
    compared = [t for t in played.trades if t.symbol not in played.beyond]
    expected = [t for t in simulated if t.symbol not in played.beyond]
    assert figures(compared) == figures(expected)
    assert len(compared) > 10


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_with_stops_attached_where_that_is_possible_each_trade_is_equal(
    market: Market, day: date
) -> None:
    played = at_alpaca(market, day)
    readings = {
        attached: figures(at_the_simulated_broker(market, day, reading))
        for attached, reading in ((True, Intrabar.CONSERVATIVE), (False, Intrabar.OPTIMISTIC))
    }
    moved = {t.symbol for t in played.trades if t.symbol in played.attached and _is_gap(t)}
    compared = [t for t in played.trades if t.symbol not in moved | played.beyond]
    expected = {t.symbol: readings[t.symbol in played.attached][t.symbol] for t in compared}
    assert figures(compared) == expected
    assert {t.symbol for t in played.trades} == set(readings[True])
    assert len(compared) > 10
