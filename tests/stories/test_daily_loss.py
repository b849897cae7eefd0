"""The day's loss reaches its limit: entries end, and next day everything goes on."""

from datetime import date

import pytest

from models.control import TradingState
from models.vocabulary import Control, ExitReason, OrderStatus, Severity, SignalStatus
from tests.builders import Playing, a_day, a_market, at, dollars, play

TOMORROW = date(2024, 11, 21)
RISK = {"daily_loss_limit": "0.01", "max_positions": 3}  # $1,000 of 100,000; 1,320 shares each

# ABLE gaps from 101 to 100 through its stop: $1,320 are gone. BAKE is held, COAL still waits.
STOPPED = a_day("ABLE", ("09:40", 101), ("10:00", 100), ("15:55", 100))
HELD = a_day("BAKE", ("09:40", 101), ("10:00", 101), ("10:01", 101.6), ("15:55", 102))
LATER = a_day("COAL", ("11:00", 101), ("15:55", 105))
NEXT_DAY = a_day("ABLE", ("09:40", 101), ("15:55", 104), on=TOMORROW)


@pytest.fixture(scope="module")
def stopped() -> Playing:
    return play(a_market(STOPPED, HELD, LATER, NEXT_DAY), risk=RISK)


@pytest.fixture(scope="module")
def closed() -> Playing:
    risk = RISK | {"flatten_on_loss_limit": True}
    return play(a_market(STOPPED, HELD, LATER), risk=risk)


def test_the_loss_is_what_the_story_says(stopped: Playing) -> None:
    assert stopped.trade("ABLE").pnl == dollars(-1320)


def test_working_entries_are_cancelled(stopped: Playing) -> None:
    entry = stopped.order("COAL-entry-1")
    assert (entry.status, entry.updated_at) == (OrderStatus.CANCELLED, at("10:01"))
    assert stopped.signal("COAL").status is SignalStatus.CANCELLED


def test_open_positions_keep_their_stops(stopped: Playing) -> None:
    assert stopped.trade("BAKE").exit_reason is ExitReason.FLATTEN
    assert stopped.trade("BAKE").exit_price == dollars(102)


def test_there_is_one_critical_alert(stopped: Playing) -> None:
    (alert,) = stopped.alerts("daily_loss")
    assert (alert.severity, alert.at) == (Severity.CRITICAL, at("10:01"))


def test_the_state_says_who_and_why(stopped: Playing) -> None:
    (state,) = (row for row in stopped.all(TradingState) if row.scope == "daily_loss")
    assert (state.state, state.actor) == (Control.PAUSED, "desk")
    assert "daily loss limit" in state.reason


def test_the_next_session_trades_again(stopped: Playing) -> None:
    assert stopped.trade("ABLE", TOMORROW).exit_price == dollars(104)


def test_everything_is_closed_if_the_settings_say_so(closed: Playing) -> None:
    trade = closed.trade("BAKE")
    assert (trade.exit_reason, trade.closed_at) == (ExitReason.FLATTEN, at("10:01"))
    assert trade.exit_price == dollars("101.60")


def test_a_paper_loss_counts_as_much_as_a_realised_one() -> None:
    # The stop is at 96: ABLE falls to 99.10 and is held, and 660 x 1.90 are more than the limit.
    falling = a_day("ABLE", ("09:40", 101), ("10:17", 99.1), ("15:55", 100))
    waiting = a_day("COAL", ("11:00", 101), ("15:55", 105))
    strategy = {"stop_atr_fraction": "1"}
    risk = {"daily_loss_limit": "0.005", "max_positions": 2}
    played = play(a_market(falling, waiting), risk=risk, strategy=strategy)
    assert played.order("COAL-entry-1").updated_at == at("10:18")
    assert [trade.symbol for trade in played.trades] == ["ABLE"]


@pytest.mark.parametrize(
    ("limit", "prices"),
    [
        ("0.009896", (100.5001, 100.5001)),  # floor 99,010.40: 99,010.198 is below it
        ("0.009904", (100.50, 100.40)),  # floor 99,009.60: 99,010 is not, the next price is
    ],
)
def test_the_limit_is_exact_to_the_cent(limit: str, prices: tuple[float, float]) -> None:
    falling = a_day("ABLE", ("09:40", 101), ("10:17", prices[0]), ("10:18", prices[1]))
    waiting = a_day("COAL", ("11:00", 101))
    risk = {"daily_loss_limit": limit, "max_positions": 2, "risk_per_trade": "0.02"}  # 1,980
    played = play(a_market(falling, waiting), risk=risk, strategy={"stop_atr_fraction": "0.4"})
    assert len(played.alerts("daily_loss")) == 1
    assert played.order("COAL-entry-1").status is OrderStatus.CANCELLED
