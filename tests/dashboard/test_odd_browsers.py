"""Browsers that keep nothing, know less, or stand in another time zone than the market."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from engine.desk import Desk
from tests.dashboard import builders

OpenPage = Callable[..., Page]
NEW_YORK = ZoneInfo("America/New_York")
NO_IDLE = "delete window.requestIdleCallback; delete Window.prototype.requestIdleCallback;"
NO_STORAGE = """for (const name of ["localStorage", "sessionStorage"])
    Object.defineProperty(window, name, {
        get() { throw new DOMException("no", "SecurityError"); },
    });"""
PHONE = {"width": 390, "height": 844}


def opened_with(open_page: OpenPage, script: str) -> Page:
    page = open_page()
    page.add_init_script(script)
    page.reload()
    expect(page.locator(".part")).to_have_count(3)
    return page


def test_charts_are_drawn_where_nothing_tells_when_a_browser_is_idle(open_page: OpenPage) -> None:
    page = opened_with(open_page, NO_IDLE)
    assert page.evaluate("typeof window.requestIdleCallback") == "undefined"
    expect(page.locator("#live-pnl .main-svg").first).to_be_attached()


def test_a_browser_that_keeps_nothing_shows_the_desk_and_changes_its_theme(
    open_page: OpenPage,
) -> None:
    page = opened_with(open_page, NO_STORAGE)
    for theme in ("light", "dark"):
        page.locator("#shell-theme").click()
        expect(page.locator("html")).to_have_attribute("data-theme", theme)


def test_times_are_new_yorks_of_their_own_day(desk: Desk, open_page: OpenPage) -> None:
    summer = datetime(2026, 10, 15, 9, 36, tzinfo=NEW_YORK)
    builders.add_closed(desk, "NVDA", "5", session=summer.date(), opened_at=summer)
    page = open_page("/positions?first=2026-10-01", timezone_id="Asia/Tokyo")
    expect(page.locator('#positions-grid .ag-cell[col-id="opened_at"]')).to_have_text("09:36:00")


@pytest.mark.parametrize("path", ["/", "/logs"])
def test_the_menu_of_a_phone_closes_at_the_page_that_is_open(
    open_page: OpenPage, path: str
) -> None:
    page = open_page(path, viewport=PHONE)
    menu = page.locator("#shell-navigation")
    page.get_by_role("button", name="Menu").click()
    expect(menu).to_have_class("pages open")
    menu.locator(f'a[href="{path}"]').click()
    expect(menu).to_have_class("pages")
