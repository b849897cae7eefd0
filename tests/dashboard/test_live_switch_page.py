"""The switch for real money, and the lifting of a kill, in a real browser."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from engine.actions import control
from engine.actions.live_switch import live_facts
from engine.actions.permissions import SYSTEM
from engine.desk import Desk
from models.control import TradingState
from models.vocabulary import Control, TradingMode
from tests.dashboard import builders, desks

OpenPage = Callable[..., Page]


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    """A desk that is connected to real money."""
    made = desks.make_desk(sqlite_url, TradingMode.LIVE)
    builders.add_account(made, made.account, TradingMode.LIVE, "555001")
    yield made
    made.db.close()


def is_on(desk: Desk) -> bool:
    with desk.db.read() as tx:
        return live_facts(tx, desk).is_on


def to_the_second_step(page: Page) -> None:
    expect(page.locator("#live-switch-state")).to_contain_text("nobody confirmed")
    page.get_by_role("button", name="Trade real money…").click()
    page.locator("#propose-live-reason").fill("a month of paper went well")
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.locator("#live-switch-facts")).to_contain_text("At most 5 positions")


def test_real_money_takes_two_steps_the_words_and_the_password(
    desk: Desk, open_page: OpenPage
) -> None:
    page = open_page("/settings")
    to_the_second_step(page)
    assert not is_on(desk)
    page.get_by_label("Type the words above").fill("trade real money in simulated 555001")
    page.get_by_label("Your password").fill(desks.PASSWORD)
    page.get_by_role("button", name="Trade real money", exact=True).click()
    expect(page.locator("#live-switch-state")).to_contain_text("Real money is being traded")
    assert is_on(desk)
    page.get_by_role("button", name="Stop trading real money…").click()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator("#live-switch-state")).to_contain_text("nobody confirmed")
    assert not is_on(desk)
    assert vars(page)["trouble"] == []


def test_other_words_switch_nothing(desk: Desk, open_page: OpenPage) -> None:
    page = open_page("/settings")
    to_the_second_step(page)
    page.get_by_label("Type the words above").fill("yes")
    page.get_by_label("Your password").fill(desks.PASSWORD)
    page.get_by_role("button", name="Trade real money", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("type exactly")
    assert not is_on(desk)


def test_lifting_a_kill_asks_for_the_password(desk: Desk, open_page: OpenPage) -> None:
    control.kill(desk, SYSTEM, "a drill")
    page = open_page("/settings")
    page.get_by_role("button", name="Lift…").click()
    page.get_by_role("button", name="Allow trading").click()
    expect(page.locator("#toasts")).to_contain_text("That password is not yours")
    page.locator("#lift-password").fill(desks.PASSWORD)
    page.get_by_role("button", name="Allow trading").click()
    expect(page.locator("#toasts")).to_contain_text("The kill switch is lifted")
    with desk.db.read() as tx:
        assert tx.get_one(TradingState, "all").state is Control.ACTIVE
