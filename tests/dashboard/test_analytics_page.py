"""The Analytics and Reconciliation pages in a real browser."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.components.charts import LOSS, QUIET
from dashboard.components.figures import MINUS, hop
from dashboard.components.panels import NOTHING_YET
from dashboard.page import Address
from dashboard.pages import reconciliation
from dashboard.pages.analytics.figures import days_figure
from dashboard.queries.measures import MOST_SYMBOLS, DaySpread, Measure, Measured
from dashboard.queries.results import Share, by_sector
from dashboard.queries.spreads import spread
from dashboard.queries.traits import rvol_bucket
from engine.actions.permissions import SYSTEM
from engine.desk import Desk
from engine.market_hours import NEW_YORK
from models.market_data import LastPrice
from models.reconciliation import DifferenceRow
from models.vocabulary import DifferenceStatus, ExitReason, Side, SignalStatus
from tests.dashboard import builders

OpenPage = Callable[..., Page]
SILICON = ("NVDA", "AMD")


def group(page: Page, title: str, name: str) -> Locator:
    rows = page.get_by_role("region", name=title).locator("tbody tr")
    return rows.filter(has=page.get_by_text(name, exact=True)).locator("td")


@pytest.fixture
def two_trades(desk: Desk) -> None:
    risk = {"stop_distance": builders.D(1), "entry_level": builders.D("49.90")}
    stopped: dict[str, Any] = {"stop_price": builders.D(49), "exit_price": builders.D("48.50")}
    stopped["exit_reason"] = ExitReason.STOP
    builders.add_closed(desk, "AMD", "-150", rvol=2.5, **risk, **stopped)
    more = {"rvol": 7.0, "exit_reason": ExitReason.FLATTEN, "side": Side.SHORT}
    builders.add_closed(desk, "NVDA", "300", **risk, **more)


@pytest.mark.usefixtures("two_trades")
@pytest.mark.parametrize(
    ("title", "name", "pnl"),
    [
        ("By symbol", "NVDA", "▲ +$300.00"),
        ("By side", "Short", "▲ +$300.00"),
        ("By hour of the entry", "09:00", "▲ +$150.00"),
        ("By weekday", "Thursday", "▲ +$150.00"),
        ("By relative volume", "5 to 10", "▲ +$300.00"),
        ("By exit", "Stop", "▼ \N{MINUS SIGN}$150.00"),
    ],
)
def test_trades_are_grouped_by_what_they_have_in_common(
    open_page: OpenPage, title: str, name: str, pnl: str
) -> None:
    expect(group(open_page("/analytics"), title, name).nth(4)).to_have_text(pnl)


@pytest.mark.usefixtures("two_trades")
def test_a_group_leads_to_its_trades_under_the_same_filters(open_page: OpenPage) -> None:
    page = open_page("/analytics?side=short")
    page.get_by_role("link", name="09:00", exact=True).click()
    expect(page.locator("#history-count")).to_have_text("1 trade")
    expect(page).to_have_url(re.compile(r"/history\?side=short&hour=9$"))
    expect(page.get_by_label("Hour of the entry")).to_have_value("9")


@pytest.mark.usefixtures("two_trades")
def test_a_symbols_execution_leads_to_its_trades(open_page: OpenPage) -> None:
    page = open_page("/analytics")
    page.locator("#analytics-symbols").get_by_role("link", name="AMD").click()
    expect(page.locator("#history-count")).to_have_text("1 trade")


@pytest.mark.usefixtures("two_trades")
def test_a_period_and_versions_are_chosen_as_on_the_history_page(
    desk: Desk, open_page: OpenPage
) -> None:
    signal = builders.add_signal(desk, 1, "TSLA", SignalStatus.FILLED, strategy_version=0)
    builders.add_closed(desk, "TSLA", "5", signal_id=signal.id)
    page = open_page("/analytics")
    expect(page.locator("#analytics-count")).to_have_text("3 trades")
    page.get_by_label("Period").select_option("today")
    expect(page.get_by_label("From")).to_have_value("2026-11-19")
    page.get_by_label("Strategy version").select_option("0")
    expect(page.locator("#analytics-count")).to_have_text("1 trade")
    expect(page).to_have_url(re.compile(r"first=2026-11-19&last=2026-11-19&strategy=0$"))


def test_an_entry_on_the_hour_belongs_to_the_hour_that_begins(
    desk: Desk, open_page: OpenPage
) -> None:
    hours = range(10, 16)
    for hour in hours:  # in days, as SQLite counts, most of them are some microseconds less
        opened = datetime(2026, 11, 19, hour, tzinfo=NEW_YORK)
        builders.add_closed(desk, f"AMD{hour}", "10", opened_at=opened.astimezone(UTC))
    page = open_page("/analytics")
    for hour in hours:
        found = group(page, "By hour of the entry", f"{hour}:00")
        expect(found.nth(1)).to_have_text("1")


@pytest.mark.usefixtures("two_trades")
def test_execution_is_measured_against_the_levels(open_page: OpenPage) -> None:
    page = open_page("/analytics")
    execution = page.get_by_role("region", name="Execution", exact=True)
    expect(execution).to_contain_text("Stop slippage against its level, $ a share1$0.5000")
    drawn = "() => document.querySelector('#analytics-multiples .js-plotly-plot').data[0]"
    expect(page.locator("#analytics-multiples .barlayer path").first).to_be_visible()
    assert page.evaluate(drawn)["y"] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert page.trouble == []  # type: ignore[attr-defined]


def test_slippage_is_as_fine_in_the_table_as_in_the_chart(desk: Desk, open_page: OpenPage) -> None:
    risk = {"stop_distance": builders.D(1), "entry_level": builders.D("49.996")}
    builders.add_closed(desk, "NVDA", "1", **risk)
    execution = open_page("/analytics").get_by_role("region", name="Execution", exact=True)
    lines = execution.locator("tr").filter(has_text="Entry slippage")
    expect(lines.nth(0).locator("td").nth(2)).to_have_text("$0.0040")
    expect(lines.nth(1).locator("td").nth(2)).to_have_text("0.004 R")


def test_it_tells_how_long_an_entry_waited_for_its_level(desk: Desk, open_page: OpenPage) -> None:
    builders.add_chain(desk, "NVDA")
    execution = open_page("/analytics").get_by_role("region", name="Execution", exact=True)
    waited = execution.locator("tr").filter(has_text="Order to fill").locator("td")
    expect(waited.nth(2)).to_have_text("12.5 s")


def test_without_a_finished_trade_analytics_says_so(open_page: OpenPage) -> None:
    expect(open_page("/analytics").locator("#analytics-empty")).to_contain_text("No trade has")


@pytest.mark.parametrize(
    ("rvol", "name"),
    [(None, "unknown"), (0.5, "below 1"), (1.0, "1 to 1.5"), (5, "5 to 10"), (10, "10 and more")],
)
def test_relative_volumes_fall_into_ranges(rvol: float | None, name: str) -> None:
    assert rvol_bucket(rvol) == name


def difference(desk: Desk, **more: object) -> DifferenceRow:
    found = desk.clock.now() - timedelta(minutes=3)
    values = {
        "account": builders.ACCOUNT,
        "code": "quantity",
        "symbol": "NVDA",
        "sentence": "NVDA: our books 300, the broker 200",
        "status": DifferenceStatus.OPEN,
        "found_at": found,
        "seen_at": found,
        **more,
    }
    return DifferenceRow(**values)


def cell(page: Page, column: str) -> Locator:
    return page.locator(f'#reconciliation-differences .ag-row [col-id="{column}"]')


def test_a_difference_says_how_long_it_stands(desk: Desk, open_page: OpenPage) -> None:
    builders.add(desk, difference(desk))
    page = open_page("/reconciliation")
    expect(cell(page, "sentence")).to_have_text("NVDA: our books 300, the broker 200")
    expect(cell(page, "age")).to_contain_text("3 m")
    expect(page.locator("#reconciliation-count")).to_have_text("1 standing, 0 resolved")


def test_a_difference_that_is_found_appears_without_a_reload(
    desk: Desk, open_page: OpenPage
) -> None:
    page = open_page("/reconciliation")
    expect(page.locator("#reconciliation-none")).to_contain_text("have never differed")
    builders.add(desk, difference(desk, resolution="not the desk's: left alone"))
    builders.add_fact(desk, "reconciliation", "NVDA: our books 300, the broker 200")
    expect(cell(page, "resolution")).to_have_text("not the desk's: left alone")


def test_no_empty_table_stands_above_its_words(desk: Desk, open_page: OpenPage) -> None:
    shown = reconciliation.layout(desk, SYSTEM, Address("/reconciliation"))
    assert repr(shown).count("is-empty") == 2  # before anything is known
    builders.add_day(desk, date(2026, 11, 18), "100000")
    page = open_page("/reconciliation")
    expect(page.locator("#reconciliation-days .ag-row").first).to_be_visible()
    expect(page.locator("#reconciliation-none")).to_contain_text("have never differed")
    expect(page.locator("#reconciliation-differences")).to_be_hidden()


def test_each_day_is_tied_to_the_brokers_equity(desk: Desk, open_page: OpenPage) -> None:
    builders.add_day(desk, date(2026, 11, 18), "100000", pnl="250")
    page = open_page("/reconciliation")
    row = page.locator("#reconciliation-days .ag-row")
    expect(row.locator('[col-id="verdict"]')).to_have_text("flat, agrees")
    expect(row.locator('[col-id="change"]')).to_have_text("▲ +250.00")
    assert page.trouble == []  # type: ignore[attr-defined]


def test_an_empty_period_says_so_wherever_it_would_draw(open_page: OpenPage) -> None:
    page = open_page("/analytics?first=2030-01-01")
    expect(page.locator("#analytics-by-symbol")).to_contain_text("no finished trade to group")
    expect(page.locator("#analytics-multiples")).to_contain_text("No finished trade has")
    expect(page.locator("#analytics-days .xtick")).to_have_count(0)


def test_a_period_that_ends_before_it_begins_is_named_so(open_page: OpenPage) -> None:
    page = open_page("/analytics?first=2026-11-19&last=2026-11-17")
    expect(page.locator("#analytics-empty")).to_contain_text("From is after To")


def drawn_days(page: Page) -> Callable[[], list[Any]]:
    drawn = "() => document.querySelector('#analytics-days .js-plotly-plot').data.map(t => t.y)"
    expect(page.locator("#analytics-days .point").first).to_be_visible()
    return lambda: page.evaluate(drawn)


@pytest.mark.usefixtures("two_trades")
def test_a_measure_is_chosen_for_the_days_and_the_symbols(open_page: OpenPage) -> None:
    page = open_page("/analytics")
    page.get_by_label("Measure").select_option("stop_slippage")
    worst = page.locator("#analytics-symbols tbody tr")
    expect(worst).to_have_count(1)  # the other trade was not stopped
    expect(worst.locator("td").nth(2)).to_have_text("$0.5000")
    assert drawn_days(page)() == [[0.5], [0.5]]
    expect(page).to_have_url(re.compile(r"/analytics\?measure=stop_slippage$"))
    assert page.trouble == []  # type: ignore[attr-defined]


@pytest.mark.usefixtures("two_trades")
def test_another_measure_is_asked_for_alone(open_page: OpenPage) -> None:
    page = open_page("/analytics")
    expect(page.locator("#analytics-symbols tbody tr")).to_have_count(2)
    asked: list[str] = []
    page.on("request", lambda each: asked.append((each.post_data_json or {})["output"]))
    page.get_by_label("Measure").select_option("stop_slippage")
    expect(page.locator("#analytics-symbols tbody tr")).to_have_count(1)
    page.get_by_label("Side", exact=True).select_option("short")
    expect(page.locator("#analytics-symbols")).to_contain_text("Nothing was measured")
    first, second = asked
    assert first == "analytics-changed.data"
    assert "analytics-groups.data" in second


LATE = """() => {
    const { measured } = dash_clientside.analytics;
    const asked = ["1-", "2026-11-19", "", "", null, "without_stop"];
    const symbols = { lead: "", titles: [], rows: [] };
    const told = (days, ...asked) => ({ asked, days, symbols });
    const now = told("NVDA", ...asked);
    const late = told("AMD", ...asked.slice(0, 5), "stop_slippage");
    const old = told("AMD", "1-", "", ...asked.slice(2));
    const shown = [[late, now], [now, old], [now, null], [late, old]].map((both) =>
        measured(...both, ...asked));
    return shown.map((days) => days === dash_clientside.no_update ? "nothing new" : days);
}"""


def test_an_answer_that_comes_too_late_is_not_shown(open_page: OpenPage) -> None:
    page = open_page("/analytics")
    expect(page.locator("#analytics-symbols")).to_contain_text("Nothing was measured")
    assert page.evaluate(LATE) == ["NVDA", "NVDA", "NVDA", "nothing new"]


def test_an_address_with_a_measure_shows_what_was_shared(desk: Desk, open_page: OpenPage) -> None:
    builders.add_chain(desk, "NVDA")
    page = open_page("/analytics?measure=order_to_fill")
    expect(page.get_by_label("Measure")).to_have_value("order_to_fill")
    cells = page.locator("#analytics-symbols tbody tr").locator("td")
    expect(cells.nth(0)).to_have_text("NVDA")
    expect(cells.nth(2)).to_have_text("12.5 s")


@pytest.mark.usefixtures("two_trades")
def test_a_measure_that_was_never_taken_says_so(open_page: OpenPage) -> None:
    page = open_page("/analytics?measure=order_to_answer")
    expect(page.locator("#analytics-symbols")).to_have_text(
        "Nothing was measured: order to the broker's answer."
    )
    expect(page.locator("#analytics-days")).to_contain_text("Nothing was measured")


def test_the_greatest_symbols_come_first_and_many_others_are_counted(
    desk: Desk, open_page: OpenPage
) -> None:
    risk = {"stop_distance": builders.D(1), "entry_level": builders.D(50)}
    for number in range(MOST_SYMBOLS + 7):
        price = builders.D(50 + number)
        builders.add_closed(desk, f"S{number:02}", "1", entry_price=price, **risk)
    page = open_page("/analytics")
    rows = page.locator("#analytics-symbols tbody tr")
    expect(rows.first.locator("td").first).to_have_text(f"S{MOST_SYMBOLS + 6}")
    expect(rows.last).to_have_text("7 symbols are not shown: ask for one above")


@pytest.fixture
def naked_once(desk: Desk) -> None:
    """One symbol more than is shown; the last of the alphabet was without a stop for once."""
    for number in range(MOST_SYMBOLS):
        builders.add_closed(desk, f"S{number:02}", "1", naked_seconds=0.0)
    for attempt, seconds in enumerate((0.0, 0.0, 0.0, 55.0)):
        builders.add_closed(desk, "ZS", "1", attempt=attempt, naked_seconds=seconds)


@pytest.mark.usefixtures("naked_once")
def test_a_symbol_that_was_without_a_stop_once_comes_first(open_page: OpenPage) -> None:
    page = open_page("/analytics?measure=without_stop")
    rows = page.locator("#analytics-symbols tbody tr")
    expect(rows.first.locator("td").first).to_have_text("ZS")
    expect(rows.first.locator("td").nth(2)).to_have_text("55.0 s")
    expect(rows.last).to_have_text("1 symbol is not shown: ask for it above")
    titles = page.locator("#analytics-symbols th")
    expect(titles.nth(2)).to_have_text("Longest without stop")


@pytest.mark.usefixtures("naked_once")
def test_a_day_with_a_trade_without_a_stop_shows_it(open_page: OpenPage) -> None:
    page = open_page("/analytics?measure=without_stop")
    assert drawn_days(page)() == [[55], [0]]  # the worst above the median
    expect(page.locator("#analytics-days .legend")).to_contain_text("Worst")


def measured_by(measure: Measure, *values: float) -> Measured:
    days = [DaySpread(builders.DAY, spread(values))]
    return Measured(measure=measure, days=days, symbols=[], left_out=0)


def test_waiting_for_the_market_is_no_loss() -> None:
    [above, points] = days_figure(measured_by(Measure.ORDER_TO_FILL, 2, 30))["data"]
    assert above["marker"]["color"] == QUIET
    assert "longest 30.0 s" in points["customdata"][0]
    [above, points] = days_figure(measured_by(Measure.ORDER_TO_ANSWER, 2, 30))["data"]
    assert above["marker"]["color"] == LOSS
    assert "worst 30.0 s" in points["customdata"][0]


HOPS = {
    None: NOTHING_YET,
    0.0123: "12 ms",
    0.9996: "1.0 s",
    2.5: "2.5 s",
    59.96: "1 m 00 s",
    75: "1 m 15 s",
    -0.0001: "0 ms",
    -0.5: f"{MINUS}500 ms",
    -20: f"{MINUS}20.0 s",
    -75: f"{MINUS}1 m 15 s",
}


def test_a_step_is_told_in_milliseconds_where_they_matter() -> None:
    assert [hop(seconds) for seconds in HOPS] == [*HOPS.values()]


def test_the_browser_tells_a_step_in_the_same_words(open_page: OpenPage) -> None:
    told = open_page("/analytics").evaluate("(hops) => hops.map(desk.hop)", [*HOPS])
    assert told == [*HOPS.values()]


ASKED = """() => {
    const { held } = dash_clientside.analytics;
    const { positions } = desk.state;
    const isAsked = (version, last) => held(version, 0, last) !== dash_clientside.no_update;
    positions.set(1, { id: 1, quantity: 300 });
    const first = held(1, 0, null);
    const long_ago = { ...first, at: first.at - 61000 };
    const begin = isAsked(1, null), moved = isAsked(2, first);
    const later = isAsked(2, long_ago), still = isAsked(1, long_ago);
    positions.set(1, { id: 1, quantity: 200 });
    const sold = isAsked(2, first);
    positions.clear();
    return { begin, moved, sold, later, still };
}"""


def allocated(page: Page) -> Locator:
    return page.locator("#analytics-allocation tbody tr")


def test_what_is_held_is_told_by_symbol_and_by_sector(desk: Desk, open_page: OpenPage) -> None:
    for symbol in ("NVDA", "AMD", "BAVQZ"):
        builders.add_position(desk, symbol, prices=("100", "100", "1"))
    builders.know_sector(desk, "Information Technology", *SILICON)
    page = open_page("/analytics")
    expect(allocated(page)).to_have_count(3)
    page.get_by_label("Parts").select_option("by_sector")
    expect(allocated(page).nth(0)).to_have_text("Information TechnologyAMD, NVDA$60,000.0066.7%")
    expect(allocated(page).nth(1)).to_have_text("Not knownBAVQZ$30,000.0033.3%")
    aged = page.locator("#analytics-age")
    expect(aged).to_have_text(re.compile(r"Prices of 10:15:\d\d, \d+ s old"))
    expect(aged).not_to_have_class(re.compile("old"))
    lead = page.locator("#analytics-allocation .table-note")
    expect(lead).to_have_text("The sector of 33.3% of the value is not known.")
    expect(page).to_have_url(re.compile(r"/analytics\?parts=by_sector$"))
    assert page.trouble == []  # type: ignore[attr-defined]


def test_the_allocation_is_as_old_as_its_oldest_price(desk: Desk, open_page: OpenPage) -> None:
    for symbol in SILICON:
        builders.add_position(desk, symbol, prices=("100", "100", "1"))
    with desk.db.write() as tx:
        price = tx.get_one(LastPrice, "AMD")
        price.at -= timedelta(minutes=9)
    aged = open_page("/analytics").locator("#analytics-age")
    expect(aged).to_have_text(re.compile(r"Prices of 10:06:\d\d, 9 m old"))
    expect(aged).to_have_class("age old")


def test_a_position_that_is_opened_appears_in_the_allocation(
    desk: Desk, open_page: OpenPage
) -> None:
    page = open_page("/analytics")
    box = page.locator("#analytics-allocation")
    expect(box).to_have_text("Nothing is held now.")
    trade = builders.add_position(desk, "NVDA", prices=("100", "100", "1"))
    expect(allocated(page)).to_have_text(["NVDAlong$30,000.00100.0%"])
    builders.close(desk, trade, "0")
    expect(box).to_have_text("Nothing is held now.")


def test_what_is_held_is_asked_for_when_it_changes_and_its_values_once_a_minute(
    open_page: OpenPage,
) -> None:
    page = open_page("/analytics")
    expect(page.locator("#analytics-allocation")).to_have_text("Nothing is held now.")
    asked = page.evaluate(ASKED)
    assert asked == {"begin": True, "moved": False, "sold": True, "later": True, "still": False}


def test_sectors_of_nothing_say_that_nothing_is_held(open_page: OpenPage) -> None:
    page = open_page("/analytics?parts=by_sector")
    expect(page.locator("#analytics-allocation")).to_have_text("Nothing is held now.")


def share(symbol: str, value: int, sector: str | None) -> Share:
    more = {"value": builders.D(value), "part": value / 100, "priced_at": builders.NOW}
    return Share(symbol=symbol, side=Side.LONG, sector=sector, **more)  # type: ignore[arg-type]


def test_what_is_not_known_of_any_sector_comes_last() -> None:
    shares = [share("X", 60, None), share("AMD", 10, "Energy"), share("NVDA", 30, "Materials")]
    found = [(each.sector, each.part) for each in by_sector(shares)]
    assert found == [("Materials", 0.3), ("Energy", 0.1), (None, 0.6)]
