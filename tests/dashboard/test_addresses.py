"""A page shows what its address says, however the reader came to it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from engine.desk import Desk
from tests.dashboard import builders

OpenPage = Callable[..., Page]


@pytest.fixture
def two_trades(desk: Desk) -> None:
    builders.add_closed(desk, "AMD", "-12.50")
    builders.add_closed(desk, "NVDA", "300")


def symbols(page: Page) -> Locator:
    return page.locator('#positions-grid .ag-row [col-id="symbol"]')


def narrow_to(page: Page, symbol: str) -> None:
    page.get_by_label("Symbol").fill(symbol)
    expect(symbols(page)).to_have_text([symbol])


@pytest.mark.usefixtures("two_trades")
def test_the_link_of_a_page_that_is_open_clears_its_filters(open_page: OpenPage) -> None:
    page = open_page("/positions")
    narrow_to(page, "AMD")
    page.get_by_role("navigation").get_by_role("link", name="Positions").click()
    expect(symbols(page)).to_have_count(2)
    expect(page.get_by_label("Symbol")).to_have_value("")
    assert page.url.endswith("/positions")


@pytest.mark.usefixtures("two_trades")
def test_a_command_narrows_the_page_that_is_open(open_page: OpenPage) -> None:
    page = open_page("/positions?symbol=AMD")
    expect(symbols(page)).to_have_text(["AMD"])
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Command").fill("NVDA")
    page.get_by_role("option", name="Positions of NVDA").click()
    expect(symbols(page)).to_have_text(["NVDA"])


@pytest.mark.usefixtures("two_trades")
def test_the_way_back_leads_to_the_filters_that_were_left(open_page: OpenPage) -> None:
    page = open_page("/positions")
    narrow_to(page, "AMD")
    page.get_by_role("link", name="AMD").click()
    expect(page.locator(".position-page h1")).to_contain_text("AMD")
    page.go_back()
    expect(page.get_by_label("Symbol")).to_have_value("AMD")
    expect(symbols(page)).to_have_text(["AMD"])


def test_a_drawer_that_opens_leaves_the_page_below_it_as_it_is(
    desk: Desk, open_page: OpenPage
) -> None:
    builders.add_range(desk, 1, "NVDA")
    page = open_page("/scanner")
    page.locator("#scanner-candidates .ag-row").first.wait_for()
    page.locator(".scanner-page").evaluate("(node) => { node.dataset.seen = 'before'; }")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.post_data or ""))
    page.locator("#scanner-candidates").get_by_role("link", name="NVDA").click()
    expect(page.locator(".drawer")).to_contain_text("Opening range")
    assert not any("shell-page.children" in body for body in asked)
    expect(page.locator(".scanner-page")).to_have_attribute("data-seen", "before")
