"""An engine that is down from before the close until the next morning still counts the day."""

from datetime import date

import pytest

from tests.builders import DAY, Playing, a_day, a_market, dollars, play, start

TOMORROW = date(2024, 11, 21)
TODAY = a_day("ABLE", ("09:40", 101), ("15:55", 104))
NEXT = a_day("ABLE", ("09:40", 101), ("15:55", 102), on=TOMORROW)


@pytest.fixture(scope="module")
def morning() -> Playing:
    """Flat at 15:56, then nothing until the next morning."""
    playing = start(a_market(TODAY, NEXT)).until("15:57").down_until("09:20", TOMORROW)
    return playing.live("09:21", TOMORROW, every=20)


def test_the_day_is_counted_in_the_morning(morning: Playing) -> None:
    undisturbed = play(a_market(TODAY)).metrics()
    late = morning.metrics(DAY)
    assert (late.pnl, late.trades, late.flat) == (undisturbed.pnl, 1, True)


def test_its_equity_is_tied_to_its_fills(morning: Playing) -> None:
    late = morning.metrics(DAY)
    assert (late.residual, late.reconciled) == (dollars(0), True)
