"""The keyboard in tables: one stop of the Tab key each, arrows inside, Enter presses."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from engine.actions import control
from engine.actions.permissions import Actor
from engine.desk import Desk
from models.control import Command
from models.reconciliation import DifferenceRow
from models.vocabulary import (
    CommandKind,
    ControlScope,
    DifferenceStatus,
    Role,
    Severity,
    SignalStatus,
)
from tests.dashboard import builders, scanner_rows

OpenPage = Callable[..., Page]
MANY = 12  # rows: with their cells more than anybody wants to walk through
MOST_TABS = 120  # more than any page has stops
TABLES = {
    "/": ["live-positions"],
    "/scanner": ["scanner-candidates", "scanner-universe", "scanner-findings"],
    "/signals": ["signals-signals", "signals-ranges"],
    "/positions": ["positions-grid"],
    "/history": ["history-trades"],
    "/alerts": ["alerts-rows"],
    "/reconciliation": ["reconciliation-differences", "reconciliation-days"],
    "/audit": ["audit-rows"],
}


@pytest.fixture
def full_desk(desk: Desk) -> None:
    builders.beat(desk)
    scanner_rows.add_whole_market(desk, MANY)
    for number in range(MANY):
        symbol = f"S{number:02}"
        builders.add_position(desk, symbol)
        builders.add_closed(desk, f"T{number:02}", "-92")
        builders.add_signal(desk, number + 1, symbol, SignalStatus.REFUSED, code="size")
        builders.add_range(desk, number + 1, symbol)
        builders.add_day(desk, date(2026, 9, 1) + timedelta(days=number), "100000", "12.5")
        builders.add_fact(desk, "alert", f"alert {number}", severity=Severity.WARNING)
        builders.add(desk, difference(desk, symbol))
        scanner_rows.add_finding(desk, "gap", symbol, "A gap.")
        control.resume(desk, Actor("anna", Role.ADMIN), ControlScope.ENTRY, "for the record")


def difference(desk: Desk, symbol: str) -> DifferenceRow:
    now = desk.clock.now()
    return DifferenceRow(
        account=builders.ACCOUNT,
        code="quantity",
        symbol=symbol,
        sentence=f"{symbol}: our books 300, the broker 200",
        status=DifferenceStatus.OPEN,
        found_at=now,
        seen_at=now,
    )


def complete(page: Page, tables: list[str]) -> None:
    for table in tables:
        expect(page.locator(f"#{table} .ag-row .ag-cell").nth(8)).to_be_visible()


def stops(page: Page, key: str) -> list[str]:
    """Press a key until the focus comes round, and return where it was: tables by name."""
    page.locator("#kill-switch").focus()
    found: list[str] = []
    while found[-1:] != ["kill-switch"]:
        page.keyboard.press(key)
        found.append(page.evaluate(FOCUSED))
        assert len(found) < MOST_TABS, found
    return found


FOCUSED = """() => {
    const node = document.activeElement, table = node.closest(".grid");
    return table ? table.id : node.id || node.getAttribute("href") || node.tagName;
}"""


@pytest.mark.usefixtures("full_desk")
@pytest.mark.parametrize("path", TABLES)
def test_a_full_table_is_one_stop_of_the_tab_key_in_either_direction(
    open_page: OpenPage, path: str
) -> None:
    page = open_page(path, viewport={"width": 1440, "height": 900})
    complete(page, TABLES[path])
    for key in ("Tab", "Shift+Tab"):
        found = stops(page, key)
        assert [found.count(table) for table in TABLES[path]] == [1] * len(TABLES[path])
    assert page.trouble == []  # type: ignore[attr-defined]


def into_the_positions(page: Page) -> Locator:
    """Go to the Live page's table by the keyboard, from the last stop before it."""
    complete(page, ["live-positions"])
    page.locator("#kill-switch").focus()
    page.keyboard.press("Tab")
    first = cell(page, 0, "symbol")
    expect(first).to_be_focused()
    return first


def cell(page: Page, row: int, column: str) -> Locator:
    return page.locator(f'#live-positions [row-index="{row}"] [col-id="{column}"]')


@pytest.fixture
def live_page(desk: Desk, open_page: OpenPage) -> Page:
    for symbol in ("AMD", "NVDA", "TSLA"):
        builders.add_position(desk, symbol)
    return open_page()


def test_arrows_move_inside_and_the_way_back_leads_to_the_same_cell(live_page: Page) -> None:
    into_the_positions(live_page)
    live_page.keyboard.press("ArrowDown")
    live_page.keyboard.press("ArrowRight")
    expect(cell(live_page, 1, "side")).to_be_focused()
    live_page.keyboard.press("Tab")
    expect(live_page.get_by_role("button", name="Pause entries")).to_be_focused()
    live_page.keyboard.press("Shift+Tab")
    expect(cell(live_page, 1, "side")).to_be_focused()
    live_page.keyboard.press("Shift+Tab")
    expect(live_page.locator("#kill-switch")).to_be_focused()


def test_a_column_is_sorted_by_from_the_keyboard(live_page: Page) -> None:
    into_the_positions(live_page)
    live_page.keyboard.press("ArrowUp")
    header = live_page.get_by_role("columnheader", name="Symbol")
    expect(header).to_be_focused()
    live_page.keyboard.press("Enter")
    live_page.keyboard.press("Enter")
    expect(header).to_have_attribute("aria-sort", "descending")
    live_page.keyboard.press("Tab")
    expect(live_page.get_by_role("button", name="Pause entries")).to_be_focused()


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_key_on_a_cell_follows_its_link(live_page: Page, key: str) -> None:
    into_the_positions(live_page)
    live_page.keyboard.press("ArrowDown")
    live_page.keyboard.press(key)
    expect(live_page).to_have_url(re.compile(r"/positions/2$"))
    expect(live_page.get_by_role("heading", level=1)).to_contain_text("NVDA")


def test_a_position_is_closed_by_the_keyboard_alone(desk: Desk, live_page: Page) -> None:
    builders.lead(desk)
    into_the_positions(live_page)
    live_page.keyboard.press("ArrowDown")
    live_page.keyboard.press("Control+ArrowRight")
    expect(cell(live_page, 1, "close")).to_be_focused()
    live_page.keyboard.press("Enter")
    question = live_page.get_by_role("dialog", name="Close this position?")
    expect(question).to_contain_text("sells 300 NVDA at the market")
    expect(question.get_by_label("Reason")).to_be_focused()
    live_page.keyboard.type("enough")
    live_page.keyboard.press("Tab")
    live_page.keyboard.press("Tab")
    live_page.keyboard.press("Enter")
    expect(live_page.locator("#toasts")).to_contain_text("The engine closes NVDA")
    with desk.db.read() as tx:
        asked = tx.scalars(select(Command)).one()
    assert (asked.kind, asked.reason) == (CommandKind.CLOSE_POSITION, "enough")
    assert live_page.trouble == []  # type: ignore[attr-defined]


def test_the_question_that_is_left_gives_the_cell_back(live_page: Page) -> None:
    into_the_positions(live_page)
    live_page.keyboard.press("Control+ArrowRight")
    live_page.keyboard.press("Enter")
    expect(live_page.get_by_role("dialog", name="Close this position?")).to_be_visible()
    live_page.keyboard.press("Escape")
    expect(cell(live_page, 0, "close")).to_be_focused()


def test_an_alert_is_acknowledged_by_the_keyboard_alone(desk: Desk, open_page: OpenPage) -> None:
    builders.add_fact(desk, "alert", "No stop is live.", severity=Severity.CRITICAL)
    page = open_page("/alerts")
    expect(page.get_by_role("button", name="Acknowledge: No stop")).to_be_visible()
    page.locator("#alerts-severity").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Control+ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("gridcell", name=re.compile("^anna"))).to_be_visible()
    expect(page.get_by_role("button", name="Acknowledge: No stop")).to_have_count(0)
    assert page.trouble == []  # type: ignore[attr-defined]


def test_a_table_tells_its_name_and_its_keys_to_whoever_does_not_see_it(live_page: Page) -> None:
    into_the_positions(live_page)
    table = live_page.get_by_role("grid", name="Positions")
    expect(table).to_have_accessible_description(re.compile("Enter presses the link or button"))


def test_a_table_without_rows_is_no_stop(open_page: OpenPage) -> None:
    page = open_page("/alerts")
    expect(page.locator("#alerts-none")).not_to_be_empty()
    assert "alerts-rows" not in stops(page, "Tab")
