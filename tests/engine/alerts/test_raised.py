"""What the desk raises by itself on its days, and what becomes of it."""

from dataclasses import replace
from typing import Any

import pytest

from engine.actions import control
from engine.adapters.channels import AddressedChannel
from engine.desk import Desk
from engine.errors import BrokerUnavailableError
from engine.jobs import Job
from engine.jobs.decide_alerts import decide_alerts
from engine.jobs.deliver_alerts import deliver_alerts
from engine.logs import _without_addresses
from engine.runner import run_job
from models.alerts import AlertVerdict
from models.database import IN_MEMORY, Database
from models.journal import JournalRow
from models.vocabulary import Severity
from tests.builders import ADMIN, OPERATOR, Playing, a_day, a_market, play, start
from tests.engine.alerts.receiver import Receiver

ABLE = a_day("ABLE", ("09:40", 101), ("15:55", 104))


def said(rows: list[JournalRow]) -> list[tuple[Severity, str]]:
    return [(row.severity, row.body["text"]) for row in rows]


def told_by(playing: Playing, receiver: Receiver) -> list[str]:
    """Tell what a played desk has raised; return the titles that arrived."""
    desk = replace(playing.desk, channels=(AddressedChannel("hook", receiver.address),))
    decide_alerts(desk)
    deliver_alerts(desk, desk.channels[0])
    return receiver.titles()


def test_a_day_ends_with_its_summary(receiver: Receiver) -> None:
    played = play(a_market(ABLE))
    ((severity, text),) = said(played.alerts("daily_summary"))
    assert severity is Severity.INFO
    assert text.startswith("2024-11-20: 1 trades (1 won, 0 lost), P&L +$")
    assert text.endswith("flat, the books agree.")
    assert told_by(played, receiver) == ["Daily summary"]


def test_a_rejected_entry_is_a_warning() -> None:
    ((severity, text),) = said(
        play(a_market(ABLE), faults=[("ABLE", "reject", 0)]).alerts("order_rejected")
    )
    assert severity is Severity.WARNING
    assert "asked to reject" in text


def test_a_rejected_exit_is_critical_and_its_repetition_is_held_back(receiver: Receiver) -> None:
    playing = start(a_market(ABLE)).until("15:50")
    for _ in range(3):
        playing.ask_for("ABLE", "reject")
    playing.to_the_end()
    rejections = playing.alerts("order_rejected")
    assert [row.severity for row in rejections] == [Severity.CRITICAL] * 3
    assert len(told_by(playing, receiver)) == 1
    verdicts = {row.seq: row.verdict for row in playing.all(AlertVerdict)}
    assert [verdicts[row.seq] for row in rejections] == ["told", "throttled", "throttled"]


def test_the_kill_switch_is_told_and_so_is_its_end() -> None:
    playing = start(a_market(ABLE))
    control.kill(playing.desk, OPERATOR, "something smells")
    control.lift_kill(playing.desk, ADMIN, "it was the coffee")
    assert said(playing.alerts("kill")) == [
        (Severity.CRITICAL, "olivia threw the kill switch: something smells"),
        (Severity.INFO, "adam lifted the kill switch: it was the coffee"),
    ]


def follow(_desk: Desk) -> str | None:
    raise BrokerUnavailableError("nobody answers")


def test_a_job_is_told_of_when_it_goes_on_failing() -> None:
    db = Database(IN_MEMORY)
    playing = start(a_market(ABLE), db=db)
    for _ in range(31):
        run_job(Job(follow, every_seconds=1), playing.desk)
    assert [row.severity for row in playing.alerts("job_failed")] == [
        Severity.WARNING,
        Severity.CRITICAL,
    ]


@pytest.mark.parametrize(
    ("crumb", "is_kept"), [({"category": "httplib"}, False), ({"category": "console"}, True)]
)
def test_no_report_of_an_error_tells_what_was_requested(
    crumb: dict[str, Any], *, is_kept: bool
) -> None:
    assert (_without_addresses(crumb, None) is not None) == is_kept
