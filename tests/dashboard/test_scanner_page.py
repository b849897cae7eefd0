"""The Scanner page in a real browser."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from dashboard import create_app
from engine.actions.permissions import SYSTEM
from engine.actions.trading_settings import change_settings
from engine.desk import Desk
from engine.settings import Settings
from models.control import Command
from models.database import Database
from models.market_data import OpeningRange
from models.vocabulary import CommandKind, Intrabar, SettingsKind, SignalStatus
from tests import builders as stories
from tests.dashboard import builders, desks, scanner_rows
from tests.dashboard.conftest import SECRET
from tests.databases import with_schema

OpenPage = Callable[..., Page]
TIMES = "\N{MULTIPLICATION SIGN}"
PHONE = {"viewport": {"width": 390, "height": 844}}
NOTHING = "\N{EN DASH}"
WHOLE_MARKET = 11_000


def cells(page: Page, grid: str, column: str) -> Locator:
    return page.locator(f'#scanner-{grid} .ag-row [col-id="{column}"]')


def commands(desk: Desk) -> list[tuple[CommandKind, str]]:
    with desk.db.read() as tx:
        return [(row.kind, row.actor) for row in tx.scalars(select(Command))]


def figure(page: Page, name: str) -> Locator:
    named = page.locator(".label", has_text=re.compile(f"^{name}$"))
    return page.locator("#scanner-health .figure").filter(has=named)


# ------------------------------------------------------------------------------ health
def test_the_head_says_what_the_next_scan_rests_on(desk: Desk, open_page: OpenPage) -> None:
    scanner_rows.add_sessions(desk, 30, "NVDA", "KO")
    scanner_rows.add_numbers(desk, "NVDA")
    page = open_page("/scanner")
    expect(figure(page, "Sessions held")).to_contain_text("29 of 29no gaps, window of 30")
    expect(figure(page, "Daily bars")).to_contain_text("60newest Wed 18 Nov 2026")
    expect(figure(page, "Last sync")).to_contain_text(re.compile(r"10:15:\d\d\d+ (s|m \d\d s) ago"))
    expect(figure(page, "Universe")).to_contain_text("11 complete, for Thu 19 Nov 2026")
    expect(figure(page, "Scan feed")).to_contain_text("recorded")
    assert page.trouble == []  # type: ignore[attr-defined]


def test_a_missing_session_is_named(desk: Desk, open_page: OpenPage) -> None:
    gap = date(2026, 11, 12)
    scanner_rows.add_sessions(desk, 29, "NVDA", without=[gap])
    page = open_page("/scanner")
    expect(figure(page, "Sessions held")).to_contain_text("28 of 29missing: 2026-11-12")
    expect(page.locator(".sessions .gap")).to_have_text(f"2026-11-12missing{NOTHING}{NOTHING}0")


def test_progress_is_told_without_a_reload(desk: Desk, open_page: OpenPage) -> None:
    scanner_rows.set_progress(desk, 12, 30)
    page = open_page("/scanner")
    row = page.locator(".progress-row")
    expect(row).to_contain_text("12 of 30 sessions, 132,000 rows, about 1 m 15 s left")
    scanner_rows.set_progress(desk, 30, 30, left=0)
    expect(row).to_contain_text(re.compile(r"30 of 30 sessions, 330,000 rows, 10:\d\d:\d\d$"))
    expect(row.locator("progress")).to_have_attribute("value", "30")


# ------------------------------------------------------------------------------ universe
class TestAWholeMarket:
    @pytest.fixture
    def page(self, desk: Desk, open_page: OpenPage) -> Page:
        scanner_rows.add_whole_market(desk, WHOLE_MARKET)
        page = open_page("/scanner")
        page.locator("#scanner-universe").scroll_into_view_if_needed()
        expect(cells(page, "universe", "symbol").first).to_have_text("S00000")
        return page

    def test_every_symbol_can_be_scrolled_to_and_sorted(self, page: Page) -> None:
        expect(page.locator("#scanner-universe-count")).to_contain_text("11,000 symbols")
        page.locator("#scanner-universe").get_by_text("Close", exact=True).dblclick()
        expect(cells(page, "universe", "symbol").first).to_have_text("S10999")
        cells(page, "universe", "symbol").first.hover()
        page.mouse.wheel(0, 500_000)
        expect(cells(page, "universe", "symbol").last).to_have_text("S00000")

    def test_filters_narrow_it_and_stand_in_the_address(self, page: Page) -> None:
        universe = page.locator(".panel.universe")
        universe.get_by_label("Fails").select_option("price")
        expect(page.locator("#scanner-universe-count")).to_contain_text("400 symbols")
        universe.get_by_label("Price from").fill("4.90")
        expect(page.locator("#scanner-universe-count")).to_contain_text("10 symbols")
        universe.get_by_label("Shortable").select_option("no")
        expect(page.locator("#scanner-universe-count")).to_contain_text("5 symbols")
        expect(page).to_have_url(re.compile(r"/scanner\?fails=price&short=no&price=4.90$"))

    def test_a_filter_that_leaves_nothing_says_so(self, page: Page) -> None:
        page.locator(".panel.universe").get_by_label("Symbol").fill("zzz")
        expect(page.locator("#scanner-universe-empty")).to_contain_text("No symbol is like this")
        assert page.trouble == []  # type: ignore[attr-defined]


def test_an_address_with_filters_shows_what_was_shared(desk: Desk, open_page: OpenPage) -> None:
    scanner_rows.add_whole_market(desk, 500)
    page = open_page("/scanner?fails=none&symbol=s0041")
    page.locator("#scanner-universe").scroll_into_view_if_needed()
    expect(page.locator("#scanner-universe-count")).to_contain_text("10 symbols")


# ------------------------------------------------------------------------------ candidates
def test_candidates_stand_by_rank_with_what_became_of_them(desk: Desk, open_page: OpenPage) -> None:
    builders.add_range(desk, None, "KO", "rvol")
    builders.add_range(desk, 2, "TSLA")
    builders.add_range(desk, 1, "NVDA")
    builders.add_signal(desk, 1, "NVDA", SignalStatus.WORKING)
    refused = {"code": "size", "sentence": "Zero shares."}
    builders.add_signal(desk, 2, "TSLA", SignalStatus.REFUSED, **refused)
    page = open_page("/scanner")
    expect(cells(page, "candidates", "symbol")).to_have_text(["NVDA", "TSLA", "KO"])
    expect(cells(page, "candidates", "signal")).to_have_text(["working", "refused", ""])
    expect(cells(page, "candidates", "failed")).to_have_text(["", "size", "rvol"])
    expect(page.locator("#scanner-candidates-count")).to_have_text(
        "3 of Thu 19 Nov 2026, scanned 09:35:00, feed recorded"
    )


def test_a_scan_fills_the_candidates_without_a_reload(desk: Desk, open_page: OpenPage) -> None:
    page = open_page("/scanner")
    expect(page.locator("#scanner-candidates-empty")).to_have_text("Nothing has been scanned yet.")
    builders.add_range(desk, 1, "NVDA")
    builders.add_fact(desk, "scan", "Scanned 1 symbols: 1 signals")
    expect(cells(page, "candidates", "symbol")).to_have_text("NVDA")


def test_another_day_can_be_looked_at(desk: Desk, open_page: OpenPage) -> None:
    builders.add_range(desk, 1, "NVDA")
    builders.add_range(desk, 1, "AMD", session=date(2026, 11, 17))
    page = open_page("/scanner?session=2026-11-17")
    expect(cells(page, "candidates", "symbol")).to_have_text("AMD")


# ------------------------------------------------------------------------------ findings
def test_every_finding_is_listed_and_can_be_narrowed_down(desk: Desk, open_page: OpenPage) -> None:
    for number in range(230):
        scanner_rows.add_finding(desk, "zero_volume", f"S{number:03}", "A bar without volume.")
    scanner_rows.add_finding(desk, "jump", "NVDA", "The close went from 10.00 to 25.00.")
    page = open_page("/scanner")
    page.locator("#findings").scroll_into_view_if_needed()
    expect(page.locator("#scanner-findings-count")).to_have_text("231 findings")
    page.locator("#scanner-found").select_option("jump")
    expect(cells(page, "findings", "symbol")).to_have_text(["NVDA"])
    expect(cells(page, "findings", "text")).to_contain_text("from 10.00 to 25.00")


def test_a_sessions_findings_are_one_click_away(desk: Desk, open_page: OpenPage) -> None:
    days = scanner_rows.add_sessions(desk, 5, "NVDA")
    scanner_rows.add_finding(desk, "jump", "NVDA", "A jump.", days[2])
    scanner_rows.add_finding(desk, "gone", "AMD", "No bar.", days[3])
    page = open_page("/scanner")
    page.locator(".sessions a").last.click()
    expect(cells(page, "findings", "code")).to_have_text(["jump"])


# ------------------------------------------------------------------------------ the drawer
class TestADrawer:
    @pytest.fixture
    def page(self, desk: Desk, open_page: OpenPage) -> Page:
        days = scanner_rows.add_sessions(desk, 15, "NVDA", "KO")
        scanner_rows.list_asset(desk, "NVDA", "NVIDIA Corporation")
        scanner_rows.add_split(desk, "NVDA", days[4], 10, 1)
        scanner_rows.add_numbers(desk, "NVDA")
        scanner_rows.add_numbers(desk, "KO", atr14=builders.D("0.41"))
        scanner_rows.add_finding(desk, "corrected", "NVDA", "Changed since.", days[1])
        builders.add_range(desk, 1, "NVDA")
        builders.add_range(desk, None, "KO", "atr", "rvol", rvol=0.4)
        builders.add_signal(desk, 1, "NVDA", SignalStatus.WORKING)
        return open_page("/scanner")

    @pytest.fixture
    def drawer(self, page: Page) -> Locator:
        page.locator("#scanner-candidates").get_by_role("link", name="NVDA").click()
        return page.locator(".drawer")

    def test_it_shows_the_days_before_in_candles(self, page: Page, drawer: Locator) -> None:
        expect(drawer.locator(".boxlayer path").first).to_be_visible()
        expect(drawer).to_contain_text("15 sessions before")
        drawn = "() => document.querySelector('.days .js-plotly-plot').data[0].close"
        assert page.evaluate(drawn) == [18.0] * 4 + [180.0] * 11  # the split's scale
        expect(drawer).to_contain_text("Split on 2026-11-04: 10 for 1.")
        assert page.trouble == []  # type: ignore[attr-defined]

    def test_it_says_why_it_was_taken(self, drawer: Locator) -> None:
        expect(drawer.locator(".verdict")).to_contain_text("Taken, rank 1: working long")
        expect(drawer).to_contain_text("NVIDIA Corporation · NASDAQ")
        expect(drawer.locator(".checks .failed")).to_have_count(0)

    def test_it_lists_what_was_found_in_its_data(self, drawer: Locator) -> None:
        expect(drawer.locator(".found li")).to_have_text(["2026-10-30 corrected Changed since."])

    def test_figures_stand_beside_what_was_asked(self, page: Page) -> None:
        page.locator("#scanner-candidates").get_by_role("link", name="KO").click()
        failed = page.locator(".drawer .checks .failed")
        expect(failed).to_have_text(
            ["✗ATR, 14 atr0.41≥ 0.50", f"✗RVOL rvol0.40{TIMES}≥ 1.00{TIMES}"]
        )
        expect(page.locator(".verdict")).to_contain_text("Left out: atr, rvol Its average true")

    def test_it_stands_in_the_address_and_closes_with_it(self, page: Page, drawer: Locator) -> None:
        expect(page).to_have_url(re.compile(r"\?show=NVDA$"))
        expect(drawer.locator(".checks")).to_be_visible()
        page.keyboard.press("Escape")
        expect(drawer).to_be_hidden()
        expect(page).to_have_url(re.compile(r"/scanner$"))
        page.go_back()
        expect(drawer.get_by_role("heading", name="NVDA")).to_be_visible()

    def test_an_address_opens_it(self, page: Page, url: str) -> None:
        page.goto(f"{url}/scanner?show=KO")
        expect(page.locator(".drawer").get_by_role("heading", name="KO")).to_be_visible()

    def test_the_signals_page_leads_to_it(self, page: Page, url: str) -> None:
        page.goto(f"{url}/signals")
        page.locator("#signals-ranges").get_by_role("link", name="KO").click()
        expect(page.locator(".drawer .verdict")).to_contain_text("Left out")
        expect(page).to_have_url(re.compile(r"/scanner\?show=KO$"))

    def test_an_unknown_symbol_says_so(self, page: Page, url: str) -> None:
        page.goto(f"{url}/scanner?show=NOPE")
        expect(page.locator(".drawer .verdict")).to_contain_text("not in the universe")

    def test_thresholds_are_those_of_the_scan(self, desk: Desk, page: Page, url: str) -> None:
        change_settings(desk, SYSTEM, SettingsKind.STRATEGY, {"min_atr": "0.10"}, "afterwards")
        page.goto(f"{url}/scanner?show=KO")
        expect(page.locator(".checks")).to_contain_text("0.41≥ 0.50")


def test_a_position_leads_to_what_the_scan_said_on_its_day(desk: Desk, open_page: OpenPage) -> None:
    day = date(2026, 11, 17)
    builders.add_range(desk, None, "AMD", "doji", session=day)
    builders.add_range(desk, 1, "NVDA")
    builders.add_closed(desk, "AMD", "-20", session=day)
    page = open_page("/positions/1")
    page.get_by_role("link", name="Its scan").click()
    expect(page.locator(".drawer .verdict")).to_contain_text("Left out: doji")
    expect(page.locator(".drawer h2")).to_contain_text("Tue 17 Nov 2026")


def test_a_drawer_fits_a_phone(desk: Desk, open_page: OpenPage) -> None:
    scanner_rows.add_sessions(desk, 15, "NVDA")
    scanner_rows.add_numbers(desk, "NVDA")
    builders.add_range(desk, 1, "NVDA")
    page = open_page("/scanner?show=NVDA", **PHONE)
    expect(page.locator(".drawer .checks")).to_be_visible()
    inside = "() => document.querySelector('.drawer-body').scrollWidth"
    assert page.evaluate(inside) <= 390


# ------------------------------------------------------------------------------ by hand
def test_a_sync_by_hand_is_asked_for_and_its_answer_told(desk: Desk, open_page: OpenPage) -> None:
    page = open_page("/scanner", "otto")
    page.get_by_role("button", name="Sync").click()
    expect(page.locator("#toasts")).to_contain_text("fetches what is missing (command 1)")
    assert commands(desk) == [(CommandKind.SYNC, "otto")]
    scanner_rows.answer(desk, 1, "60 daily bars of 30 sessions")
    builders.add_fact(desk, "command", "sync done", scope="command:1")
    expect(page.locator("#scanner-commands")).to_contain_text("Syncdoneotto60 daily bars of 30")


def test_a_scan_by_hand_is_asked_for(desk: Desk, open_page: OpenPage) -> None:
    page = open_page("/scanner", "otto")
    page.get_by_role("button", name="Scan now").click()
    expect(page.locator("#toasts")).to_contain_text("The engine scans (command 1).")
    assert commands(desk) == [(CommandKind.SCAN, "otto")]


def test_cleaning_up_says_first_what_goes(desk: Desk, open_page: OpenPage) -> None:
    scanner_rows.add_sessions(desk, 33, "NVDA", "KO")
    page = open_page("/scanner", "otto")
    page.get_by_role("button", name="Clean up…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("8 daily bars of 4 sessions from before 2026-10-09")
    assert commands(desk) == []
    dialog.get_by_role("button", name="Remove them").click()
    expect(page.locator("#toasts")).to_contain_text("removes what is older")
    assert commands(desk) == [(CommandKind.CLEAN_UP, "otto")]


def test_cleaning_up_nothing_cannot_be_confirmed(open_page: OpenPage) -> None:
    page = open_page("/scanner", "otto")
    page.get_by_role("button", name="Clean up…").click()
    expect(page.get_by_role("dialog")).to_contain_text("Nothing is older than the window")
    expect(page.get_by_role("button", name="Remove them")).to_be_disabled()


@pytest.mark.parametrize("name", ["Scan now", "Sync", "Dry run", "Clean up…"])
def test_a_viewer_looks_and_touches_nothing(open_page: OpenPage, name: str) -> None:
    page = open_page("/scanner", "vera")
    expect(page.get_by_role("button", name=name)).to_be_disabled()


class TestADryRun:
    """Three symbols of which one points down and one stands still, at the end of the range."""

    @pytest.fixture(params=["09:33", "09:35"])
    def moment(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    @pytest.fixture
    def desk(self, sqlite_url: str, moment: str) -> Iterator[Desk]:
        market = stories.a_market(
            stories.a_day("ABLE"),
            stories.a_day("BAKER", opens=stories.DOWN, interest=9),
            stories.a_day("CHARLIE", opens=stories.DOJI),
        )
        db = with_schema(Database(sqlite_url))
        playing = stories.Playing(market, db, Intrabar.CONSERVATIVE).until("09:35")
        playing.clock._now = stories.at(moment)
        desks.add_people(playing.desk)
        yield playing.desk
        db.close()

    @pytest.fixture
    def app(self, desk: Desk) -> Iterator[Flask]:
        made = create_app(Settings(), desk, SECRET)
        yield made
        made.extensions["feed"].stop()

    def test_it_shows_the_orders_that_would_follow_and_stores_nothing(
        self, desk: Desk, open_page: OpenPage, moment: str
    ) -> None:
        page = open_page("/scanner", "otto")
        page.get_by_role("button", name="Dry run").click()
        rows = page.locator(".orders-table tbody tr")
        if moment == "09:35":
            expect(rows).to_contain_text(["BAKERshort", "ABLElong"])
            expect(rows.first).to_contain_text("99.00")
            expect(rows.first).to_contain_text("would follow")
        else:
            expect(page.locator(".dry-run")).to_contain_text("The opening range is not over")
        with desk.db.read() as tx:
            assert tx.scalars(select(OpeningRange)).all() == []


@pytest.mark.parametrize("now", [builders.OPEN - timedelta(minutes=10)])
def test_a_dry_run_before_the_open_says_when_there_is_something(open_page: OpenPage) -> None:
    page = open_page("/scanner", "otto")
    page.get_by_role("button", name="Dry run").click()
    expect(page.locator("#toasts")).to_contain_text("begins at 09:30:00 New York")
