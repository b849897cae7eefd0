"""The Positions page and one position's life, in a real browser."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from dashboard import create_app
from dashboard.components.charts import CARD
from engine.desk import Desk
from engine.settings import Settings
from models.control import Command
from models.database import Database
from models.vocabulary import Side, TradeStatus
from tests import builders as stories
from tests.dashboard import builders, desks
from tests.dashboard.conftest import SECRET

OpenPage = Callable[..., Page]
OLD = re.compile(r"\bold\b")
CHOSEN = re.compile(r"\bchosen\b")
SHOWN = """() => document.querySelector('.candles .js-plotly-plot')._fullLayout.xaxis.range
    .map((at) => at.replace('T', ' ').slice(0, 16))"""
TIMES = "\N{MULTIPLICATION SIGN}"
PHONE = {"viewport": {"width": 390, "height": 844}}


def cells(page: Page, column: str) -> Locator:
    return page.locator(f'#positions-grid .ag-row [col-id="{column}"]')


def shown(page: Page) -> list[str]:
    found: list[str] = page.evaluate(SHOWN)
    return found


def step(page: Page, title: str) -> Locator:
    named = page.get_by_text(title, exact=True)
    return page.locator("#position-chain details").filter(has=named)


def test_positions_of_all_sessions_stand_with_the_newest_first(
    desk: Desk, open_page: OpenPage
) -> None:
    builders.add_closed(desk, "AMD", "-20", session=date(2026, 11, 18))
    builders.add_closed(desk, "NVDA", "50")
    page = open_page("/positions")
    expect(cells(page, "symbol")).to_have_text(["NVDA", "AMD"])
    expect(page.locator("#positions-count")).to_have_text("2 positions")


def test_filters_narrow_the_list_and_stand_in_the_address(desk: Desk, open_page: OpenPage) -> None:
    builders.add_closed(desk, "AMD", "-20")
    builders.add_closed(desk, "NVDA", "50")
    builders.add_closed(desk, "NFLX", "50", side=Side.SHORT)
    page = open_page("/positions")
    page.get_by_label("Symbol").fill("n")
    expect(page.locator("#positions-count")).to_have_text("2 positions")
    page.get_by_label("Side").select_option("short")
    expect(cells(page, "symbol")).to_have_text(["NFLX"])
    expect(page).to_have_url(re.compile(r"/positions\?symbol=n&side=short$"))


def test_open_positions_are_in_the_order_of_the_gain_that_is_shown(
    desk: Desk, open_page: OpenPage
) -> None:
    builders.add_closed(desk, "AMD", "100")
    builders.add_position(desk, "NVDA", quantity=100, prices=("100", "102", "1"))
    builders.add_position(desk, "TSLA", quantity=100, prices=("100", "99", "1"))
    page = open_page("/positions")
    expect(page.locator("#positions-count")).to_have_text("3 positions")
    page.locator('#positions-grid .ag-header-cell[col-id="pnl"]').click()
    expect(cells(page, "symbol")).to_have_text(["TSLA", "AMD", "NVDA"])
    builders.set_price(desk, "TSLA", "103")
    expect(cells(page, "symbol")).to_have_text(["AMD", "NVDA", "TSLA"])


def test_an_address_with_filters_shows_what_was_shared(desk: Desk, open_page: OpenPage) -> None:
    builders.add_closed(desk, "AMD", "-20")
    builders.add_position(desk, "NVDA")
    page = open_page("/positions?status=open")
    expect(cells(page, "symbol")).to_have_text(["NVDA"])
    expect(page.get_by_label("Status")).to_have_value("open")


def test_a_filter_that_leaves_nothing_says_so(desk: Desk, open_page: OpenPage) -> None:
    builders.add_closed(desk, "AMD", "-20")
    page = open_page("/positions?symbol=ZZZ")
    expect(page.locator("#positions-empty")).to_contain_text("No position is like this.")


def test_a_list_without_trades_says_when_there_will_be_some(open_page: OpenPage) -> None:
    expect(open_page("/positions").locator("#positions-empty")).to_contain_text("first fill")


def test_a_long_list_comes_page_by_page(desk: Desk, open_page: OpenPage) -> None:
    for number in range(230):
        builders.add_closed(desk, f"S{number:03}", "1")
    page = open_page("/positions")
    expect(page.locator("#positions-count")).to_have_text("230 positions")
    page.get_by_role("columnheader", name="Symbol").click()
    expect(cells(page, "symbol").first).to_have_text("S000")
    cells(page, "symbol").first.hover()
    page.mouse.wheel(0, 20_000)
    expect(cells(page, "symbol").last).to_have_text("S229")


def test_an_open_position_gains_and_closes_without_a_reload(
    desk: Desk, open_page: OpenPage
) -> None:
    trade = builders.add_position(desk, "NVDA", quantity=100, prices=("100", "101", "1"))
    page = open_page("/positions")
    expect(cells(page, "pnl")).to_have_text("▲ +100.00")
    builders.set_price(desk, "NVDA", "102")
    expect(cells(page, "pnl")).to_have_text("▲ +200.00")
    builders.close(desk, trade, "12.50")
    expect(cells(page, "status")).to_have_text("closed")


def test_an_open_position_without_a_stop_and_with_an_old_price_looks_like_it(
    desk: Desk, open_page: OpenPage
) -> None:
    since = desk.clock.now() - timedelta(seconds=90)
    builders.add_position(desk, stop=False, naked_since=since)
    page = open_page("/positions")
    expect(cells(page, "seconds")).to_have_text(re.compile(r"31 m \d\d s"))  # so far
    expect(cells(page, "naked_seconds")).to_have_text(re.compile(r"✗ 1 m 3\d s"))
    expect(cells(page, "naked_seconds")).to_have_class(re.compile(r"\bnaked\b"))
    expect(cells(page, "seconds")).to_have_text(re.compile(r"31 m \d\d s"))  # so far
    expect(cells(page, "pnl")).not_to_have_class(OLD)
    builders.age_prices(desk, timedelta(minutes=9))
    expect(cells(page, "pnl")).to_have_class(OLD)
    expect(cells(page, "pnl_r")).to_have_class(OLD)


def test_a_finished_trade_has_no_age(desk: Desk, open_page: OpenPage) -> None:
    builders.add_closed(desk, "NVDA", "50", naked_seconds=65.0)
    builders.set_price(desk, "NVDA", "50")
    builders.age_prices(desk, timedelta(minutes=9))
    page = open_page("/positions")
    expect(cells(page, "naked_seconds")).to_have_text("1 m 05 s")
    expect(cells(page, "pnl")).not_to_have_class(OLD)


def test_the_head_of_an_open_position_grows_older(desk: Desk, open_page: OpenPage) -> None:
    since = desk.clock.now() - timedelta(seconds=90)
    trade = builders.add_position(desk, stop=False, naked_since=since)
    page = open_page(f"/positions/{trade.id}")
    head = page.locator("#position-summary")
    expect(head.locator(".naked")).to_have_text(re.compile(r"^✗ No live stop for 1 m 3\d s$"))
    first = head.locator(".naked").inner_text()
    expect(head.locator(".naked")).not_to_have_text(first)
    expect(head.locator(".large .value").first).not_to_have_class(OLD)
    builders.age_prices(desk, timedelta(minutes=9))
    expect(head.locator("[data-price]")).to_have_text(re.compile(r"^Price of .*, 9 m \d\d s old$"))
    expect(head.locator(".large .value").first).to_have_class(OLD)


def test_an_open_position_is_closed_on_its_own_page(desk: Desk, open_page: OpenPage) -> None:
    builders.lead(desk)
    trade = builders.add_position(desk, "NVDA")
    page = open_page(f"/positions/{trade.id}", "otto")
    page.get_by_role("button", name="Close position…").click()
    expect(page.locator("#close-text")).to_contain_text("sells 300 NVDA")
    page.locator("#close-reason").fill("news")
    page.get_by_role("button", name="Close position", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("The engine closes NVDA")
    with desk.db.read() as tx:
        command = tx.scalars(select(Command)).one()
    assert (command.body["trade_id"], command.reason) == (trade.id, "news")


@pytest.mark.parametrize(("name", "is_open"), [("vera", True), ("otto", False)])
def test_what_may_not_be_closed_has_no_button(
    desk: Desk,
    open_page: OpenPage,
    name: str,
    is_open: bool,  # noqa: FBT001
) -> None:
    trade = builders.add_position(desk) if is_open else builders.add_closed(desk, "NVDA", "5")
    page = open_page(f"/positions/{trade.id}", name)
    expect(page.get_by_role("heading", name="NVDA")).to_be_visible()
    expect(page.locator("#position-close")).to_be_hidden()


def test_a_row_leads_to_the_positions_life_and_back(desk: Desk, open_page: OpenPage) -> None:
    builders.add_closed(desk, "AMD", "-20")
    page = open_page("/positions")
    expect(page.locator("#positions-count")).to_have_text("1 position")  # the table stands
    page.get_by_role("link", name="AMD").click()
    expect(page.get_by_role("heading", name="AMD")).to_be_visible()
    page.go_back()
    expect(cells(page, "symbol")).to_have_text(["AMD"])
    assert page.trouble == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["/positions/77", "/positions/77/x", "/positions/-1"])
def test_a_position_that_does_not_exist_says_so(url: str, open_page: OpenPage, path: str) -> None:
    page = open_page("/positions/77")
    expect(page.locator("#position-summary")).to_contain_text("There is no position 77.")
    assert page.request.get(url + path).status == (200 if path == "/positions/77" else 404)


class TestALifeThatWasPlayed:
    """A long breakout whose stop was hit, as the desk itself traded it."""

    @pytest.fixture
    def desk(self, sqlite_url: str) -> Iterator[Desk]:
        day = stories.a_day(
            "ABLE", ("09:40", 101.5), ("09:41", 102), ("10:30", 100.5), ("10:31", 100)
        )
        played = stories.play(stories.a_market(day), db=Database(sqlite_url))
        desks.add_people(played.desk)
        assert played.trade("ABLE").status is TradeStatus.CLOSED
        yield played.desk
        played.db.close()

    @pytest.fixture
    def app(self, desk: Desk) -> Iterator[Flask]:
        made = create_app(Settings(), desk, SECRET)
        yield made
        made.extensions["feed"].stop()

    @pytest.fixture
    def page(self, open_page: OpenPage) -> Page:
        page = open_page("/positions/1")
        expect(page.get_by_role("heading", name="ABLE")).to_be_visible()
        return page

    def test_its_day_is_drawn_with_everything_that_happened_in_it(self, page: Page) -> None:
        names = "() => document.querySelector('.candles .js-plotly-plot').data.map((t) => t.name)"
        expect(page.locator(".candles .boxlayer path").first).to_be_visible()
        drawn = page.evaluate(names)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert drawn[1:] == ["entry level 101.00", "protective stop", "entry fill", "stop fill"]

    def test_a_rising_candle_is_hollow_and_a_falling_one_filled(self, page: Page) -> None:
        expect(page.locator(".candles .boxlayer path").first).to_be_visible()
        asked = "() => document.querySelector('.candles .js-plotly-plot').asked.data[0]"
        candles = page.evaluate(asked)
        assert candles["increasing"]["fillcolor"] == CARD
        assert candles["decreasing"]["fillcolor"] == candles["decreasing"]["line"]["color"]

    def test_minutes_without_a_bar_are_marked_and_named_once(self, page: Page) -> None:
        expect(page.locator(".candles .legendtext", has_text="no bars: a halt")).to_have_count(1)
        asked = "() => document.querySelector('.candles .js-plotly-plot').asked.layout.shapes"
        marked = [(each["x0"][11:16], each["x1"][11:16]) for each in page.evaluate(asked)]
        assert marked == [("09:30", "09:35"), ("09:35", "09:40"), ("09:42", "10:30")]

    def test_its_chart_shows_the_trade_or_the_whole_day_or_what_is_dragged_over(
        self, page: Page
    ) -> None:
        expect(page.locator(".candles .boxlayer path").first).to_be_visible()
        whole = ["2024-11-20 09:30", "2024-11-20 16:00"]
        assert shown(page) == whole
        page.get_by_role("button", name="Around the trade").click()
        expect(page.get_by_role("button", name="Around the trade")).to_have_class(CHOSEN)
        page.wait_for_function(f"({SHOWN})()[1] < '2024-11-20 10:50'")
        box = page.locator(".candles .nsewdrag").bounding_box()
        assert box is not None
        middle = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + box["width"] * 0.4, middle)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=4)
        page.mouse.up()
        page.wait_for_function(f"({SHOWN})()[0] > '2024-11-20 09:50'")
        page.get_by_role("button", name="Whole day").click()
        page.wait_for_function(f"({SHOWN})()[1] > '2024-11-20 15:59'")
        assert page.trouble == []  # type: ignore[attr-defined]

    def test_its_pnl_is_explained_by_what_was_paid_and_received(self, page: Page) -> None:
        expect(page.locator("#position-chain")).to_contain_text(f"Bought 792 {TIMES} 101.50")

    @pytest.mark.parametrize(
        ("title", "fact"),
        [
            ("Fills", f"buy 792 {TIMES} 101.50"),
            ("Orders", "orb-20241120-ABLE-stop-1"),
            ("Orders", "strategy 0, risk 0"),
            ("Signal", "Planned risk"),
            ("Signal", "strategy version 0, risk version 0"),
            ("In R", "Risk per share: the planned stop distance"),
            ("Size", "risk version 0"),
            ("Size", "The least of these, whole shares"),
            ("Opening range", "Usual volume of an opening range"),
            ("Opening range", "100.00 / 101.00 / 99.00 / 100.80"),
        ],
    )
    def test_each_figure_leads_on_to_what_it_came_from(
        self, page: Page, title: str, fact: str
    ) -> None:
        found = step(page, title)
        found.locator("summary").click()
        expect(found.get_by_text(fact).first).to_be_visible()

    def test_every_event_stands_in_the_order_of_time(self, page: Page) -> None:
        events = page.locator("#position-events .text")
        expect(events.nth(0)).to_contain_text("Scanned")
        expect(events.nth(1)).to_contain_text("ABLE signal planned: long at 101.00")
        expect(events.nth(2)).to_contain_text("ABLE entry buy 792")
        expect(events.last).to_contain_text("ABLE long 792 closed by stop")
        assert page.trouble == []  # type: ignore[attr-defined]

    def test_nothing_of_it_sticks_out_of_a_phone(self, open_page: OpenPage) -> None:
        page = open_page("/positions/1", **PHONE, has_touch=True)
        expect(page.locator(".candles .boxlayer path").first).to_be_visible()
        drags = "() => document.querySelector('.candles .js-plotly-plot')._fullLayout.dragmode"
        assert page.evaluate(drags) is False  # a finger on it scrolls the page
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_step_that_was_opened_stays_open_with_its_new_contents(
    desk: Desk, open_page: OpenPage
) -> None:
    trade = builders.add_position(desk, "NVDA")
    page = open_page(f"/positions/{trade.id}")
    step(page, "Orders").locator("summary").click()
    expect(step(page, "Orders").locator("tbody tr")).to_have_count(1)
    more = builders.stop_order(desk, trade)
    more.client_order_id += "-again"
    builders.add(desk, more)
    builders.add_fact(desk, "order", "A second stop", scope=f"trade:{trade.id}")
    expect(step(page, "Orders").locator("tbody tr")).to_have_count(2)
    expect(step(page, "Orders")).to_have_attribute("open", "")


def test_an_open_pnl_is_what_the_shares_cost_and_are_worth(desk: Desk, open_page: OpenPage) -> None:
    trade = builders.add_position(desk, "NVDA", quantity=100, prices=("100", "101", "0.0828"))
    page = open_page(f"/positions/{trade.id}")
    expect(step(page, "P&L")).to_contain_text(f"Bought 100 {TIMES} 100.00")
    expect(step(page, "P&L")).to_contain_text(f"At the last price 100 {TIMES} 101.00")


def test_a_multiple_is_derived_from_the_risk_that_was_planned(
    desk: Desk, open_page: OpenPage
) -> None:
    trade = builders.add_position(desk, "NVDA", quantity=100, prices=("100", "101", "0.0828"))
    page = open_page(f"/positions/{trade.id}")
    expect(step(page, "In R")).to_contain_text(f"Planned risk: 0.0828 {TIMES} 100 shares")
    expect(step(page, "In R")).to_contain_text("100.00 \N{DIVISION SIGN} 8.28")


def test_a_position_that_does_not_exist_draws_nothing(open_page: OpenPage) -> None:
    page = open_page("/positions/77")
    expect(page.get_by_role("link", name="All positions")).to_be_visible()
    expect(page.locator(".chart.candles")).to_be_hidden()


def test_a_phone_shows_the_gain_beside_the_symbol(desk: Desk, open_page: OpenPage) -> None:
    builders.add_closed(desk, "NVDA", "300")
    page = open_page("/positions", **PHONE)
    names = page.locator("#positions-grid .ag-header-cell-text")
    expect(names.nth(1)).to_have_text("P&L $")
    expect(names.nth(2)).to_have_text("Status")


def test_a_phones_menu_leads_to_every_page(open_page: OpenPage) -> None:
    page = open_page("/", **PHONE)
    expect(page.get_by_role("link", name="Positions")).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Positions").click()
    expect(page.get_by_role("heading", name="Positions", level=2)).to_be_visible()
    expect(page.get_by_role("link", name="Signals")).to_be_hidden()
