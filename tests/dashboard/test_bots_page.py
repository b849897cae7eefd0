"""The pages of other bots in a real browser."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from engine.actions.bots import remove_bot
from engine.actions.permissions import SYSTEM
from engine.desk import Desk
from engine.jobs.follow_logs import follow_logs
from tests.dashboard.bots_by_hand import CYCLE, Dipper, add_funding_bot
from tests.engine.adapters.funding_bot import FundingBot, funding_bot

OpenPage = Callable[..., Page]


@pytest.fixture
def dipper(desk: Desk, tmp_path: Path) -> Dipper:
    return Dipper(desk, tmp_path)


@pytest.fixture
def funding() -> Iterator[FundingBot]:
    with funding_bot() as bot:
        yield bot


def figure(page: Page, name: str) -> Locator:
    return page.locator(".figure", has_text=name).locator(".value")


def test_without_a_bot_the_page_says_how_one_is_added(open_page: OpenPage) -> None:
    page = open_page("/bots")
    expect(page.locator(".bots-page")).to_contain_text("bellwether bots add NAME dip LOG")


def test_a_line_of_the_log_is_on_the_page_without_a_reload(
    dipper: Dipper, open_page: OpenPage
) -> None:
    page = open_page(f"/bots/{dipper.number}", name="vera")
    expect(page.locator("main")).to_contain_text("Its log tells of no trade.")
    page.evaluate("window.never_reloaded = true")
    dipper.says("[TRADE] BUY MSFT 10 @ $483.08 = $4830.80")
    trades = page.get_by_role("region", name="Recent trades: rows")
    expect(trades.get_by_text("$4,830.80")).to_be_visible()
    assert page.evaluate("window.never_reloaded") is True


def test_a_dip_bots_page_tells_everything_of_its_log(dipper: Dipper, open_page: OpenPage) -> None:
    dipper.says(*CYCLE)
    page = open_page(f"/bots/{dipper.number}")
    expect(figure(page, "Equity")).to_have_text("$35,000.00")
    expect(figure(page, "Brake")).to_contain_text("on, at 16.0%")
    expect(figure(page, "Cycle")).to_have_text("412")
    main = page.locator("main")
    for told in (
        "wash sale conflict",
        "2.10\N{MULTIPLICATION SIGN}",
        "+14.20%",
        "it holds",
        "it is no TRADE line",
    ):
        expect(main).to_contain_text(told)
    expect(page.locator("#bot-dips .legendtext").first).to_be_visible()
    assert page.trouble == []  # type: ignore[attr-defined]


def test_what_a_log_says_is_text_never_markup(dipper: Dipper, open_page: OpenPage) -> None:
    dipper.says("[SKIP] TER <img src=x onerror=alert(1)>", "[TRADE] <script>alert(1)</script>")
    page = open_page(f"/bots/{dipper.number}")
    expect(page.locator("main")).to_contain_text("<img src=x onerror=alert(1)>")
    expect(page.locator("main")).to_contain_text("<script>alert(1)</script>")
    assert page.trouble == []  # type: ignore[attr-defined]


def test_a_card_leads_to_its_bot_and_ages_grow(dipper: Dipper, open_page: OpenPage) -> None:
    dipper.says(*CYCLE)
    page = open_page("/bots")
    age = figure(page, "Account of")
    first = age.inner_text()
    expect(age).not_to_have_text(first)
    page.get_by_role("link", name="Open dipper").click()
    expect(page).to_have_url(re.compile(rf"/bots/{dipper.number}$"))
    expect(page.get_by_role("heading", name="dipper")).to_be_visible()


def test_a_log_that_is_gone_leaves_the_last_figures_in_grey(
    dipper: Dipper, open_page: OpenPage
) -> None:
    dipper.says(*CYCLE)
    page = open_page(f"/bots/{dipper.number}")
    expect(page.locator(".bot-health.well")).to_be_visible()
    dipper.log.unlink()
    follow_logs(dipper.desk)
    expect(page.locator(".bot-health.away")).to_be_visible()
    expect(page.locator(".figures.old")).to_contain_text("$35,000.00")
    expect(page.locator(".headline")).to_contain_text("there is no log at")


def test_a_funding_bots_page_shows_both_legs(
    desk: Desk, funding: FundingBot, open_page: OpenPage
) -> None:
    number = add_funding_bot(desk, funding)
    page = open_page(f"/bots/{number}")
    expect(figure(page, "State")).to_have_text("running")
    positions = page.get_by_role("region", name="Positions: rows")
    expect(positions).to_contain_text("$15,000.00")
    expect(positions).to_contain_text("$12.50 (0.08%)")
    expect(page.get_by_role("region", name="Funding: rows")).to_contain_text(
        "\N{MINUS SIGN}0.0125%"
    )
    assert page.trouble == []  # type: ignore[attr-defined]


def test_a_bot_that_is_not_there_says_so(desk: Desk, dipper: Dipper, open_page: OpenPage) -> None:
    page = open_page("/bots/77")
    expect(page.locator("main")).to_contain_text("There is no bot 77.")
    page.goto(page.url.replace("/77", f"/{dipper.number}"))
    expect(page.get_by_role("heading", name="dipper")).to_be_visible()
    remove_bot(desk, SYSTEM, "dipper")
    expect(page.locator("main")).to_contain_text(f"There is no bot {dipper.number}.")
