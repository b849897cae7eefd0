"""Where the focus goes: to the page, into a question, back again, and never nowhere."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from engine.actions import control
from engine.actions.permissions import Actor
from engine.desk import Desk
from models.control import Command, TradingState
from models.vocabulary import CommandKind, Control, Role
from tests.dashboard import builders

OpenPage = Callable[..., Page]


@pytest.fixture
def live_page(open_page: OpenPage) -> Page:
    page = open_page()
    expect(page.locator("#live-control-state")).to_have_text("Trading is active.")
    return page


def main(page: Page, name: str) -> Locator:
    return page.get_by_role("main", name=name, exact=True)


# ------------------------------------------------------------------------------ pages
def test_the_first_stop_skips_to_the_page(live_page: Page) -> None:
    address = live_page.url
    live_page.keyboard.press("Tab")
    skip = live_page.get_by_role("link", name="Skip to the page")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    live_page.keyboard.press("Enter")
    expect(main(live_page, "Live")).to_be_focused()
    expect(skip).not_to_be_in_viewport()
    live_page.keyboard.press("Tab")
    expect(live_page.locator("main :focus")).to_have_count(1)
    assert live_page.url == address


def test_letters_that_lead_to_a_page_take_the_focus_there(live_page: Page) -> None:
    live_page.locator("#live-pause-entry").focus()
    live_page.keyboard.press("g")
    live_page.keyboard.press("s")
    expect(main(live_page, "Signals")).to_be_focused()
    expect(live_page.get_by_role("heading", name="Opening ranges")).to_be_visible()
    expect(main(live_page, "Signals")).to_be_focused()


def test_a_click_on_a_link_takes_the_focus_along_and_draws_nothing(live_page: Page) -> None:
    live_page.get_by_role("link", name="Signals").click()
    page = main(live_page, "Signals")
    expect(page).to_be_focused()
    expect(page).to_have_css("box-shadow", "none")
    expect(page).to_have_css("outline-style", "none")


def test_a_page_that_was_just_opened_has_moved_no_focus(live_page: Page) -> None:
    expect(live_page.locator("body")).to_be_focused()


# ------------------------------------------------------------------------------ questions
@pytest.mark.parametrize(
    ("opener", "field"),
    [
        ("kill-switch", "kill-reason"),
        ("live-pause-all", "pause-reason"),
        ("live-emergency", "emergency-reason"),
    ],
)
def test_a_question_takes_the_focus_and_gives_it_back(
    live_page: Page, opener: str, field: str
) -> None:
    live_page.locator(f"#{opener}").focus()
    live_page.keyboard.press("Enter")
    expect(live_page.locator(f"#{field}")).to_be_focused()
    live_page.keyboard.press("Escape")
    expect(live_page.get_by_role("dialog")).to_have_count(0)
    expect(live_page.locator(f"#{opener}")).to_be_focused()


def test_shift_k_a_reason_and_enter_halt_all_trading(desk: Desk, live_page: Page) -> None:
    live_page.locator("#live-speed-10").focus()
    live_page.keyboard.press("Shift+K")
    expect(live_page.locator("#kill-reason")).to_be_focused()
    expect(live_page.locator("#kill-reason")).to_have_value("")
    live_page.keyboard.type("fills look wrong")
    live_page.keyboard.press("Enter")
    expect(live_page.locator("#halt-banner")).to_contain_text("by anna")
    expect(live_page.locator("#live-speed-10")).to_be_focused()
    with desk.db.read() as tx:
        halted = tx.get_one(TradingState, "all")
    assert (halted.state, halted.reason) == (Control.HALTED, "fills look wrong")


def test_a_key_that_is_held_down_does_not_answer_its_own_question(live_page: Page) -> None:
    live_page.locator("#kill-switch").focus()
    live_page.keyboard.down("Enter")
    expect(live_page.locator("#kill-reason")).to_be_focused()
    live_page.keyboard.down("Enter")
    live_page.keyboard.up("Enter")
    live_page.keyboard.type("on purpose")
    live_page.keyboard.press("Enter")
    expect(live_page.locator("#halt-banner")).to_contain_text("on purpose")


def test_enter_does_not_stop_and_close_everything(desk: Desk, live_page: Page) -> None:
    live_page.get_by_role("button", name="Emergency stop").click()
    live_page.get_by_label("I want all of this, now.").check()
    live_page.locator("#emergency-reason").fill("by accident")
    live_page.keyboard.press("Enter")
    live_page.keyboard.press("Escape")
    expect(live_page.get_by_role("dialog")).to_have_count(0)
    live_page.keyboard.press("Shift+K")
    expect(live_page.locator("#kill-reason")).to_be_focused()
    live_page.keyboard.press("Enter")
    expect(live_page.locator("#halt-banner")).to_be_visible()
    with desk.db.read() as tx:
        assert tx.scalars(select(Command.kind)).all() == [CommandKind.KILL]


def test_enter_does_not_lift_the_kill_switch(desk: Desk, open_page: OpenPage) -> None:
    control.kill(desk, Actor("otto", Role.OPERATOR), "a test")
    page = open_page()
    page.get_by_role("button", name="Lift…").click()
    expect(page.locator("#lift-password")).to_be_focused()  # the first of its fields
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.post_data or ""))
    page.locator("#lift-reason").fill("by accident")
    page.keyboard.press("Enter")
    expect(page.locator("#lift-reason")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Lift…")).to_be_focused()
    expect(page.locator("#halt-banner")).to_contain_text("by otto")
    assert not any("lift-confirm" in body for body in asked)  # nor was it tried, and refused


# ------------------------------------------------------------------------------ what goes away
def test_a_pause_that_is_done_leaves_the_focus_beside_it_and_not_on_resume(
    live_page: Page,
) -> None:
    live_page.locator("#live-pause-entry").focus()
    live_page.keyboard.press("Enter")
    expect(live_page.locator("#pause-reason")).to_be_focused()
    live_page.keyboard.type("news at ten")
    live_page.keyboard.press("Enter")
    expect(live_page.locator("#live-scope-entry")).to_have_text(re.compile("paused.*news at ten"))
    expect(live_page.get_by_role("region", name="Controls")).to_be_focused()
    live_page.keyboard.press("Tab")
    expect(live_page.get_by_role("button", name="Resume entries")).to_be_focused()


def test_a_row_that_goes_leaves_the_focus_on_the_page(desk: Desk, open_page: OpenPage) -> None:
    trade = builders.add_position(desk)
    page = open_page()
    row = page.locator("#live-positions .ag-row [col-id='close']")
    row.focus()
    builders.close(desk, trade, "12.50")
    expect(row).to_have_count(0)
    expect(main(page, "Live")).to_be_focused()
