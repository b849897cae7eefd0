"""The Signals page in a real browser."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from engine.desk import Desk
from models.vocabulary import SignalStatus
from tests.dashboard import builders

OpenPage = Callable[..., Page]


def cells(page: Page, grid: str, column: str) -> Locator:
    return page.locator(f'#{grid} .ag-row [col-id="{column}"]')


def test_a_refused_signal_shows_its_code_and_sentence(desk: Desk, open_page: OpenPage) -> None:
    builders.add_signal(desk, 1, "UBER", SignalStatus.REFUSED, code="size", sentence="Zero shares.")
    page = open_page("/signals")
    expect(cells(page, "signals-signals", "status")).to_have_text("refused")
    expect(cells(page, "signals-signals", "code")).to_have_text("size")
    expect(cells(page, "signals-signals", "sentence")).to_have_text("Zero shares.")


def test_a_signals_status_changes_without_a_reload(desk: Desk, open_page: OpenPage) -> None:
    signal = builders.add_signal(desk, 1, "NVDA", SignalStatus.WORKING)
    page = open_page("/signals")
    expect(cells(page, "signals-signals", "status")).to_have_text("working")
    builders.set_status(desk, signal, SignalStatus.FILLED)
    expect(cells(page, "signals-signals", "status")).to_have_text("filled")


def test_ranges_stand_by_rank_and_those_left_out_say_why(desk: Desk, open_page: OpenPage) -> None:
    builders.add_range(desk, None, "KO", "rvol")
    builders.add_range(desk, 2, "TSLA", "doji", direction=0)
    builders.add_range(desk, 1, "NVDA")
    page = open_page("/signals")
    expect(cells(page, "signals-ranges", "symbol")).to_have_text(["NVDA", "TSLA", "KO"])
    expect(cells(page, "signals-ranges", "failed")).to_have_text(["", "doji", "rvol"])
    cells(page, "signals-ranges", "failed").nth(1).hover()
    expect(page.locator(".ag-tooltip")).to_contain_text("closed where it opened")


def test_a_scan_fills_the_ranges_without_a_reload(desk: Desk, open_page: OpenPage) -> None:
    page = open_page("/signals")
    expect(page.locator("#signals-no-ranges")).to_contain_text("No scan today")
    builders.add_range(desk, 1, "NVDA")
    expect(cells(page, "signals-ranges", "symbol")).to_have_text("NVDA")


@pytest.mark.parametrize("now", [builders.OPEN + timedelta(seconds=48)])
def test_before_the_scan_the_page_says_when_it_is(open_page: OpenPage) -> None:
    page = open_page("/signals")
    expect(page.locator("#signals-no-ranges")).to_have_text(
        re.compile(r"No scan yet: the opening range ends at 09:35:00, in 0[34]:\d\d\.")
    )
