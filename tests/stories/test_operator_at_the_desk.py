"""An operator at the running desk: `bellwether serve` as a process, a real browser, one morning."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from engine.cli.command import open_database
from models.statuses import LIVE_ORDER_STATUSES
from models.trading import Order, Trade
from models.vocabulary import ExitReason, OrderPurpose, OrderStatus, TradeStatus
from tests.engine.cli.serving import PASSWORD, Served, serving

SECONDS = 1000.0
PATIENCE = 60 * SECONDS  # the market needs its minutes, and the machine may be busy
ROWS = '#live-positions [row-id] [col-id="symbol"]'
BEFORE_THE_OPEN = "2026-11-20T14:05:00Z"  # by so much that a busy machine is there in time


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """The same day for ever: the generated market of 20 November 2026, at 30x."""
    with serving(
        tmp_path,
        BELLWETHER_CLOCK_START=BEFORE_THE_OPEN,
        BELLWETHER_CLOCK_SPEED="30",
    ) as started:
        yield started


@pytest.fixture
def page(served: Served, browser_context: Callable[..., BrowserContext]) -> Page:
    """The Live page, logged in, at the moment of the scan."""
    page = browser_context().new_page()
    page.goto(f"http://127.0.0.1:{served.port}/login")
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    for moment in ("Market opens", "Scan"):
        expect(page.get_by_text(moment).first).to_be_visible(timeout=PATIENCE)
        page.get_by_role("button", name="Next event").click()
    return page


def orders_and_trades(served: Served) -> tuple[list[Order], list[Trade]]:
    url = f"sqlite:///{served.folder / 'data' / 'bellwether.db'}"
    with open_database(url) as db, db.read() as tx:
        return list(tx.scalars(select(Order))), list(tx.scalars(select(Trade)))


def test_a_morning_at_the_desk(served: Served, page: Page) -> None:
    expect(page.locator(ROWS)).not_to_have_count(0, timeout=PATIENCE)
    pnl = page.locator('#live-positions [row-id] [col-id="pnl"]').first
    expect(pnl).not_to_have_text(pnl.inner_text(), timeout=PATIENCE)

    throw_the_kill_switch(page)
    expect(page.locator("#halt-banner")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("No entry is working").first).to_be_visible(timeout=PATIENCE)
    orders, _ = orders_and_trades(served)
    entries = [o for o in orders if o.purpose is OrderPurpose.ENTRY]
    assert not [o for o in entries if o.status in LIVE_ORDER_STATUSES]
    assert [o for o in entries if o.status is OrderStatus.CANCELLED]

    symbol = page.locator(ROWS).first.inner_text()
    page.get_by_role("button", name=f"Close {symbol}").click()
    page.get_by_role("button", name="Close position").click()
    expect(page.get_by_text(f"{symbol} closed").first).to_be_visible(timeout=PATIENCE)
    (closed,) = [t for t in orders_and_trades(served)[1] if t.symbol == symbol]
    assert (closed.status, closed.open_quantity) == (TradeStatus.CLOSED, 0)
    assert closed.exit_reason in {ExitReason.MANUAL, ExitReason.STOP}


def throw_the_kill_switch(page: Page) -> None:
    page.get_by_role("button", name="Kill switch").click()
    page.get_by_role("button", name="Halt trading").click()
