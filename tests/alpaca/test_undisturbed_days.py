"""Nothing goes wrong: a day at Alpaca gives the trades of the simulated broker."""

from __future__ import annotations

from tests.alpaca.conftest import Open, session_of
from tests.alpaca.lockstep import figures
from tests.builders import DOWN, a_day, a_market, play

LEAVES = a_day("ABLE", ("09:40", 100.9, 101.5, 100.9, 101.4), ("15:55", 104))
STOPPED = a_day("BAKE", ("09:40", 101), ("10:00", 101, 101, 100.7, 100.9))
SHORT = a_day("COAL", ("09:40", 99.1, 99.1, 98.9, 98.95), ("15:55", 96), opens=DOWN)
GAPS = a_day("DELL", ("09:40", 101.55, 101.8, 101.5, 101.6), ("15:55", 104))


def test_the_trades_are_those_of_the_simulated_broker(open_desk: Open) -> None:
    market = a_market(LEAVES, STOPPED, SHORT)
    played = open_desk(market).day(session_of())
    assert figures(played.trades) == figures(play(market).trades)
    assert len(played.trades) == 3
