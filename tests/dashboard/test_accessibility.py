"""axe finds nothing on any page in either theme, and the keyboard reaches what the mouse does."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from dashboard.pages import PAGES
from engine.actions.permissions import Actor
from engine.actions.trading_settings import change_settings
from engine.desk import Desk
from models.vocabulary import Role, SettingsKind, Severity, SignalStatus
from tests.dashboard import builders
from tests.dashboard.bots_by_hand import CYCLE, Dipper

OpenPage = Callable[..., Page]
ADDRESSES = [page.path for page in PAGES if page.is_in_navigation]
ADDRESSES += ["/positions/1", "/bots/1"]
MOST_TABS = 90  # more than any page has stops
CALM = {"reduced_motion": "reduce"}  # a colour on its way to another is neither of both


@pytest.fixture
def busy_desk(desk: Desk, tmp_path: Path) -> None:
    Dipper(desk, tmp_path).says(*CYCLE)
    builders.beat(desk)
    builders.set_account(desk, "103184.60")
    builders.add_chain(desk, "AAPL")
    builders.add_signal(desk, 2, "UBER", SignalStatus.REFUSED, code="size", sentence="Zero shares.")
    builders.add_position(desk)
    builders.add_range(desk, 1, "NVDA")
    builders.add_range(desk, None, "KO", "rvol")
    builders.add_day(desk, date(2026, 11, 18), "1234567.89")
    builders.add_snapshots(desk, [0, 10, 20])
    for severity in Severity:
        builders.add_fact(desk, "alert", f"a line of {severity}", severity=severity)
    change = {"max_positions": 3}
    change_settings(desk, Actor("anna", Role.ADMIN), SettingsKind.RISK, change, "fewer")


def complaints(page: Page) -> list[str]:
    """Return what axe holds against a page: the rule, and where."""
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['target']}" for rule in found for node in rule["nodes"]]


@pytest.mark.usefixtures("busy_desk")
@pytest.mark.parametrize("path", ADDRESSES)
def test_axe_finds_nothing_in_either_theme(open_page: OpenPage, path: str) -> None:
    page = open_page(path, viewport={"width": 1440, "height": 900}, **CALM)
    expect(page.locator("main .panel").first).to_be_visible()
    expect(page.locator(".part")).to_have_count(3)
    page.wait_for_load_state("networkidle")
    found = {"light": complaints(page)}
    page.emulate_media(color_scheme="dark")
    found["dark"] = complaints(page)
    assert found == {"light": [], "dark": []}


@pytest.mark.usefixtures("busy_desk")
def test_axe_finds_nothing_in_a_question_or_in_the_commands(open_page: OpenPage) -> None:
    page = open_page(**CALM)
    expect(page.locator(".part")).to_have_count(3)
    page.get_by_role("button", name="Emergency stop").click()
    expect(page.locator("#live-emergency-plan")).to_contain_text("sell 300 NVDA")
    found = {"question": complaints(page)}
    page.keyboard.press("Escape")
    expect(page.locator("#emergency-dialog")).to_have_count(0)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option").first).to_be_visible()
    found["commands"] = complaints(page)
    assert found == {"question": [], "commands": []}


def test_axe_finds_nothing_at_the_login(url: str, page_of_nobody: Page) -> None:
    page_of_nobody.goto(f"{url}/login")
    assert complaints(page_of_nobody) == []


@pytest.fixture
def page_of_nobody(browser_context: Callable[..., object]) -> Page:
    page: Page = browser_context(**CALM).new_page()  # type: ignore[attr-defined]
    return page


@pytest.mark.usefixtures("busy_desk")
@pytest.mark.parametrize("path", ["/", "/signals", "/history", "/alerts", "/audit"])
def test_the_keyboard_reaches_every_control_and_shows_where_it_is(
    open_page: OpenPage, path: str
) -> None:
    page = open_page(path, viewport={"width": 1440, "height": 1600}, **CALM)
    expect(page.locator(".part")).to_have_count(3)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.activeElement.blur()")
    reached: dict[str, bool] = {}  # what had the focus, and whether one could see it
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        name, is_seen = page.evaluate(FOCUSED)
        reached[name] = is_seen
    assert set(page.evaluate(CONTROLS)) - set(reached) == set()
    assert [name for name, is_seen in reached.items() if not is_seen] == []


NAME = "n => n.id || n.getAttribute('href') || n.textContent"
CONTROLS = f"""() => [...document.querySelectorAll(
    'header .button:not(:disabled), nav a, main .button:not(:disabled), main :is(select, input)')]
    .filter(n => n.checkVisibility() && !n.closest('.ag-root-wrapper, .modal')).map({NAME})"""
FOCUSED = f"""() => {{
    const node = document.activeElement, style = getComputedStyle(node);
    const shown = style.outlineStyle !== 'none' || node === document.body;
    return [({NAME})(node), shown];
}}"""
