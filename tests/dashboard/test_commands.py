"""The keyboard's ways round the desk: commands, shortcuts, and notices of what happened."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from engine.desk import Desk
from models.control import TradingState
from models.vocabulary import Severity
from tests.dashboard import builders

OpenPage = Callable[..., Page]


def commands(page: Page) -> Locator:
    """Open the commands once the shell is there."""
    expect(page.locator(".part").first).to_be_visible()
    page.keyboard.press("Control+k")
    return page.get_by_role("dialog", name="Commands")


def test_a_page_is_reached_by_its_name(open_page: OpenPage) -> None:
    page = open_page()
    found = commands(page)
    expect(found.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("hist")
    expect(found.get_by_role("option", selected=True)).to_contain_text("History")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/history$"))
    expect(found).to_be_hidden()


def test_the_arrows_choose_and_escape_leaves_everything_as_it_was(open_page: OpenPage) -> None:
    page = open_page("/logs")
    found = commands(page)
    expect(found.get_by_role("option").nth(0)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(found.get_by_role("option").nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(found).to_be_hidden()
    expect(page).to_have_url(re.compile("/logs$"))


def test_the_focus_stays_in_the_commands(open_page: OpenPage) -> None:
    page = open_page()
    commands(page)
    outside = "document.activeElement.closest('main, header') !== null"
    for _ in range(5):
        page.keyboard.press("Tab")
        assert not page.evaluate(outside)


def test_a_symbol_leads_to_its_positions(desk: Desk, open_page: OpenPage) -> None:
    builders.add_closed(desk, "NVDA", "5")
    builders.add_closed(desk, "AMD", "5")
    page = open_page()
    commands(page)
    page.keyboard.type("nvda")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Symbol")).to_have_value("NVDA")
    shown = page.locator('#positions-grid .ag-row [col-id="symbol"]')
    expect(shown).to_have_text(["NVDA"])


def test_the_kill_switch_by_command_asks_before_it_halts(desk: Desk, open_page: OpenPage) -> None:
    page = open_page("/logs", "otto")
    commands(page)
    page.keyboard.type("kill")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Halt all trading?")).to_be_visible()
    with desk.db.read() as tx:
        assert tx.get(TradingState, "all") is None


@pytest.mark.parametrize(("words", "scope"), [("pause", "entry"), ("pause everything", "all")])
def test_each_scope_is_paused_from_any_page_after_a_question(
    open_page: OpenPage, words: str, scope: str
) -> None:
    page = open_page("/logs")
    commands(page)
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    expect(page.locator("#pause-dialog")).to_contain_text("No new entry is sent")
    page.locator("#pause-confirm").click()
    expect(page.locator(f"#live-scope-{scope}")).to_contain_text("paused by anna")


def test_an_open_positions_page_is_a_command(desk: Desk, open_page: OpenPage) -> None:
    trade = builders.add_position(desk, "NVDA")
    page = open_page("/logs")
    found = commands(page)
    page.keyboard.type("nvda")
    expect(found.get_by_role("option").first).to_contain_text("Open position of NVDA")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/positions/{trade.id}$"))


@pytest.mark.parametrize("path", ["/", "/logs"])
def test_a_viewer_is_offered_no_act_that_is_not_theirs(open_page: OpenPage, path: str) -> None:
    found = commands(open_page(path, "vera"))
    expect(found.get_by_role("option", name="Signals")).to_have_count(1)
    for act in ("Kill switch", "Emergency", "Pause", "Resume"):
        expect(found.get_by_role("option", name=act)).to_have_count(0)


@pytest.mark.parametrize(
    ("keys", "path"), [("gs", "/signals"), ("gh", "/history"), ("go", "/logs")]
)
def test_g_and_a_letter_lead_to_a_page(open_page: OpenPage, keys: str, path: str) -> None:
    page = open_page()
    expect(page.locator(".part").first).to_be_visible()
    for key in keys:
        page.keyboard.press(key)
    expect(page).to_have_url(re.compile(f"{path}$"))


def test_a_question_mark_shows_the_shortcuts(open_page: OpenPage) -> None:
    page = open_page()
    expect(page.locator(".part").first).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Shortcuts")).to_contain_text("Kill switch (asks first)")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("dialog", name="Shortcuts")).to_be_hidden()


def test_letters_that_are_typed_into_a_field_are_no_shortcuts(open_page: OpenPage) -> None:
    page = open_page("/positions")
    page.get_by_label("Symbol").press_sequentially("GS?")
    expect(page.get_by_label("Symbol")).to_have_value("GS?")
    expect(page).to_have_url(re.compile("/positions"))


def test_what_happens_is_told_on_every_page(desk: Desk, open_page: OpenPage) -> None:
    page = open_page("/history")
    expect(page.locator(".part").first).to_be_visible()
    builders.add_fact(desk, "trade", "NVDA long 300 closed by stop, P&L -276.00")
    expect(page.locator("#toasts").get_by_role("status")).to_contain_text("closed by stop")
    builders.add_fact(desk, "alert", "NVDA has no stop", severity=Severity.CRITICAL)
    expect(page.locator("#toasts").get_by_role("alert")).to_contain_text("NVDA has no stop")
