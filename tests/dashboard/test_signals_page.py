"""The Signals page in a real browser."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.queries.signal_chain import read_signal_filter
from engine.desk import Desk
from models.vocabulary import SignalStatus
from tests.dashboard import builders

OpenPage = Callable[..., Page]
WEEK = timedelta(days=7)
DAY_BEFORE = builders.DAY - WEEK


def cells(page: Page, grid: str, column: str) -> Locator:
    return page.locator(f'#{grid} .ag-row [col-id="{column}"]')


def test_a_refused_signal_shows_its_code_and_sentence(desk: Desk, open_page: OpenPage) -> None:
    builders.add_signal(desk, 1, "UBER", SignalStatus.REFUSED, code="size", sentence="Zero shares.")
    page = open_page("/signals")
    expect(cells(page, "signals-signals", "status")).to_have_text("refused")
    expect(cells(page, "signals-signals", "outcome")).to_have_text("size: Zero shares.")


def test_a_refusal_is_read_whole_without_a_pointer(desk: Desk, open_page: OpenPage) -> None:
    sentence = "5 positions and working entries: the limit is 5."
    more = {"code": "max_positions", "sentence": sentence}
    builders.add_signal(desk, 1, "UBER", SignalStatus.REFUSED, **more)
    outcome = cells(open_page("/signals"), "signals-signals", "outcome")
    expect(outcome).to_have_text(f"max_positions: {sentence}")
    is_whole = (
        "cell => cell.scrollWidth <= cell.clientWidth && cell.scrollHeight <= cell.clientHeight"
    )
    assert outcome.evaluate(is_whole)


def test_a_signal_made_by_the_defaults_says_so(desk: Desk, open_page: OpenPage) -> None:
    versions = {"strategy_version": 0, "risk_version": 2}
    builders.add_signal(desk, 1, "NVDA", SignalStatus.FILLED, **versions)
    page = open_page("/signals")
    cells(page, "signals-signals", "versions").hover()
    expect(page.locator(".ag-tooltip")).to_have_text("Strategy: the defaults; risk: version 2")
    cells(page, "signals-signals", "versions").click()
    expect(page.locator("#signals-signals-details")).to_contain_text("0 is the defaults")


def test_a_signal_bears_the_versions_of_its_settings(desk: Desk, open_page: OpenPage) -> None:
    more = {"strategy_version": 3, "risk_version": 2}
    builders.add_signal(desk, 1, "UBER", SignalStatus.WORKING, **more)
    expect(cells(open_page("/signals"), "signals-signals", "versions")).to_have_text("3 / 2")


def test_a_period_that_ends_before_it_begins_is_named_so(open_page: OpenPage) -> None:
    page = open_page("/signals?first=2026-11-19&last=2026-11-18")
    expect(page.locator("#signals-none")).to_contain_text("From is after To")


def test_a_signals_status_changes_without_a_reload(desk: Desk, open_page: OpenPage) -> None:
    signal = builders.add_signal(desk, 1, "NVDA", SignalStatus.WORKING)
    page = open_page("/signals")
    expect(cells(page, "signals-signals", "status")).to_have_text("working")
    builders.set_status(desk, signal, SignalStatus.FILLED)
    expect(cells(page, "signals-signals", "status")).to_have_text("filled")


def chain(page: Page, *columns: str) -> list[str]:
    return [cells(page, "signals-signals", column).first.inner_text() for column in columns]


def test_the_chain_from_signal_to_exit_shows_how_long_each_step_took(
    desk: Desk, open_page: OpenPage
) -> None:
    builders.add_chain(desk, "NVDA")
    page = open_page("/signals")
    expect(cells(page, "signals-signals", "outcome")).to_have_text("closed by stop")
    heading = page.locator('#signals-signals .ag-header-cell[col-id="to_answer"]')
    expect(heading).to_have_text("\N{RIGHTWARDS ARROW} answer")
    hops = chain(page, "created_at", "to_order", "to_answer", "to_fill", "to_exit")
    assert hops == ["09:35:00", "150 ms", "40 ms", "12.5 s", "8 m 20 s"]


def test_the_symbol_of_a_chain_leads_to_the_position(desk: Desk, open_page: OpenPage) -> None:
    trade = builders.add_chain(desk, "NVDA")
    page = open_page("/signals")
    page.locator("#signals-signals").get_by_role("link", name="NVDA").click()
    expect(page).to_have_url(re.compile(rf"/positions/{trade.id}$"))


def test_an_address_narrows_the_signals_down(desk: Desk, open_page: OpenPage) -> None:
    builders.add_signal(desk, 1, "NVDA", SignalStatus.FILLED)
    builders.add_signal(desk, 2, "UBER", SignalStatus.REFUSED, code="size")
    builders.add_signal(desk, 1, "OLD", SignalStatus.REFUSED, session=builders.DAY - WEEK)
    page = open_page("/signals")
    expect(cells(page, "signals-signals", "symbol")).to_have_text(["NVDA", "UBER"])
    first = builders.DAY - WEEK
    page.goto(page.url.split("?")[0] + f"?status=refused&first={first}")
    expect(cells(page, "signals-signals", "symbol")).to_have_text(["UBER", "OLD"])
    page.get_by_label("Symbol").fill("OL")
    expect(cells(page, "signals-signals", "symbol")).to_have_text(["OLD"])
    expect(page).to_have_url(re.compile(rf"symbol=OL&status=refused&first={first}"))


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ({}, (None, None)),
        ({"last": "2026-11-12"}, (DAY_BEFORE, DAY_BEFORE)),
        ({"first": "2026-11-12"}, (DAY_BEFORE, None)),
    ],
)
def test_a_last_day_alone_is_that_day(
    said: dict[str, str], days: tuple[date | None, date | None]
) -> None:
    wanted = read_signal_filter(said)
    assert (wanted.first, wanted.last) == days


def test_opening_ranges_are_of_the_last_day_of_the_period(desk: Desk, open_page: OpenPage) -> None:
    builders.add_range(desk, 1, "OLD", session=DAY_BEFORE)
    page = open_page(f"/signals?first={DAY_BEFORE}")
    expect(cells(page, "signals-ranges", "symbol")).to_have_text(["OLD"])
    expect(page.locator("#signals-range-count")).to_contain_text("Nov 12")
    builders.add_range(desk, 1, "NVDA")
    expect(cells(page, "signals-ranges", "symbol")).to_have_text(["NVDA"])
    page.get_by_label("To (empty").fill("2026-11-11")
    page.get_by_label("From (empty").fill("")
    expect(page.locator("#signals-no-ranges")).to_have_text(
        "No opening range of these days is there."
    )


def test_what_stands_behind_a_cell_is_read_without_a_pointer(
    desk: Desk, open_page: OpenPage
) -> None:
    builders.add_signal(desk, 1, "NVDA", SignalStatus.FILLED)
    builders.add_range(desk, 2, "TSLA", "doji", direction=0)
    page = open_page("/signals")
    cells(page, "signals-ranges", "failed").click()
    details = page.locator("#signals-ranges-details")
    expect(details).to_contain_text("closed where it opened")
    expect(details).to_contain_text("Against the mean opening range of the 14 sessions before")
    cells(page, "signals-ranges", "failed").click()
    expect(details).to_be_hidden()
    cells(page, "signals-signals", "rank").click()
    expect(page.locator("#signals-signals-details")).to_contain_text("not how likely a gain is")
    assert page.trouble == []  # type: ignore[attr-defined]


def test_a_filter_that_leaves_no_signal_says_so(desk: Desk, open_page: OpenPage) -> None:
    builders.add_signal(desk, 1, "NVDA", SignalStatus.FILLED)
    page = open_page("/signals?side=short")
    expect(page.locator("#signals-none")).to_contain_text("No signal is like this")


def test_each_range_has_a_picture_of_its_candle(desk: Desk, open_page: OpenPage) -> None:
    builders.add_range(desk, 1, "NVDA")
    page = open_page("/signals")
    picture = page.get_by_role("img", name="A rising opening range from 179.05 to 181.20")
    expect(picture.locator("rect")).to_be_visible()


def test_ranges_stand_by_rank_and_those_left_out_say_why(desk: Desk, open_page: OpenPage) -> None:
    builders.add_range(desk, None, "KO", "rvol")
    builders.add_range(desk, 2, "TSLA", "doji", direction=0)
    builders.add_range(desk, 1, "NVDA")
    page = open_page("/signals")
    expect(cells(page, "signals-ranges", "symbol")).to_have_text(["NVDA", "TSLA", "KO"])
    expect(cells(page, "signals-ranges", "failed")).to_have_text(["", "doji", "rvol"])
    # The sentence above comes last and moves the table from under a pointer that is there before.
    expect(page.locator("#signals-none")).to_contain_text("left no signals")
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
