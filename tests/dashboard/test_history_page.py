"""The History page in a real browser, and the files that it gives away."""

import csv
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.exports import harmless
from engine.actions.permissions import SYSTEM
from engine.actions.trading_settings import change_settings
from engine.desk import Desk
from models.market_data import DailyBar
from models.vocabulary import ExitReason, SettingsKind, Side, SignalStatus
from tests.dashboard import builders

OpenPage = Callable[..., Page]
MINUS = "\N{MINUS SIGN}"
MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 11, day) for day in (16, 17, 18, 19))


@pytest.fixture(autouse=True)
def three_days(desk: Desk) -> None:
    for day, start in ((TUESDAY, "100000"), (WEDNESDAY, "100300"), (THURSDAY, "100100")):
        builders.add_day(desk, day, start)
    more = {"stop_distance": builders.D(1), "exit_reason": ExitReason.STOP}
    builders.add_closed(desk, "NVDA", "300", session=TUESDAY, **more)
    builders.add_closed(desk, "AMD", "-200", session=WEDNESDAY, **more)
    builders.add_closed(desk, "NVDA", "50", session=THURSDAY, side=Side.SHORT, **more)


def metric(page: Page, name: str) -> Locator:
    figure = page.locator("#history-metrics .figure").filter(has=page.get_by_text(name, exact=True))
    return figure.locator(".value")


def download(page: Page, name: str) -> str:
    with page.expect_download() as file:
        page.get_by_role("link", name=name, exact=True).click()
    return Path(file.value.path()).read_text()


def test_a_period_is_described_by_its_figures(open_page: OpenPage) -> None:
    page = open_page("/history")
    expect(metric(page, "Total P&L")).to_have_text("▲ +$150.00")
    expect(metric(page, "Win rate")).to_have_text("66.7%")
    expect(metric(page, "Average loss")).to_have_text(f"{MINUS}$200.00")
    expect(metric(page, "Profit factor")).to_have_text("1.75")
    expect(metric(page, "Expectancy")).to_have_text("0.50 R")
    expect(metric(page, "Max drawdown")).to_have_text(f"{MINUS}$200.00")


def test_how_its_figures_are_computed_is_read_without_a_pointer(open_page: OpenPage) -> None:
    page = open_page("/history")
    page.get_by_text("How these figures are computed").click()
    expect(page.get_by_text("a year of 252 sessions, risk-free rate 0")).to_be_visible()


def test_its_curves_end_where_its_figures_do(open_page: OpenPage) -> None:
    page = open_page("/history")
    expect(metric(page, "Trades")).to_have_text("3")
    expect(page.locator("#history-drawdown .js-line")).to_be_visible()
    drawn = "(id) => document.querySelector(id + ' .js-plotly-plot').data[0].y"
    assert page.evaluate(drawn, "#history-cumulative") == [0, 300, 100, 150]
    assert page.evaluate(drawn, "#history-drawdown") == [0, 0, -200, -150]
    ends = "(id) => document.querySelector(id + ' .js-plotly-plot')._fullLayout.yaxis.range"
    assert page.evaluate(ends, "#history-drawdown")[1] == 0


def test_each_of_two_days_has_its_name_below_its_curve(open_page: OpenPage) -> None:
    page = open_page("/history?first=2026-11-18")
    names = page.locator("#history-cumulative .xtick")
    expect(names).to_have_text(["Nov 17", "Nov 18", "Nov 19"])
    zero = page.locator("#history-cumulative .ytick").first.bounding_box()
    first = names.first.bounding_box()
    assert zero is not None
    assert first is not None
    assert first["x"] > zero["x"] + zero["width"]


def test_a_day_of_the_calendar_leads_to_the_very_trades_that_it_counted(
    desk: Desk, open_page: OpenPage
) -> None:
    """Not to all of the day: those that the filters leave out are not in its P&L either."""
    builders.add_closed(desk, "TSLA", "999", session=WEDNESDAY, side=Side.SHORT)
    page = open_page("/history?side=long&group=symbol")
    page.get_by_title("Wed 18 Nov 2026").click()
    expect(metric(page, "Total P&L")).to_have_text(f"▼ {MINUS}$200.00")
    expect(page.locator("#history-count")).to_have_text("1 trade")
    wednesday = "first=2026-11-18&last=2026-11-18"
    expect(page).to_have_url(re.compile(rf"/history\?side=long&group=symbol&{wednesday}$"))


def test_the_calendar_is_one_stop_and_arrows_go_from_day_to_day(
    desk: Desk, open_page: OpenPage
) -> None:
    builders.add_day(desk, date(2026, 11, 10), "99000")
    page = open_page("/history")
    expect(page.locator("a.day")).to_have_count(4)
    expect(page.locator('a.day[tabindex="0"]')).to_have_attribute("title", re.compile("Thu 19"))
    page.locator('a.day[tabindex="0"]').focus()
    ways = {"ArrowUp": "Wed 18", "ArrowLeft": "Wed 18", "Home": "Wed 18", "ArrowDown": "Thu 19"}
    for key, day in ways.items():
        page.keyboard.press(key)
        expect(page.get_by_title(day)).to_be_focused()
    for key in ("ArrowUp", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    expect(page.get_by_title("Tue 10 Nov 2026")).to_be_focused()
    expect(page.locator('a.day[tabindex="0"]')).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("first=2026-11-10"))


def test_a_month_is_named_where_it_begins_and_a_year_where_it_changes(
    desk: Desk, open_page: OpenPage
) -> None:
    for day in (date(2025, 11, 19), date(2025, 12, 1)):
        builders.add_day(desk, day, "90000")
    page = open_page("/history")
    names = page.locator(".calendar .month").filter(has_text=re.compile(r"\w"))
    expect(names).to_have_count(13)
    expect(names.first).to_have_text("Nov2025")
    expect(names.nth(1)).to_have_text("Dec")
    expect(names.nth(2)).to_have_text("Jan2026")
    expect(names.last).to_have_text("Nov")


def test_dates_and_symbols_narrow_everything(open_page: OpenPage) -> None:
    page = open_page("/history")
    page.get_by_label("Symbol").fill("nvda")
    expect(metric(page, "Total P&L")).to_have_text("▲ +$350.00")
    page.get_by_label("From").fill("2026-11-18")
    expect(metric(page, "Total P&L")).to_have_text("▲ +$50.00")
    expect(page.locator("#history-count")).to_have_text("1 trade")


def test_a_period_is_set_by_one_choice(open_page: OpenPage) -> None:
    page = open_page("/history")
    page.get_by_label("Period").select_option("today")
    expect(page.get_by_label("From")).to_have_value("2026-11-19")
    expect(metric(page, "Trades")).to_have_text("1")


def test_a_period_is_called_by_what_its_days_are(open_page: OpenPage) -> None:
    page = open_page("/history?first=2026-11-18")
    period, first = page.get_by_label("Period"), page.get_by_label("From")
    expect(period).to_have_value("any")  # as dated
    period.select_option("7 days")
    expect(first).to_have_value("2026-11-13")
    first.fill("2026-11-17")
    expect(period).to_have_value("any")
    period.select_option("7 days")
    expect(first).to_have_value("2026-11-13")
    period.select_option("all")
    expect(first).to_have_value("")
    expect(metric(page, "Trades")).to_have_text("3")
    first.fill("2026-11-19")
    page.get_by_label("To", exact=True).fill("2026-11-19")
    expect(period).to_have_value("today")


def add_market(desk: Desk, *closes: tuple[date, str]) -> None:
    for day, close in closes:
        price = builders.D(close)
        prices = dict.fromkeys(("open", "high", "low", "close"), price)
        bar = DailyBar(session=day, symbol="SPY", volume=1, source="recorded", **prices)
        builders.add(desk, bar)


def test_the_market_stands_beside_it_where_its_bars_are_known(
    desk: Desk, open_page: OpenPage
) -> None:
    add_market(desk, (MONDAY, "600"), (TUESDAY, "606"), (WEDNESDAY, "603"))
    page = open_page("/history")
    expect(metric(page, "Return")).to_have_text("0.15%")
    expect(metric(page, "SPY")).to_have_text("0.50% to 18 Nov 2026")
    # Of the same days: Thursday's trade is in the desk's return, but not compared with a market
    # whose close is not known.
    expect(metric(page, "Above SPY")).to_have_text(f"{MINUS}0.40% to 18 Nov 2026")
    drawn = "() => document.querySelector('#history-cumulative .js-plotly-plot').data[1].y"
    expect(page.locator("#history-cumulative .scatterlayer .js-line")).to_have_count(2)
    assert page.evaluate(drawn) == [0, 1000, 500]


def test_without_the_close_before_there_is_no_comparison(desk: Desk, open_page: OpenPage) -> None:
    add_market(desk, (TUESDAY, "606"), (WEDNESDAY, "603"))
    page = open_page("/history")
    expect(metric(page, "SPY")).to_have_text("no bars before 17 Nov 2026")
    expect(metric(page, "Above SPY")).to_have_count(0)
    expect(metric(page, "Return")).to_have_text("0.15%")  # the desk's own needs no market
    expect(metric(page, "Max drawdown %")).to_have_text(f"{MINUS}0.20%")


def test_trades_are_grouped_by_what_one_chooses(open_page: OpenPage) -> None:
    page = open_page("/history")
    page.get_by_label("Group by").select_option("symbol")
    row = page.locator("#history-grouped tbody tr").filter(has_text="NVDA").locator("td")
    expect(row.nth(1)).to_have_text("2")
    expect(row.nth(4)).to_have_text("▲ +$350.00")
    expect(page).to_have_url(re.compile("group=symbol"))
    row.get_by_role("link", name="NVDA").click()
    expect(page.locator("#history-count")).to_have_text("2 trades")
    expect(page.get_by_label("Symbol")).to_have_value('"NVDA"')
    expect(page.get_by_label("Group by")).to_have_value("any")


def test_the_trade_log_is_no_higher_than_its_rows(open_page: OpenPage) -> None:
    page = open_page("/history?group=symbol")
    expect(page.locator("#history-trades .ag-row .symbol")).to_have_count(3)
    expect(page.locator("#history-rows")).to_have_css("height", "152px")
    expect(page.locator("#history-trades .ag-row .symbol").last).to_be_visible()


def test_a_version_of_the_settings_has_its_own_results(desk: Desk, open_page: OpenPage) -> None:
    change_settings(desk, SYSTEM, SettingsKind.STRATEGY, {"top_n": 10}, "fewer")
    change_settings(desk, SYSTEM, SettingsKind.RISK, {"max_positions": 3}, "fewer")
    for symbol, version in (("TSLA", 1), ("AAPL", 0)):
        versions = {"strategy_version": 1, "risk_version": version}
        signal = builders.add_signal(desk, 1, symbol, SignalStatus.FILLED, **versions)
        builders.add_closed(desk, symbol, "77", signal_id=signal.id)
    page = open_page("/history")
    strategy, risk = (page.get_by_label(f"{kind} version") for kind in ("Strategy", "Risk"))
    expect(strategy.locator("option")).to_have_text(
        ["", "Every version", "v1 since Nov 19", "v0 (defaults)"]
    )
    strategy.select_option("1")
    expect(metric(page, "Total P&L")).to_have_text("▲ +$154.00")
    risk.select_option("0")
    expect(metric(page, "Total P&L")).to_have_text("▲ +$77.00")
    expect(page).to_have_url(re.compile(r"/history\?strategy=1&risk=0$"))
    rows = list(csv.DictReader(download(page, "CSV").splitlines()))
    told = [(row["symbol"], row["strategy_version"], row["risk_version"]) for row in rows]
    assert told == [("AAPL", "1", "0")]


def test_filters_that_few_ask_for_stand_open_where_one_is_used(
    desk: Desk, open_page: OpenPage
) -> None:
    builders.add_closed(desk, "TSLA", "77", opened_at=builders.OPEN.replace(hour=15), rvol=2.5)
    page = open_page("/history?hour=10")
    expect(metric(page, "Total P&L")).to_have_text("▲ +$77.00")
    expect(page.get_by_label("Hour of the entry")).to_have_value("10")
    page.get_by_label("Relative volume").select_option("3 to 5")
    expect(metric(page, "Trades")).to_have_text("0")
    expect(page).to_have_url(re.compile(r"hour=10&rvol=3\+to\+5$"))
    page = open_page("/history")
    expect(page.get_by_text("More filters")).to_be_visible()
    expect(page.get_by_label("Hour of the entry")).to_be_hidden()


def test_a_period_without_trades_says_so(open_page: OpenPage) -> None:
    page = open_page("/history?first=2027-01-01")
    expect(page.locator("#history-empty")).to_contain_text("No finished trade")


def test_the_files_hold_exactly_what_the_filters_show(open_page: OpenPage) -> None:
    page = open_page("/history?side=long")
    expect(metric(page, "Trades")).to_have_text("2")
    rows = list(csv.DictReader(download(page, "CSV").splitlines()))
    assert [(row["symbol"], row["pnl"]) for row in rows] == [("AMD", "-200.00"), ("NVDA", "300.00")]
    assert [row["symbol"] for row in json.loads(download(page, "JSON"))] == ["AMD", "NVDA"]
    assert page.trouble == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("cell", "written"),
    [("=1+1", "'=1+1"), ("@cmd", "'@cmd"), ("+A1", "'+A1"), ("-200.00", "-200.00"), (-3, -3)],
)
def test_no_cell_of_a_file_is_a_formula(cell: Any, written: Any) -> None:
    assert harmless(cell) == written


def test_an_empty_period_says_so_wherever_it_would_draw(open_page: OpenPage) -> None:
    page = open_page("/history?first=2030-01-01&group=symbol")
    expect(page.locator("#history-no-trades")).to_contain_text("No finished trade")
    expect(page.locator("#history-grouped")).to_contain_text("no finished trade to group")
    expect(page.locator("#history-cumulative")).to_contain_text("No session is in this period.")
    expect(page.locator("#history-cumulative .xtick")).to_have_count(0)


def test_a_period_that_ends_before_it_begins_is_named_so(open_page: OpenPage) -> None:
    page = open_page("/history?first=2026-11-19&last=2026-11-17")
    expect(page.locator("#history-empty")).to_contain_text("From is after To")
