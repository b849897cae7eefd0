"""Readings that are begun before a page asks for them."""

from threading import Event

import pytest
from sqlalchemy.orm import Session as Transaction

from dashboard.ahead import MOST, Ahead
from engine.desk import Desk
from tests.dashboard import builders

SECONDS = 10.0


class Reading:
    """A reading that counts how often it was done."""

    def __init__(self) -> None:
        self.done = 0
        self.may_end = Event()
        self.may_end.set()
        self.has_begun = Event()

    def __call__(self, _tx: Transaction, _desk: Desk, wanted: str = "") -> str:
        self.has_begun.set()
        assert self.may_end.wait(SECONDS)
        self.done += 1
        return f"{wanted} {self.done}"


@pytest.fixture
def ahead(desk: Desk) -> Ahead:
    return Ahead(desk)


def test_what_was_begun_is_given_once(ahead: Ahead) -> None:
    reading = Reading()
    ahead.begin(reading, "AMD")
    assert reading.has_begun.wait(SECONDS)
    assert [ahead.get(reading, "AMD") for _ in range(2)] == ["AMD 1", "AMD 2"]


def test_what_was_begun_answers_no_other_question(ahead: Ahead) -> None:
    reading = Reading()
    ahead.begin(reading, "AMD")
    assert ahead.get(reading, "NVDA").startswith("NVDA")


def test_a_fact_that_was_written_meanwhile_makes_it_read_anew(ahead: Ahead, desk: Desk) -> None:
    reading = Reading()
    ahead.begin(reading, "AMD")
    assert reading.has_begun.wait(SECONDS)
    builders.add_fact(desk, "trade", "AMD long 100 closed by stop")
    assert ahead.get(reading, "AMD") == "AMD 2"


def test_a_reading_does_not_wait_for_another(ahead: Ahead) -> None:
    slow, quick = Reading(), Reading()
    slow.may_end.clear()
    ahead.begin(slow)
    ahead.begin(quick)
    assert ahead.get(quick) == " 1"
    slow.may_end.set()
    assert ahead.get(slow) == " 1"


def test_a_reading_that_failed_is_done_again(ahead: Ahead) -> None:
    failing = [True]

    def read(_tx: Transaction, _desk: Desk) -> str:
        if failing:
            raise LookupError(failing.pop())
        return "there"

    ahead.begin(read)
    assert ahead.get(read) == "there"


def test_a_reading_that_is_under_way_serves_whoever_asks_for_the_same(ahead: Ahead) -> None:
    slow, reading = Reading(), Reading()
    slow.may_end.clear()
    ahead.begin(slow)
    for _ in range(20):
        ahead.begin(reading)
    slow.may_end.set()
    assert ahead.get(slow) == " 1"
    ahead.get(reading)
    ahead.begin(slow, "the last")
    assert ahead.get(slow, "the last")
    assert reading.done == 1


def test_an_old_reading_is_not_believed(ahead: Ahead, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = Reading()
    ahead.begin(reading)
    assert reading.has_begun.wait(SECONDS)
    monkeypatch.setattr("dashboard.ahead.FRESH", 0.0)
    assert ahead.get(reading) == " 2"


def test_pages_that_are_never_built_are_forgotten(ahead: Ahead) -> None:
    slow, reading = Reading(), Reading()
    slow.may_end.clear()
    ahead.begin(slow)
    for number in range(3 * MOST):
        ahead.begin(reading, str(number))
    slow.may_end.set()
    assert ahead.get(reading, str(3 * MOST - 1)) != ""
    assert reading.done <= MOST
