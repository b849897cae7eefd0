"""What people may do in the middle of a day: kill, lift, pause, stop everything, close one."""

import pytest

from engine.actions import control
from models.control import TradingState
from models.vocabulary import (
    CommandStatus,
    Control,
    ControlScope,
    ExitReason,
    OrderPurpose,
    OrderStatus,
    SignalStatus,
    TradeStatus,
)
from tests.builders import ADMIN, OPERATOR, Playing, SymbolDay, a_day, a_market, at, dollars, start

HELD = a_day("ABLE", ("09:40", 101), ("10:31", 102), ("10:32", 102), ("15:55", 104))
HELD_TOO = a_day("BAKE", ("09:40", 101), ("10:31", 103), ("11:30", 100), ("15:55", 104))
LATER = a_day("COAL", ("11:00", 101), ("15:55", 105))
MARKET = a_market(HELD, HELD_TOO, LATER)


def at_half_past_ten() -> Playing:
    return start(MARKET).until("10:30")


class Killed:
    """The kill switch was thrown at 10:30."""

    def __init__(self) -> None:
        self.playing = at_half_past_ten()
        self.command = control.kill(self.playing.desk, OPERATOR, "something smells")
        self.before = self.playing.order_names()
        self.playing.to_the_end()


@pytest.fixture(scope="module")
def killed() -> Killed:
    return Killed()


def test_a_kill_cancels_every_working_entry(killed: Killed) -> None:
    entry = killed.playing.order("COAL-entry-1")
    assert (entry.status, entry.updated_at) == (OrderStatus.CANCELLED, at("10:30"))
    assert killed.playing.signal("COAL").status is SignalStatus.CANCELLED


def test_a_kill_leaves_the_stops_of_open_positions(killed: Killed) -> None:
    trade = killed.playing.trade("BAKE")
    assert (trade.exit_reason, trade.exit_price) == (ExitReason.STOP, dollars(100))


def test_after_a_kill_nothing_is_sent_but_exits(killed: Killed) -> None:
    assert killed.playing.order_names() - killed.before == {"ABLE-exit-1"}
    assert killed.playing.trade("ABLE").exit_reason is ExitReason.FLATTEN


def test_a_kill_answers_what_it_did(killed: Killed) -> None:
    command = killed.playing.command(killed.command)
    assert command.status is CommandStatus.DONE
    assert command.answer == "No entry is working. 1 entries cancelled."


def test_a_kill_survives_a_restart() -> None:
    playing = start(MARKET).until("09:35")
    control.kill(playing.desk, OPERATOR, "not today")
    playing.desk.lease.release()
    again = start(MARKET, db=playing.db).to_the_end()
    assert again.orders == []
    assert {signal.code for signal in again.signals} == {"halted"}


def test_a_lifted_kill_lets_the_desk_trade_again() -> None:
    playing = start(MARKET).until("09:31")
    control.kill(playing.desk, OPERATOR, "a drill")
    control.lift_kill(playing.desk, ADMIN, "the drill is over")
    assert len(playing.to_the_end().trades) == 3


def test_planned_signals_wait_while_entries_are_paused() -> None:
    playing = start(MARKET).until("09:34")
    control.pause(playing.desk, OPERATOR, ControlScope.ENTRY, "the feed is late")
    playing.until("09:50")
    assert {signal.status for signal in playing.signals} == {SignalStatus.PLANNED}
    assert playing.orders == []


def test_after_a_pause_an_entry_is_refused_whose_price_has_run_away() -> None:
    ran = a_day("ABLE", ("09:40", 101.5), ("09:55", 101.6), ("15:55", 104))
    playing = paused_from_scan_to("10:00", ran)
    assert playing.signal("ABLE").code == "ran_away"
    assert playing.trades == []


def test_after_a_pause_an_entry_whose_price_is_near_goes_on() -> None:
    near = a_day("ABLE", ("09:40", 100.5), ("10:02", 101), ("15:55", 104))
    assert paused_from_scan_to("10:00", near).trade("ABLE").opened_at == at("10:02")


def test_signals_of_a_pause_that_lasts_all_day_are_refused_in_the_end() -> None:
    playing = start(MARKET).until("09:34")
    control.pause(playing.desk, OPERATOR, ControlScope.ENTRY, "the feed is late")
    playing.to_the_end()
    assert {signal.status for signal in playing.signals} == {SignalStatus.REFUSED}
    assert {signal.code for signal in playing.signals} == {"paused"}


def test_an_emergency_stop_closes_everything_and_verifies() -> None:
    playing = at_half_past_ten()
    number = control.emergency_stop(playing.desk, ADMIN, "fire")
    playing.to_the_end()
    assert {t.exit_reason for t in playing.trades} == {ExitReason.EMERGENCY}
    assert {t.closed_at for t in playing.trades} == {at("10:31")}
    assert playing.order("COAL-entry-1").status is OrderStatus.CANCELLED
    assert playing.command(number).answer == "Flat: nothing is held, verified at the broker."


def test_an_emergency_stop_leaves_the_kill_switch_on() -> None:
    playing = at_half_past_ten()
    control.emergency_stop(playing.desk, ADMIN, "fire")
    (state,) = playing.to_the_end().all(TradingState)
    assert (state.scope, state.state, state.actor) == ("all", Control.HALTED, "adam")


def test_closing_one_position_leaves_the_others_alone() -> None:
    playing = at_half_past_ten()
    number = control.close_position(playing.desk, OPERATOR, playing.trade("ABLE").id, "enough")
    playing.to_the_end()
    able = playing.trade("ABLE")
    assert (able.exit_reason, able.exit_price) == (ExitReason.MANUAL, dollars(102))
    assert playing.trade("BAKE").exit_reason is ExitReason.STOP
    assert playing.trade("COAL").status is TradeStatus.CLOSED
    assert playing.command(number).status is CommandStatus.DONE


def test_a_person_flattens_without_the_kill_switch() -> None:
    playing = at_half_past_ten()
    control.flatten(playing.desk, ADMIN, "lunch")
    playing.to_the_end()
    assert {t.exit_reason for t in playing.trades} == {ExitReason.MANUAL}
    assert playing.all(TradingState) == []


def test_a_kill_while_live_takes_a_poll() -> None:
    playing = at_half_past_ten().live("10:30:05")
    control.kill(playing.desk, OPERATOR, "now")
    playing.live("10:30:07")
    entries = [o for o in playing.orders if o.purpose is OrderPurpose.ENTRY]
    assert {o.symbol for o in entries if o.status is OrderStatus.CANCELLED} == {"COAL"}


def paused_from_scan_to(clock: str, day: SymbolDay) -> Playing:
    playing = start(a_market(day)).until("09:34")
    control.pause(playing.desk, OPERATOR, ControlScope.ENTRY, "the feed is late")
    playing.until(clock)
    control.resume(playing.desk, OPERATOR, ControlScope.ENTRY, "it is back")
    return playing.to_the_end()
