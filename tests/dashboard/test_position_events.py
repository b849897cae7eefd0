"""Every event of a position's life, in the order of time, without a browser."""

from datetime import timedelta

from dash import html

from dashboard.pages.position.events import events
from dashboard.pages.position.summary import summary
from engine.actions import control
from engine.desk import Desk
from models.trading import Trade
from models.vocabulary import Severity, SignalStatus
from tests import builders as stories
from tests.dashboard import builders
from tests.dashboard.test_position_head import words
from tests.dashboard.test_position_steps import life_of

HELD = stories.a_day("ABLE", ("09:40", 101), ("10:31", 102), ("10:32", 102), ("15:55", 104))


def lines(desk: Desk, trade: Trade) -> list[html.Li]:
    return events(life_of(desk, trade))


def told(desk: Desk, trade: Trade) -> list[str]:
    return [words(line) for line in lines(desk, trade)]


def position_of(line: str, all_lines: list[str]) -> int:
    return next(at for at, found in enumerate(all_lines) if line in found)


def test_who_closed_it_by_hand_and_why_stands_among_its_events() -> None:
    playing = stories.start(stories.a_market(HELD)).until("10:30")
    [trade] = playing.trades
    control.close_position(playing.desk, stories.OPERATOR, trade.id, "bad news")
    said = told(playing.to_the_end().desk, trade)
    asked = position_of("olivia asked for close position: bad news", said)
    closed = position_of("closed by manual", said)
    assert asked < closed < position_of("close position done: ABLE closed", said)


def test_who_stopped_everything_stands_among_the_events_of_what_that_closed() -> None:
    playing = stories.start(stories.a_market(HELD)).until("10:30")
    [trade] = playing.trades
    control.emergency_stop(playing.desk, stories.ADMIN, "fire")
    said = told(playing.to_the_end().desk, trade)
    assert position_of("adam asked for emergency stop: fire", said) < len(said) - 1


def test_a_command_for_another_position_is_not_among_them(desk: Desk) -> None:
    mine, other = builders.add_position(desk), builders.add_position(desk, "AMD")
    control.close_position(desk, stories.OPERATOR, other.id, "not mine")
    assert not any("not mine" in line for line in told(desk, mine))
    assert any("not mine" in line for line in told(desk, other))


def test_a_fill_says_when_the_exchange_did_it_and_the_head_when_that_was_known() -> None:
    played = stories.play(stories.a_market(HELD))
    trade = played.trade("ABLE")
    exit_ = played.fills[-1]
    assert exit_.recorded_at - exit_.filled_at > timedelta(seconds=1)  # a bar acts when it is over
    assert "filled at 104.00, at the exchange at 15:55:00" in "".join(told(played.desk, trade))
    head = words(summary(life_of(played.desk, trade), played.clock.now()))
    assert "closed by flatten at 15:55:00" in head
    assert "Known to the desk at 15:56" in head


def test_a_later_scan_stands_where_its_time_is(desk: Desk) -> None:
    signal = builders.add_signal(desk, 1, "NVDA", SignalStatus.FILLED)
    trade = builders.add_position(desk, "NVDA", signal_id=signal.id)
    for minutes, scan in ((5, "first"), (40, "second")):
        at = builders.OPEN + timedelta(minutes=minutes)
        scope = f"session:{builders.DAY}"
        builders.add_fact(desk, "scan", scan, scope=scope, at=at, symbols=["NVDA"])
    opened = builders.OPEN + timedelta(minutes=9)
    builders.add_fact(desk, "trade", "opened", scope=f"trade:{trade.id}", at=opened)
    said = told(desk, trade)
    order = [position_of(each, said) for each in ("first", "planned", "opened", "second")]
    assert order == [0, 1, 2, 3]


def test_each_line_leads_to_where_more_of_it_stands(desk: Desk) -> None:
    trade = builders.add_chain(desk, "AAPL")
    scope = f"session:{builders.DAY}"
    builders.add_fact(desk, "scan", "Scanned", scope=scope, symbols=["AAPL"], at=builders.OPEN)
    builders.add_fact(desk, "trade", "closed", scope=f"trade:{trade.id}")
    found = [line.children[-1].children[-1].href for line in lines(desk, trade)]
    assert found == [
        "/scanner?session=2026-11-19&show=AAPL",
        "/signals?symbol=AAPL&first=2026-11-19&last=2026-11-19",
        f"/logs?severity=debug&text=trade%3A{trade.id}",
    ]


def test_how_grave_an_event_is_stands_before_its_words(desk: Desk) -> None:
    trade = builders.add_chain(desk, "AAPL")
    more = {"scope": f"trade:{trade.id}", "severity": Severity.WARNING}
    builders.add_fact(desk, "trade", "closed late", **more)
    assert "▲ warning closed late" in told(desk, trade)[-1]


def test_of_too_many_facts_the_first_and_the_last_are_told_and_how_many_are_not(
    desk: Desk,
) -> None:
    trade = builders.add_position(desk)
    for number in range(1, 513):
        builders.add_fact(desk, "order", f"fact {number}.", scope=f"trade:{trade.id}")
    said = told(desk, trade)
    assert len(said) == 501
    assert "fact 250." in said[249]
    assert "12 facts left out here; the logs have them all" in said[250]
    assert "fact 512." in said[-1]
