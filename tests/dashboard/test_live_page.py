"""The Live page in a real browser, beside a database that changes."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Locator, Page, expect
from sqlalchemy import update

from dashboard import create_app
from dashboard.components.panels import NOTHING_YET
from dashboard.pages.live.emergency import plan
from dashboard.queries.orders import open_orders
from engine.actions import control
from engine.actions.permissions import Actor
from engine.desk import Desk
from engine.settings import Settings
from models.control import Command, TradingState
from models.market_data import LastPrice
from models.vocabulary import (
    CommandKind,
    CommandStatus,
    Control,
    ControlScope,
    ExitReason,
    OrderStatus,
    Role,
    Severity,
    Side,
    TradingMode,
)
from tests.dashboard import builders, desks
from tests.dashboard.conftest import SECRET, dropped, let_in, log_in, serving
from tests.dashboard.test_limits import have_asked

OpenPage = Callable[..., Page]
MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"
PHONE = {"viewport": {"width": 390, "height": 844}}
GRAPH = "document.querySelector('#live-pnl .js-plotly-plot')"


def cell(page: Page, column: str) -> Locator:
    return page.locator(f'#live-positions .ag-row [col-id="{column}"]')


def test_a_position_shows_what_it_gains_in_dollars_and_in_r(
    desk: Desk, open_page: OpenPage
) -> None:
    builders.add_position(desk, "NVDA", prices=("181.20", "183.05", "0.92"))
    page = open_page()
    expect(cell(page, "symbol")).to_have_text("NVDA")
    expect(cell(page, "pnl")).to_have_text("▲ +555.00")
    expect(cell(page, "pnl_r")).to_have_text("▲ +2.01 R")
    expect(cell(page, "stop_r")).to_have_text("3.01 R")


def test_a_short_position_loses_when_the_price_rises(desk: Desk, open_page: OpenPage) -> None:
    builders.add_position(desk, "TSLA", Side.SHORT, quantity=10, prices=("400", "401", "2"))
    expect(cell(open_page(), "pnl")).to_have_text(f"▼ {MINUS}10.00")


def test_a_new_price_changes_the_gain_without_a_reload(desk: Desk, open_page: OpenPage) -> None:
    builders.add_position(desk, "NVDA", quantity=100, prices=("100", "101", "1"))
    page = open_page()
    expect(cell(page, "pnl")).to_have_text("▲ +100.00")
    builders.set_price(desk, "NVDA", "99.50")
    expect(cell(page, "pnl")).to_have_text(f"▼ {MINUS}50.00")
    expect(page.locator("#live-open-pnl")).to_have_text(f"▼ {MINUS}$50.00")


def test_what_a_part_that_was_sold_has_realised_is_not_open_as_well(
    desk: Desk, open_page: OpenPage
) -> None:
    prices, sold = ("100", "103", "1"), Decimal(400)  # 200 of 300, at 102
    builders.add_position(desk, "NVDA", prices=prices, open_quantity=100, pnl=sold)
    builders.add_closed(desk, "AMD", "-50")
    builders.set_account(desk, "100650")
    page = open_page()
    expect(page.locator("#live-realised")).to_have_text("▲ +$350.00")
    expect(page.locator("#live-open-pnl")).to_have_text("▲ +$300.00")
    expect(page.locator("#live-day-pnl")).to_contain_text("▲ +$650.00")
    expect(cell(page, "pnl")).to_have_text("▲ +700.00")


def test_an_old_price_does_not_look_live(desk: Desk, open_page: OpenPage) -> None:
    builders.add_position(desk, "NVDA", quantity=100, prices=("100", "101", "1"))
    page = open_page()
    expect(cell(page, "pnl")).to_have_text("▲ +100.00")
    expect(cell(page, "pnl")).not_to_have_class(re.compile(r"\bold\b"))
    seen_at = desk.clock.now() - timedelta(minutes=5)
    with desk.db.write() as tx:
        tx.execute(update(LastPrice).values(price=Decimal(99), at=seen_at))
    expect(cell(page, "pnl")).to_have_text(f"▼ {MINUS}100.00")
    expect(cell(page, "pnl")).to_have_class(re.compile(r"\bold\b"))
    expect(cell(page, "last")).to_have_class(re.compile(r"\bold\b"))


def test_a_sum_with_an_old_price_in_it_says_whose(desk: Desk, open_page: OpenPage) -> None:
    for symbol in ("AMD", "NVDA"):
        builders.add_position(desk, symbol, quantity=100, prices=("100", "101", "1"))
    page = open_page()
    sums = [page.locator("#live-open-pnl"), page.locator("#live-position-count")]
    for each in sums:
        expect(each).to_contain_text("▲ +$200.00")
        expect(each).not_to_have_class(re.compile(r"\bold\b"))
    seen_at = desk.clock.now() - timedelta(minutes=5)
    with desk.db.write() as tx:
        tx.execute(update(LastPrice).where(LastPrice.symbol == "NVDA").values(at=seen_at))
    for each in sums:
        expect(each).to_have_class(re.compile(r"\bold\b"))
        expect(each).to_have_attribute("title", "With old prices: NVDA 5 m")


def test_a_position_appears_and_disappears_without_a_reload(
    desk: Desk, open_page: OpenPage
) -> None:
    page = open_page()
    expect(page.locator("#live-no-positions")).to_contain_text("No open positions")
    trade = builders.add_position(desk, "AMD")
    expect(cell(page, "symbol")).to_have_text("AMD")
    builders.close(desk, trade, "12.50")
    expect(cell(page, "symbol")).to_have_count(0)
    expect(page.locator("#live-realised")).to_have_text("▲ +$12.50")


def test_an_unprotected_position_says_for_how_long(desk: Desk, open_page: OpenPage) -> None:
    since = desk.clock.now() - timedelta(seconds=90)
    builders.add_position(desk, stop=False, naked_since=since)
    expect(cell(open_page(), "protection")).to_have_text(re.compile(r"✗ 1 m 3\d s"))


def test_a_position_that_is_being_closed_claims_no_stop(desk: Desk, open_page: OpenPage) -> None:
    trade = builders.add_position(desk, stop=False)
    builders.add(desk, builders.exit_order(desk, trade))
    expect(cell(open_page(), "protection")).to_have_text("closing")


def test_the_account_strip_follows_the_account(desk: Desk, open_page: OpenPage) -> None:
    builders.set_account(desk, "103184.60")
    page = open_page()
    expect(page.locator("#live-equity")).to_have_text("$103,184.60")
    expect(page.locator("#live-day-pnl")).to_have_text("▲ +$3,184.60 +3.19%")
    expect(page.locator("#live-leverage")).to_have_text(f"33% 1.30 of 4{TIMES}")
    builders.set_account(desk, "99000")
    expect(page.locator("#live-day-pnl")).to_have_text(f"▼ {MINUS}$1,000.00 {MINUS}1.00%")


def test_buying_power_says_that_working_entries_are_taken_off_it(open_page: OpenPage) -> None:
    figure = open_page().get_by_title("What is left after working entries")
    expect(figure).to_contain_text("Buying power")


def test_without_a_session_no_gain_is_the_days(desk: Desk, open_page: OpenPage) -> None:
    builders.set_account(desk, "103184.60", session=None)
    page = open_page()
    expect(page.locator("#live-equity")).to_have_text("$103,184.60")
    expect(page.locator("#live-day-pnl")).to_have_text(NOTHING_YET)


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_an_account_that_was_seen_long_ago_does_not_look_live(
    desk: Desk, open_page: OpenPage, size: tuple[int, int]
) -> None:
    builders.set_account(desk, "103184.60")
    page = open_page(viewport={"width": size[0], "height": size[1]})
    strip, age = page.locator("#live-strip"), page.locator("#live-account-age")
    expect(age).to_have_text(re.compile(r"seen \d+ s ago"))
    expect(age).to_be_in_viewport(ratio=1)
    expect(strip).not_to_have_class(re.compile("old"))
    builders.set_account(desk, "103184.60", at=desk.clock.now() - timedelta(minutes=5))
    expect(age).to_have_text(re.compile(r"seen 5 m \d\d s ago"))
    expect(strip).to_have_class("strip old")
    expect(age).to_be_in_viewport(ratio=1)


def test_the_pnl_line_grows_with_the_account(desk: Desk, open_page: OpenPage) -> None:
    builders.add_snapshots(desk, [0, 120, 250])
    page = open_page()
    drawn = "() => document.querySelector('#live-pnl .js-plotly-plot').data[0].y"
    expect(page.locator("#live-pnl .js-line")).to_be_visible()
    before = page.evaluate(drawn)
    builders.set_account(desk, "100700")
    expect(page.locator("#live-equity")).to_have_text("$100,700.00")
    assert before[:3] == [0, 120, 250]
    assert page.evaluate(drawn)[-1] == 700


def test_trades_are_marked_on_the_pnl_line(desk: Desk, open_page: OpenPage) -> None:
    builders.add_snapshots(desk, [0, 120, 250])
    builders.add_closed(desk, "AMD", "-12.50", exit_reason=ExitReason.STOP)
    builders.add_position(desk, "NVDA")
    page = open_page()
    expect(page.locator("#live-pnl .points path")).to_have_count(3)
    told = "() => document.querySelector('#live-pnl .js-plotly-plot').data[1].text"
    closed = f"09:50:00  AMD closed by stop, ▼ {MINUS}$12.50"
    assert closed in page.evaluate(told)
    assert any(text.endswith("NVDA long opened") for text in page.evaluate(told))


def test_what_the_marks_say_is_read_without_a_pointer(open_page: OpenPage) -> None:
    key = open_page().locator(".chart-key")
    expect(key).to_have_text("△ long opened▽ short opened● won✖ lost")


def test_a_day_without_a_gain_is_no_mountain_of_cents(desk: Desk, open_page: OpenPage) -> None:
    builders.add_snapshots(desk, [0, 0, 0])
    page = open_page()
    expect(page.locator("#live-pnl .js-line")).to_be_attached()  # flat: of no height
    [low, high] = page.evaluate(f"() => {GRAPH}._fullLayout.yaxis.range")
    assert low <= -50
    assert high >= 50


class TestBeforeTheOpen:
    @pytest.fixture
    def now(self) -> datetime:
        return builders.OPEN - timedelta(minutes=4)

    def test_the_pnl_line_says_when_it_begins_and_then_does(
        self, desk: Desk, open_page: OpenPage
    ) -> None:
        builders.set_account(desk, "103184.60", session=builders.DAY - timedelta(days=1))
        page = open_page()
        chart = page.locator("#live-pnl")
        expect(chart).to_contain_text("The line begins at 09:30:00.")
        expect(chart.locator(".ytick")).to_have_count(0)
        builders.set_account(desk, "100080", at=builders.OPEN + timedelta(minutes=1))
        expect(chart.locator(".ytick").first).to_be_visible()
        expect(chart).not_to_contain_text("The line begins")
        assert page.evaluate(f"() => {GRAPH}.data[0].y") == [80]
        assert page.evaluate(f"() => {GRAPH}._fullLayout.yaxis.range[1]") < 200


def test_the_countdown_names_what_the_engine_does_next(open_page: OpenPage) -> None:
    page = open_page()
    expect(page.locator("#live-market")).to_have_text("Market open")
    expect(page.locator("#live-timetable li").first).to_have_text(
        "Next: flatten15:55:00in 5 h 39 min"
    )


class TestAfterTheClose:
    @pytest.fixture
    def now(self) -> datetime:
        return builders.OPEN + timedelta(hours=6, minutes=33)

    @pytest.mark.parametrize("width", [1024, 1440, 1500, 1600])
    def test_the_strip_holds_its_figures_and_the_next_day(
        self, desk: Desk, open_page: OpenPage, width: int
    ) -> None:
        long_ago = desk.clock.now() - timedelta(hours=2)
        builders.set_account(desk, "1087654.32", "1100000", at=long_ago)
        page = open_page(viewport={"width": width, "height": 900})
        expect(page.locator("#live-timetable li")).to_have_count(3)
        expect(page.locator("#live-account-age")).to_contain_text("seen 2 h")
        strip = page.locator("#live-strip")
        assert strip.evaluate("node => node.scrollWidth <= node.clientWidth")


def test_activity_tells_new_facts_at_once(desk: Desk, open_page: OpenPage) -> None:
    page = open_page()
    builders.add_fact(desk, "fill", "Bought 300 NVDA at 181.20.")
    expect(page.locator("#live-activity")).to_contain_text("Bought 300 NVDA at 181.20.")


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_how_grave_a_fact_is_stands_before_its_words(
    desk: Desk, open_page: OpenPage, size: tuple[int, int]
) -> None:
    builders.add_fact(desk, "engine", "It began.")
    builders.add_fact(desk, "alert", "NVDA has no stop.", severity=Severity.CRITICAL)
    page = open_page(viewport={"width": size[0], "height": size[1]})
    texts = page.locator("#live-activity .text")
    expect(texts.filter(has_text="NVDA")).to_have_text("▲ critical NVDA has no stop.")
    expect(texts.filter(has_text="began")).to_have_text("It began.")


def test_facts_of_another_day_stand_below_its_date(desk: Desk, open_page: OpenPage) -> None:
    builders.add_fact(desk, "fill", "Sold 5 AMD.", at=desk.clock.now() - timedelta(days=1))
    builders.add_fact(desk, "fill", "Bought 300 NVDA.")
    page = open_page()
    expect(page.locator("#live-activity .date")).to_have_text("Wed Nov 18")
    expect(page.locator("#live-activity .date + li")).to_contain_text("Sold 5 AMD.")


class TestOfTheDayBefore:
    @pytest.fixture
    def page(self, desk: Desk, open_page: OpenPage) -> Page:
        otto, then = Actor("otto", Role.OPERATOR), desk.clock.now() - timedelta(days=1)
        control.pause(desk, otto, ControlScope.ENTRY, "news")
        control.kill(desk, otto, "a test")
        with desk.db.write() as tx:
            tx.execute(update(TradingState).values(changed_at=then))
            tx.execute(update(Command).values(requested_at=then, status=CommandStatus.DONE))
        return open_page()

    def test_a_halt_tells_its_day(self, page: Page) -> None:
        text = re.compile(r"by otto on Wed Nov 18, 10:1\d: a test")
        expect(page.locator("#halt-banner")).to_contain_text(text)
        expect(page.locator("#live-commands .time")).to_have_text(re.compile("Wed Nov 18, 10:1"))

    def test_a_pause_tells_its_day(self, desk: Desk, page: Page) -> None:
        control.lift_kill(desk, Actor("anna", Role.ADMIN), "over")
        said = page.locator("#live-scope-entry")
        expect(said).to_have_text(re.compile(r"paused by otto on Wed Nov 18, 10:1\d: news"))


def test_a_halt_tells_its_day_once_that_is_over(desk: Desk, open_page: OpenPage) -> None:
    control.kill(desk, Actor("otto", Role.OPERATOR), "a test")
    page = open_page()
    expect(page.locator("#halt-banner")).to_contain_text("by otto at 10:1")
    page.evaluate("desk.now = () => Date.parse('2026-11-20T14:00:00Z')")
    expect(page.locator("#halt-banner")).to_contain_text("by otto on Thu Nov 19, 10:1")


def test_the_kind_of_a_fact_is_not_cut(desk: Desk, open_page: OpenPage) -> None:
    for kind in ("simulation", "acknowledgement"):
        builders.add_fact(desk, kind, "at 30x")
    page = open_page()
    expect(page.locator("#live-activity")).to_contain_text("acknowledgement")
    cut = "all => all.filter((node) => node.scrollWidth > node.clientWidth).length"
    assert page.locator("#live-activity .kind").evaluate_all(cut) == 0


def test_a_sentence_of_the_journal_is_text_never_markup(desk: Desk, open_page: OpenPage) -> None:
    builders.add_fact(desk, "engine", "<img src=x onerror=alert(1)>")
    page = open_page()
    expect(page.locator("#live-activity")).to_contain_text("<img src=x onerror=alert(1)>")


def test_every_page_tells_what_is_paused(desk: Desk, open_page: OpenPage) -> None:
    page = open_page("/history", "vera")
    expect(page.locator(".part").first).to_be_visible()
    control.pause(desk, Actor("otto", Role.OPERATOR), ControlScope.ENTRY, "news at ten")
    expect(page.locator(".part.paused")).to_have_text("❚❚ paused: entries")
    control.resume(desk, Actor("otto", Role.OPERATOR), ControlScope.ENTRY, "over")
    expect(page.locator(".part.paused")).to_have_count(0)


def test_while_it_is_halted_no_scope_says_that_it_is_active(
    desk: Desk, open_page: OpenPage
) -> None:
    control.kill(desk, Actor("otto", Role.OPERATOR), "fills look wrong")
    page = open_page("/", "otto")
    expect(page.get_by_text("stops and closings go on")).to_be_visible()
    expect(page.get_by_role("button", name="Pause everything")).to_have_count(0)


def test_the_kill_switch_asks_then_halts_and_every_page_says_so(
    desk: Desk, open_page: OpenPage
) -> None:
    page = open_page("/signals", "otto")
    page.get_by_role("button", name="Kill switch").click()
    page.locator("#kill-reason").fill("fills look wrong")
    page.get_by_role("button", name="Halt trading").click()
    expect(page.locator("#halt-banner")).to_contain_text("TRADING IS HALTED by otto")
    expect(page.locator("#halt-banner")).to_contain_text("fills look wrong")
    with desk.db.read() as tx:
        assert tx.get_one(TradingState, "all").state is Control.HALTED
        assert tx.get_one(Command, 1).kind is CommandKind.KILL


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_a_halt_is_in_sight_wherever_somebody_has_scrolled(
    desk: Desk, open_page: OpenPage, size: tuple[int, int]
) -> None:
    page = open_page("/settings", viewport={"width": size[0], "height": size[1]})
    expect(page.get_by_role("region", name="API keys")).to_be_visible()
    page.evaluate("scrollTo({ top: document.body.scrollHeight, behavior: 'instant' })")
    control.kill(desk, Actor("otto", Role.OPERATOR), "fills look wrong since ten, and twice before")
    expect(page.locator("#halt-banner")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Lift…")).to_be_in_viewport(ratio=1)
    expect(page.locator(".part.halted")).to_have_text("■ HALTED")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert page.evaluate("scrollY") > size[1]


def test_a_halt_moves_nothing_under_the_pointer(desk: Desk, open_page: OpenPage) -> None:
    for symbol in ("AMD", "NVDA", "TSLA"):
        builders.add_position(desk, symbol)
    builders.beat(desk)
    page = open_page(viewport={"width": 1440, "height": 900})
    close = page.get_by_role("button", name="Close NVDA")
    close.hover()
    page.evaluate("() => new Promise((done) => setTimeout(done, 1200))")  # the page has settled
    before = pytest.approx(top_of(close), abs=1)
    control.kill(desk, Actor("otto", Role.OPERATOR), "fills look wrong")
    expect(page.locator("#halt-banner")).to_be_in_viewport(ratio=1)
    assert top_of(close) == before
    control.lift_kill(desk, Actor("anna", Role.ADMIN), "it was nothing")
    expect(page.locator("#halt-banner")).to_be_hidden()
    assert top_of(close) == before


def top_of(node: Locator) -> float:
    """Return where something begins on the screen."""
    box = node.bounding_box()
    assert box is not None
    return box["y"]


def test_the_header_of_a_phone_leaves_the_page_its_room(open_page: OpenPage) -> None:
    page = open_page("/", **PHONE)
    expect(page.locator(".part")).to_have_count(3)
    assert top_of(page.locator("main")) < 110
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("button", name="Log out")).to_be_in_viewport()


def test_cancelling_the_question_halts_nothing(desk: Desk, open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("button", name="Kill switch").click()
    page.locator("#kill-cancel").click()
    expect(page.locator("#kill-dialog")).to_have_count(0)
    with desk.db.read() as tx:
        assert tx.get(TradingState, "all") is None


def test_an_admin_lifts_the_kill_switch(desk: Desk, open_page: OpenPage) -> None:
    control.kill(desk, Actor("otto", Role.OPERATOR), "a test")
    page = open_page()
    page.get_by_role("button", name="Lift…").click()
    page.locator("#lift-password").fill(desks.PASSWORD)
    page.get_by_role("button", name="Allow trading").click()
    expect(page.locator("#halt-banner")).to_be_hidden()
    expect(page.locator("#live-control-state")).to_have_text("Trading is active.")


def test_a_viewer_can_only_look(desk: Desk, open_page: OpenPage) -> None:
    control.kill(desk, Actor("otto", Role.OPERATOR), "a test")
    page = open_page(name="vera")
    expect(page.get_by_role("button", name="Kill switch")).to_be_disabled()
    expect(page.get_by_role("button", name="Lift…")).to_be_hidden()
    expect(page.get_by_role("button", name="Emergency stop")).to_have_count(0)


def test_who_may_not_close_a_position_is_offered_no_way_to(desk: Desk, open_page: OpenPage) -> None:
    builders.add_position(desk, "NVDA")
    page = open_page(name="vera")
    expect(cell(page, "pnl")).to_be_visible()
    expect(cell(page, "close")).to_have_count(0)
    expect(page.get_by_role("button", name="Close NVDA")).to_have_count(0)


@pytest.mark.parametrize(("scope", "name"), [("entry", "entries"), ("all", "everything")])
def test_a_scope_is_paused_with_a_reason_and_resumed(
    open_page: OpenPage, scope: str, name: str
) -> None:
    page = open_page()
    page.get_by_role("button", name=f"Pause {name}").click()
    page.locator("#pause-reason").fill("news at ten")
    page.locator("#pause-confirm").click()
    state = page.locator(f"#live-scope-{scope}")
    expect(state).to_have_text(re.compile(r"paused by anna at 10:1\d:\d\d: news at ten"))
    page.get_by_role("button", name=f"Resume {name}").click()
    expect(state).to_have_text("active")
    expect(page.locator("#live-control-state")).to_have_text("Trading is active.")


def test_an_operator_cannot_pause_everything(open_page: OpenPage) -> None:
    page = open_page(name="otto")
    expect(page.get_by_role("button", name="Pause entries")).to_be_enabled()
    expect(page.get_by_role("button", name="Pause everything")).to_be_disabled()


def test_each_part_says_how_long_ago_it_was_well(desk: Desk, open_page: OpenPage) -> None:
    builders.beat(desk)
    page = open_page("/signals")
    expect(page.locator(".part")).to_have_count(3)
    builders.beat(desk)
    expect(page.locator(".part").first).to_have_text(re.compile(r"engine\d\.\d s"))


def test_prices_that_come_by_the_minute_are_not_late_within_it(
    desk: Desk, open_page: OpenPage
) -> None:
    builders.add_position(desk, "NVDA")
    builders.beat(desk, "data", seconds_ago=60)
    page = open_page("/history")
    data = page.locator(".part").last
    expect(data).to_have_class("part well")
    builders.beat(desk, "data", seconds_ago=100)
    expect(data).to_have_class("part late")


def test_closing_a_position_asks_and_becomes_a_command(desk: Desk, open_page: OpenPage) -> None:
    trade = builders.add_position(desk, "NVDA")
    page = open_page()
    page.get_by_role("button", name="Close NVDA").click()
    expect(page.locator("#close-text")).to_contain_text("sells 300 NVDA")
    page.get_by_role("button", name="Close position").click()
    expect(page.locator("#live-commands")).to_contain_text("Close position")
    with desk.db.read() as tx:
        assert tx.get_one(Command, 1).body["trade_id"] == trade.id


def test_the_emergency_stop_lists_what_it_does_and_asks_twice(
    desk: Desk, open_page: OpenPage
) -> None:
    builders.add_position(desk, "NVDA")
    page = open_page()
    page.get_by_role("button", name="Emergency stop").click()
    plan = page.locator("#live-emergency-plan")
    expect(plan).to_contain_text(
        "Cancel 1 working order:NVDA stop: stop sell 300 at 180.28, working"
    )
    expect(plan).to_contain_text("1 position:sell 300 NVDA, about $54,915.00")
    expect(page.locator("#emergency-confirm")).to_be_disabled()
    page.get_by_label("I want all of this, now.").check()
    page.locator("#emergency-confirm").click()
    expect(page.locator("#halt-banner")).to_contain_text("TRADING IS HALTED by anna")


@pytest.mark.parametrize("way_out", ["#emergency-cancel", "Escape"])
def test_an_emergency_stop_that_was_left_is_not_armed(
    desk: Desk, open_page: OpenPage, way_out: str
) -> None:
    builders.add_position(desk, "NVDA")
    page = open_page()
    page.get_by_role("button", name="Emergency stop").click()
    page.get_by_label("I want all of this, now.").check()
    page.locator("#emergency-reason").fill("a hasty word")
    expect(page.locator("#emergency-confirm")).to_be_enabled()
    leave(page, "#emergency-dialog", way_out)
    page.get_by_role("button", name="Emergency stop").click()
    expect(page.locator("#emergency-reason")).to_have_value("")
    expect(page.get_by_label("I want all of this, now.")).not_to_be_checked()
    expect(page.locator("#emergency-confirm")).to_be_disabled()
    assert vars(page)["trouble"] == []


@pytest.mark.parametrize("way_out", ["#lift-cancel", "Escape"])
def test_a_question_that_was_left_keeps_no_password(
    desk: Desk, open_page: OpenPage, way_out: str
) -> None:
    control.kill(desk, Actor("otto", Role.OPERATOR), "a test")
    page = open_page()
    page.get_by_role("button", name="Lift…").click()
    page.locator("#lift-password").fill(desks.PASSWORD)
    page.locator("#lift-code").fill("123456")
    leave(page, "#lift-dialog", way_out)
    page.get_by_role("button", name="Lift…").click()
    expect(page.locator("#lift-password")).to_have_value("")
    expect(page.locator("#lift-code")).to_have_value("")
    page.get_by_role("button", name="Allow trading").click()
    expect(page.locator("#toasts")).to_contain_text("That password is not yours")


def leave(page: Page, dialog: str, way_out: str) -> None:
    if way_out.startswith("#"):
        page.locator(way_out).click()
    else:
        page.keyboard.press(way_out)
    expect(page.locator(dialog)).to_have_count(0)


def test_the_plan_says_of_an_attached_stop_what_it_waits_for(desk: Desk) -> None:
    trade = builders.add_position(desk, "NVDA", stop=False)
    builders.add(desk, builders.stop_order(desk, trade, status=OrderStatus.HELD))
    with desk.db.read() as tx:
        steps = plan(open_orders(tx, desk), [])
    assert "180.28, waits until its entry fills" in repr(steps)


def test_the_emergency_stop_is_read_and_done_by_whoever_has_asked_too_often(
    desk: Desk, browser_context: Callable[..., BrowserContext]
) -> None:
    app = create_app(Settings(limits="database"), desk, SECRET)
    with serving(app) as url:
        page = browser_context().new_page()
        let_in(page, url, "anna")
        page.goto(url)
        expect(page.get_by_role("button", name="Pause entries")).to_be_enabled()
        have_asked(desk, "anna")
        page.get_by_role("button", name="Emergency stop").click()
        expect(page.locator("#live-emergency-plan")).to_contain_text("Throw the kill switch")
        page.get_by_label("I want all of this, now.").check()
        page.locator("#emergency-confirm").click()
        expect(page.locator("#halt-banner")).to_contain_text("TRADING IS HALTED by anna")
        page.close()
        app.extensions["feed"].stop()


class TestWithoutAnEngine:
    def test_the_kill_switch_says_that_the_entries_stay(self, open_page: OpenPage) -> None:
        page = open_page("/signals", "otto")
        page.get_by_role("button", name="Kill switch").click()
        page.get_by_role("button", name="Halt trading").click()
        note = page.locator("#toasts").get_by_role("alert").filter(has_text="Trading is halted")
        expect(note).to_contain_text("entries at the broker are NOT cancelled; cancel them there")

    def test_an_engine_that_hangs_is_not_trusted(self, desk: Desk, open_page: OpenPage) -> None:
        builders.lead(desk)
        builders.beat(desk, "engine", seconds_ago=30)
        page = open_page("/signals", "otto")
        page.get_by_role("button", name="Kill switch").click()
        page.get_by_role("button", name="Halt trading").click()
        expect(page.locator("#toasts")).to_contain_text("The engine gives no sign of life")

    def test_the_emergency_stop_says_so_before_and_after(self, open_page: OpenPage) -> None:
        page = open_page()
        page.get_by_role("button", name="Emergency stop").click()
        expect(page.locator("#live-emergency-plan")).to_contain_text("No engine is running")
        page.get_by_label("I want all of this, now.").check()
        page.locator("#emergency-confirm").click()
        expect(page.locator("#toasts")).to_contain_text("nothing is cancelled or closed until")

    def test_closing_a_position_says_so_before_and_after(
        self, desk: Desk, open_page: OpenPage
    ) -> None:
        builders.add_position(desk, "NVDA")
        page = open_page()
        page.get_by_role("button", name="Close NVDA").click()
        expect(page.locator("#close-text")).to_contain_text("nothing is closed until one does")
        page.get_by_role("button", name="Close position").click()
        expect(page.locator("#toasts")).to_contain_text("NVDA is NOT closed until one runs")

    def test_a_command_that_nobody_takes_grows_old_in_words(
        self, desk: Desk, open_page: OpenPage
    ) -> None:
        control.kill(desk, Actor("otto", Role.OPERATOR), "a test")
        page = open_page()
        status = page.locator("#live-commands .status")
        expect(status).to_have_text(re.compile(r"late: requested \d+ s ago"))
        expect(status).to_have_class("status late")
        first = status.inner_text()
        expect(status).not_to_have_text(first)
        expect(page.locator("#live-commands small")).to_contain_text("this waits until one does")


def test_a_command_that_an_engine_does_not_begin_is_late_after_seconds(
    desk: Desk, open_page: OpenPage
) -> None:
    builders.beat(desk, seconds_ago=-60)
    page = open_page()
    expect(page.locator(".part")).to_have_count(3)
    control.kill(desk, Actor("otto", Role.OPERATOR), "a test")
    status = page.locator("#live-commands .status")
    expect(status).to_have_text("requested")
    expect(status).to_have_text(re.compile(r"late: requested \d+ s ago"))
    with desk.db.write() as tx:
        tx.execute(update(Command).values(status=CommandStatus.DONE))
    expect(status).to_have_text("done")


def test_a_refused_action_says_why(desk: Desk, open_page: OpenPage) -> None:
    trade = builders.add_position(desk, "NVDA")
    page = open_page()
    page.get_by_role("button", name="Close NVDA").click()
    builders.close(desk, trade, "0")
    page.get_by_role("button", name="Close position").click()
    expect(page.locator("#toasts")).to_contain_text(f"trade {trade.id} is not open")


def test_a_lost_connection_is_announced_and_mends_itself(
    desk: Desk, app: Flask, open_page: OpenPage
) -> None:
    builders.set_account(desk, "101000")
    page = open_page()
    expect(page.locator("#live-equity")).to_have_text("$101,000.00")
    page.evaluate("scrollTo({ top: 300, behavior: 'instant' })")
    with dropped(page, app):
        expect(page.locator("#shell-link")).to_be_in_viewport(ratio=1)
        expect(page.locator("#live-equity")).to_have_text("$101,000.00")
        builders.set_account(desk, "102000")
    expect(page.locator("#live-equity")).to_have_text("$102,000.00")


def test_a_user_who_is_disabled_is_sent_to_the_login(
    desk: Desk, app: Flask, open_page: OpenPage
) -> None:
    page = open_page()
    expect(page.locator("#live-control-state")).to_be_visible()
    builders.disable(desk, "anna")
    app.extensions["feed"].end_all()
    expect(page.get_by_label("Password")).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/signals", "/positions"])
def test_a_page_is_clean_local_and_under_a_strict_policy(
    desk: Desk, url: str, open_page: OpenPage, path: str
) -> None:
    builders.add_position(desk)
    builders.add_range(desk, 1, "NVDA")
    builders.add_snapshots(desk, [0, 1, 2])
    page = open_page(path)
    expect(page.locator(".ag-row").first).to_be_visible()
    policy = page.request.get(f"{url}{path}").headers["content-security-policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe" not in scripts
    assert page.trouble == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["/", "/signals", "/positions"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_of_a_phone(
    desk: Desk, open_page: OpenPage, path: str, scheme: str
) -> None:
    builders.set_account(desk, "103184.60")
    builders.add_position(desk)
    builders.add_range(desk, 1, "NVDA")
    page = open_page(path, color_scheme=scheme, **PHONE)
    expect(page.locator(".ag-row").first).to_be_visible()
    expect(page.get_by_role("button", name="Kill switch")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("width", [1024, 1280, 1401, 1440])
def test_every_column_of_the_positions_is_in_view(
    desk: Desk, open_page: OpenPage, width: int
) -> None:
    builders.add_position(desk, "BRK.B", quantity=1250, prices=("5181.20", "5233.05", "12.92"))
    page = open_page(viewport={"width": width, "height": 900})
    expect(cell(page, "pnl")).to_have_text("▲ +64,812.50")
    table = page.locator("#live-positions")
    assert table.evaluate(COLUMNS_OUT_OF_VIEW) == []
    assert table.evaluate(TEXTS_CUT_OFF) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


COLUMNS_OUT_OF_VIEW = """table => {
    const view = table.querySelector(".ag-center-cols-viewport").getBoundingClientRect();
    return [...table.querySelectorAll(".ag-center-cols-viewport .ag-cell")]
        .filter(cell => cell.getBoundingClientRect().right > view.right + 1)
        .map(cell => cell.getAttribute("col-id"));
}"""
TEXTS_CUT_OFF = """table => [...table.querySelectorAll(".ag-cell, .ag-header-cell-text")]
    .filter(node => node.scrollWidth > node.clientWidth)
    .map(node => node.textContent)"""


def test_the_theme_follows_the_system_until_the_person_chooses(open_page: OpenPage) -> None:
    page = open_page(color_scheme="dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(15, 23, 42)")
    page.get_by_role("button", name="Auto").click()
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")


@pytest.mark.parametrize("mode", TradingMode)
def test_the_mode_cannot_be_mistaken(
    tmp_path: Path, browser_context: Callable[..., BrowserContext], mode: TradingMode
) -> None:
    desk = desks.make_desk(f"sqlite:///{tmp_path / 'mode.db'}", mode)
    app = create_app(Settings(), desk, SECRET)
    with serving(app) as url:
        page = browser_context().new_page()
        page.goto(url)
        log_in(page, "anna")
        expect(page.locator(".mode-mark")).to_have_text(mode.capitalize())
        simulated = mode is TradingMode.SIMULATED
        expect(page.get_by_role("button", name="Next event")).to_have_count(int(simulated))
        page.close()
        app.extensions["feed"].stop()


def test_the_simulated_market_can_be_paused_and_sped_up(desk: Desk, open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("button", name="30\N{MULTIPLICATION SIGN}").click()
    expect(page.locator("#live-speed-30")).to_have_class("button chosen")
    assert desk.clock.speed == 30


def test_a_page_that_is_left_and_shown_again_is_complete(desk: Desk, open_page: OpenPage) -> None:
    builders.add_position(desk, "NVDA")
    builders.add_snapshots(desk, [0, 120, 250])
    page = open_page()
    expect(cell(page, "symbol")).to_have_text("NVDA")
    page.get_by_role("link", name="Signals").click()
    expect(page.get_by_role("heading", name="Opening ranges")).to_be_visible()
    page.get_by_role("link", name="Live").click()
    expect(cell(page, "symbol")).to_have_text("NVDA")
    expect(page.locator("#live-pnl .js-line")).to_be_visible()
    assert page.trouble == []  # type: ignore[attr-defined]


def test_a_price_that_stays_does_not_flash(desk: Desk, open_page: OpenPage) -> None:
    builders.add_position(desk, "NVDA")
    builders.set_price(desk, "NVDA", "101")
    page = open_page()
    expect(page.locator('#live-positions .ag-row [col-id="last"]')).to_have_text("101.00")
    expect(page.locator(".ag-cell-data-changed")).to_have_count(0)
    flashed = page.evaluate("""() => new Promise((done) => {
        let seen = 0;
        new MutationObserver(() => {
            seen += document.querySelectorAll(".ag-cell-data-changed").length;
        }).observe(document.querySelector("#live-positions"), { subtree: true, attributes: true });
        setTimeout(() => done(seen), 1600);  // three ticks
    })""")
    assert flashed == 0


def test_prices_that_move_ask_nothing_of_a_plan_that_nobody_looks_at(
    desk: Desk, open_page: OpenPage
) -> None:
    builders.add_position(desk, "NVDA")
    page = open_page()
    last = page.locator('#live-positions .ag-row [col-id="last"]')
    expect(last).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.post_data or ""))
    for price in ("101", "102", "103"):
        builders.set_price(desk, "NVDA", price)
        expect(last).to_have_text(f"{price}.00")
    assert [body for body in asked if "live-emergency" in body] == []


def test_prices_of_a_market_that_stands_still_do_not_grow_old(open_page: OpenPage) -> None:
    page = open_page()
    expect(page.locator(".part").first).to_be_visible()
    is_old = """() => {
        desk.clock.speed = 0;
        const seen = new Date(desk.now() - 4000).toISOString();
        return dashAgGridFunctions.isOld({ last_at: seen });
    }"""
    assert page.evaluate(is_old) is False


class TestOnAPhone:
    @pytest.fixture
    def page(self, desk: Desk, open_page: OpenPage) -> Page:
        builders.add_position(desk, "NVDA")
        page = open_page(**PHONE)
        expect(page.locator('#live-positions [col-id="symbol"]').last).to_have_text("NVDA")
        return page

    def test_the_controls_stand_right_below_the_figures(self, page: Page) -> None:
        tops = [
            page.locator(part).evaluate("part => part.getBoundingClientRect().top")
            for part in (".strip", ".controls", ".positions", ".pnl", ".log")
        ]
        assert tops == sorted(tops)

    def test_a_panel_is_folded_to_its_title_and_back(self, page: Page) -> None:
        fold = page.get_by_role("button", name="Show Positions")
        fold.click()
        expect(page.locator("#live-positions")).to_be_hidden()
        expect(fold).to_have_attribute("aria-expanded", "false")
        fold.press("Enter")
        expect(page.locator("#live-positions")).to_be_visible()
