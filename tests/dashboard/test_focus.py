"""Where the focus goes: to the page, as somebody comes to it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

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
