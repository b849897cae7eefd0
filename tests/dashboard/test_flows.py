"""What people do at the desk, from the first click to the last."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from engine.actions.trading_settings import settings_in_force
from engine.desk import Desk
from models.trading import Trade
from tests.dashboard import builders

OpenPage = Callable[..., Page]


def symbols(page: Page, grid: str) -> Locator:
    return page.locator(f'#{grid} .ag-row [col-id="symbol"]')


def test_a_trade_is_found_its_life_read_and_its_period_exported(
    desk: Desk, open_page: OpenPage
) -> None:
    builders.add_chain(desk, "NVDA")
    for symbol, pnl in (("AMD", "12.345"), ("NVTS", "-7.5"), ("TSLA", "0")):
        builders.add_closed(desk, symbol, pnl)
    page = open_page("/positions")
    page.get_by_label("Symbol").fill("nvd")
    expect(symbols(page, "positions-grid")).to_have_text(["NVDA"])
    symbols(page, "positions-grid").get_by_role("link").click()
    expect(page.get_by_role("heading", name="NVDA")).to_be_visible()
    expect(page.locator(".chain")).to_contain_text("Signal")
    page.get_by_role("navigation").get_by_role("link", name="History").click()
    page.get_by_label("Symbol").fill("nv")
    expect(page.locator("#history-count")).to_have_text("2 trades")
    assert exported(page) == stored(desk, "NV")


def exported(page: Page) -> set[tuple[str, ...]]:
    with page.expect_download() as file:
        page.get_by_role("link", name="CSV", exact=True).click()
    rows = csv.DictReader(Path(file.value.path()).read_text().splitlines())
    return {(row["id"], row["symbol"], row["side"], row["quantity"]) for row in rows}


def stored(desk: Desk, beginning: str) -> set[tuple[str, ...]]:
    with desk.db.read() as tx:
        found = tx.scalars(select(Trade).where(Trade.symbol.startswith(beginning))).all()
    return {(str(row.id), row.symbol, str(row.side), str(row.quantity)) for row in found}


def test_a_risk_setting_is_changed_with_a_diff_and_rolled_back(
    desk: Desk, open_page: OpenPage
) -> None:
    page = open_page("/settings")
    risk = page.get_by_role("region", name="Risk", exact=True)
    field = risk.get_by_role("textbox", name="Most positions")
    expect(field).to_have_value("5")
    field.fill("3")
    risk.get_by_role("button", name="Review changes").click()
    expect(page.locator("#settings-risk-diff")).to_contain_text("Most positions53")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#settings-risk-version")).to_have_text("version 1")
    assert most_positions(desk) == 3
    page.get_by_role("button", name="Roll back…").last.click()
    expect(page.locator("#versions-risk-diff")).to_contain_text("Most positions35")
    page.locator("#rollback-risk-reason").fill("as it was")
    page.locator("#rollback-risk-confirm").click()
    expect(page.locator("#settings-risk-version")).to_have_text("version 2")
    assert most_positions(desk) == 5


def most_positions(desk: Desk) -> int:
    with desk.db.read() as tx:
        return settings_in_force(tx).risk.max_positions


def test_the_logs_are_searched_while_they_stream(desk: Desk, open_page: OpenPage) -> None:
    for number in range(20):
        builders.add_fact(desk, "order", f"NVDA entry {number} is working")
    page = open_page("/logs")
    lines = page.locator("#logs-lines .text")
    builders.add_fact(desk, "scan", "Scanned 4,000 symbols")
    expect(lines.last).to_have_text("Scanned 4,000 symbols")
    page.get_by_label("Search").fill("work entry")
    expect(lines).to_have_count(20)
    builders.add_fact(desk, "scan", "Scanned again")
    builders.add_fact(desk, "order", "AMD entry 20 is working")
    expect(lines.last).to_have_text("AMD entry 20 is working")
    expect(lines).to_have_count(21)
    expect(page).to_have_url(re.compile(r"text=work\+entry"))
