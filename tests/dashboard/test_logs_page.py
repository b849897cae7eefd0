"""The Logs page in a real browser."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from engine.desk import Desk
from engine.journal import KINDS, Kind, record
from models.vocabulary import Severity, SignalStatus
from tests.dashboard import builders
from tests.dashboard.conftest import dropped
from tests.dashboard.test_reach import logged_in

OpenPage = Callable[..., Page]


def lines(page: Page) -> Locator:
    return page.locator("#logs-lines .text")


@pytest.fixture
def long_log(desk: Desk) -> None:
    for number in range(250):
        builders.add_fact(desk, "scan", f"line {number}")


@pytest.mark.usefixtures("long_log")
def test_new_facts_appear_at_the_end_and_stay_in_view(desk: Desk, open_page: OpenPage) -> None:
    page = open_page("/logs")
    expect(lines(page).last).to_have_text("anna logged in")
    builders.add_fact(desk, "fill", "NVDA filled at 181.20")
    expect(page.get_by_text("NVDA filled at 181.20")).to_be_in_viewport()


@pytest.mark.usefixtures("long_log")
def test_a_reader_who_has_scrolled_up_is_left_in_peace(desk: Desk, open_page: OpenPage) -> None:
    page = open_page("/logs")
    expect(page.get_by_text("line 249", exact=True)).to_be_in_viewport()
    page.locator("#logs-lines").hover()
    page.mouse.wheel(0, -3_000)
    expect(page.get_by_text("line 249", exact=True)).not_to_be_in_viewport()
    builders.add_fact(desk, "fill", "NVDA filled at 181.20")
    page.get_by_role("button", name="1 new line").click()
    expect(page.get_by_text("NVDA filled at 181.20")).to_be_in_viewport()
    expect(page.locator("#logs-newer")).to_be_hidden()


@pytest.mark.usefixtures("long_log")
def test_older_lines_come_when_they_are_asked_for(open_page: OpenPage) -> None:
    page = open_page("/logs")
    expect(lines(page)).to_have_count(200)
    page.get_by_role("button", name="Older lines").click()
    expect(lines(page).first).to_have_text("line 0")
    expect(page.get_by_role("button", name="Older lines")).to_be_hidden()


def test_filters_hold_for_old_lines_and_for_new_ones(desk: Desk, open_page: OpenPage) -> None:
    builders.add_fact(desk, "alert", "AMD is naked", severity=Severity.WARNING)
    builders.add_fact(desk, "fill", "AMD filled")
    page = open_page("/logs")
    page.get_by_label("From severity").select_option("warning")
    expect(lines(page)).to_have_text(["AMD is naked"])
    builders.add_fact(desk, "fill", "NVDA filled")
    builders.add_fact(desk, "alert", "NVDA is naked", severity=Severity.CRITICAL)
    expect(lines(page)).to_have_text(["AMD is naked", "NVDA is naked"])


@pytest.mark.usefixtures("long_log")
def test_words_are_searched_in_everything_ever_written(desk: Desk, open_page: OpenPage) -> None:
    page = open_page("/logs")
    page.get_by_label("Search").fill("line 17")
    expect(lines(page)).to_have_text(["line 17", *(f"line 17{digit}" for digit in range(10))])
    builders.add_fact(desk, "scan", "line 179 again")
    expect(lines(page).last).to_have_text("line 179 again")


def test_a_search_that_finds_nothing_says_so(open_page: OpenPage) -> None:
    page = open_page("/logs?text=unicorn")
    expect(page.locator("#logs-empty")).to_contain_text("No line is like this.")
    expect(page.get_by_label("Search")).to_have_value("unicorn")


def test_a_line_leads_to_what_it_concerns(desk: Desk, open_page: OpenPage) -> None:
    trade = builders.add_position(desk, "NVDA")
    order = builders.order_of(desk, trade)
    builders.add_fact(desk, "order", "NVDA stop is working", scope=f"order:{order.id}")
    page = open_page("/logs")
    page.evaluate("window.isSame = true")
    page.get_by_role("link", name=f"order:{order.id}").click()
    expect(page.get_by_role("heading", name="NVDA")).to_be_visible()
    assert page.evaluate("window.isSame"), "a new page was loaded, and its feed begun anew"


def test_what_was_not_traded_leads_to_its_day(desk: Desk, app: Flask) -> None:
    old = builders.DAY - timedelta(days=7)
    signal = builders.add_signal(desk, 1, "BRK.B", SignalStatus.REFUSED, session=old)
    order = builders.entry_order(signal)
    builders.add(desk, order)
    client = logged_in(app, "viewer")
    place = f"/signals?symbol=BRK.B&first={old}&last={old}"
    for way in (f"/go/signal/{signal.id}", f"/go/order/{order.id}"):
        assert client.get(way).location == place
        assert client.get(way, headers={"Accept": "application/json"}).json == {"to": place}
    assert client.get("/go/signal/99", headers={"Accept": "application/json"}).status_code == 404


def test_lines_missed_while_the_connection_was_lost_are_there_again(
    desk: Desk, app: Flask, open_page: OpenPage
) -> None:
    page = open_page("/logs")
    expect(lines(page).last).to_have_text("anna logged in")
    with dropped(page, app):
        for number in range(90):
            builders.add_fact(desk, "scan", f"line {number}")
    expect(lines(page).last).to_have_text("line 89")
    expect(page.get_by_text("line 0", exact=True)).to_have_count(1)


@pytest.mark.usefixtures("long_log")
def test_an_outage_leaves_the_reader_at_the_line_that_is_read(
    desk: Desk, app: Flask, open_page: OpenPage
) -> None:
    page = open_page("/logs")
    box = page.locator("#logs-lines")
    expect(lines(page).last).to_be_in_viewport()
    box.evaluate("(node) => { node.scrollTop = 300; }")
    with dropped(page, app):
        for number in range(3):
            builders.add_fact(desk, "scan", f"missed {number}")
    newer = page.get_by_role("button", name="3 new lines")
    expect(newer).to_be_visible()
    assert box.evaluate("(node) => node.scrollTop") == 300
    newer.click()
    expect(lines(page).last).to_have_text("missed 2")


def test_a_line_is_text_never_markup(desk: Desk, open_page: OpenPage) -> None:
    builders.add_fact(desk, "scan", "<img src=x onerror=alert(1)>")
    page = open_page("/logs")
    expect(lines(page).first).to_have_text("<img src=x onerror=alert(1)>")
    assert page.trouble == []  # type: ignore[attr-defined]


PLACES: dict[tuple[Kind, str], str] = {  # every scope that the engine writes
    ("account", "DU1"): "/settings",
    ("acknowledgement", "anna"): "/alerts",
    ("alert", "NVDA entry"): "/alerts",
    ("alert", "account:DU1"): "/settings",
    ("alert", "broker:DU1"): "/",
    ("alert", "channel:mail"): "/settings",
    ("alert", "control:all"): "/",
    ("alert", "difference:5"): "/reconciliation",
    ("alert", "engine"): "/alerts",
    ("alert", "job:scan"): "/logs?severity=debug&text=job%3Ascan",
    ("alert", "session:DU1:2026-11-19"): "/history?first=2026-11-19&last=2026-11-19",
    ("alert", "trade:3"): "/positions/3",
    ("bot", "bot:4"): "/bots/4",
    ("channel", "mail"): "/settings",
    ("command", "command:7"): "/logs?severity=debug&text=command%3A7",
    ("control", "daily_loss"): "/",
    ("data", "session:2026-11-19"): "/scanner",
    ("day", "session:2026-11-19"): "/history?first=2026-11-19&last=2026-11-19",
    ("engine", "DU1"): "/",
    ("fill", "order:8"): "/go/order/8",
    ("flat", "session:DU1:"): "/history",
    ("job", "job:follow_orders"): "/logs?severity=debug&text=job%3Afollow_orders",
    ("keys", "key:robot"): "/settings",
    ("log", "logger:engine.runner"): "/logs?severity=debug&text=logger%3Aengine.runner",
    ("login", "login:0a1b"): "/audit",
    ("login_failed", "login:0a1b"): "/audit",
    ("order", "order:8"): "/go/order/8",
    ("people", "user:bert"): "/settings",
    ("reconciliation", "NVDA"): "/reconciliation",
    ("scan", "session:2026-11-19"): "/signals?first=2026-11-19&last=2026-11-19",
    ("settings", "risk"): "/settings",
    ("signal", "signal:9"): "/go/signal/9",
    ("simulation", "simulated"): "/",
    ("trade", "trade:3"): "/positions/3",
}


def test_every_kind_has_a_line_in_these_tests() -> None:
    assert {kind for kind, _ in PLACES} == set(KINDS)


def test_every_line_leads_to_what_it_concerns(desk: Desk, open_page: OpenPage) -> None:
    for (kind, scope), place in PLACES.items():
        builders.add_fact(desk, kind, f"leads to {place}", scope=scope)
    page = open_page("/logs?text=leads")
    expect(lines(page)).to_have_count(len(PLACES))
    links = page.locator("#logs-lines a")
    assert links.evaluate_all("all => all.map(a => a.getAttribute('href'))") == [*PLACES.values()]


def test_a_reader_is_not_led_to_a_page_that_his_role_does_not_show(
    desk: Desk, open_page: OpenPage
) -> None:
    builders.add_fact(desk, "login_failed", "guessed", scope="login:0a1b")
    page = open_page("/logs?text=guessed", name="vera")
    expected = "/logs?severity=debug&text=login%3A0a1b"
    expect(page.get_by_role("link", name="login", exact=True)).to_have_attribute("href", expected)


def test_a_phone_shows_what_a_line_concerns(desk: Desk, open_page: OpenPage) -> None:
    builders.add_fact(desk, "settings", "changed", scope="risk")
    page = open_page("/logs", viewport={"width": 390, "height": 844})
    expect(page.get_by_role("link", name="risk")).to_be_visible()


def test_a_phone_says_how_grave_a_line_is(desk: Desk, open_page: OpenPage) -> None:
    builders.add_fact(desk, "order", "sent in time")
    builders.add_fact(desk, "order", "sent late", severity=Severity.WARNING)
    page = open_page("/logs?text=sent", viewport={"width": 390, "height": 844})
    expect(page.locator("#logs-lines .warning .severity")).to_be_visible()
    expect(page.locator("#logs-lines .info .severity")).to_be_hidden()


def test_all_lines_are_of_one_height(desk: Desk, open_page: OpenPage) -> None:
    builders.add_fact(desk, "order", "with a link", scope="order:8")
    builders.add_fact(desk, "order", "with none")
    page = open_page("/logs?text=with")
    expect(lines(page)).to_have_count(2)
    heights = page.locator("#logs-lines li:not(.date)").evaluate_all(
        "all => all.map(line => Math.round(line.getBoundingClientRect().height))"
    )
    assert len(set(heights)) == 1


@pytest.fixture
def full_page(desk: Desk, open_page: OpenPage) -> Page:
    """The page with as many lines as it holds, and older ones to come."""
    with desk.db.write() as tx:
        for number in range(1_150):
            record(tx, desk.clock.now(), "scan", "", text=f"line {number}")
    page = open_page("/logs")
    for count in (200, 400, 600, 800):
        expect(lines(page)).to_have_count(count)
        page.get_by_role("button", name="Older lines").click()
    expect(lines(page)).to_have_count(1_000)
    return page


def test_older_lines_come_though_the_page_is_full(full_page: Page) -> None:
    full_page.get_by_role("button", name="Older lines").click()
    expect(lines(full_page).first).to_have_text("line 0")
    expect(lines(full_page)).to_have_count(1_000)
    expect(full_page.get_by_role("button", name="new lines")).to_be_visible()


def test_the_newest_lines_come_back_at_the_end(full_page: Page) -> None:
    full_page.get_by_role("button", name="Older lines").click()
    full_page.get_by_role("button", name="new lines").click()
    expect(full_page.get_by_text("anna logged in")).to_be_in_viewport()
    expect(lines(full_page)).to_have_count(1_000)
    expect(full_page.get_by_role("button", name="Older lines")).to_be_visible()


def test_new_facts_do_not_move_what_is_read_on_a_full_page(desk: Desk, full_page: Page) -> None:
    read = full_page.get_by_text("line 400", exact=True)
    read.scroll_into_view_if_needed()
    before = read.bounding_box()
    for number in range(5):
        builders.add_fact(desk, "fill", f"NVDA filled {number}")
    expect(full_page.get_by_role("button", name="5 new lines")).to_be_visible()
    assert read.bounding_box() == before


def test_a_reader_who_scrolls_to_the_end_reads_on_where_he_was(full_page: Page) -> None:
    full_page.get_by_role("button", name="Older lines").click()
    expect(lines(full_page).first).to_have_text("line 0")
    full_page.locator("#logs-lines").evaluate("box => { box.scrollTop = box.scrollHeight; }")
    expect(lines(full_page).last).to_have_text("anna logged in")
    expect(full_page.get_by_text("line 999", exact=True)).to_be_in_viewport()


# ------------------------------------------------------------------------------ the keyboard
@pytest.fixture
def linked(desk: Desk, open_page: OpenPage) -> Page:
    """The page with more lines than it shows, each with a link."""
    with desk.db.write() as tx:
        for number in range(250):
            record(tx, desk.clock.now(), "order", f"order:{number}", text=f"line {number}")
    page = open_page("/logs?text=line")
    expect(lines(page)).to_have_count(200)
    return page


def link(page: Page, number: int) -> Locator:
    return page.get_by_role("link", name=f"order:{number}", exact=True)


@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
def test_all_lines_are_one_stop_of_the_tab_key_in_either_direction(linked: Page, key: str) -> None:
    text = linked.get_by_label("Search")
    text.focus()
    stops = []
    for _ in range(60):
        linked.keyboard.press(key)
        stops += linked.locator("#logs-lines :focus, #logs-lines:focus").all_inner_texts()
        if text.evaluate("field => field === document.activeElement"):
            break
    assert stops == ["order:249"]


@pytest.fixture
def walking(linked: Page) -> Page:
    """Somebody has come to the newest line by the keyboard."""
    linked.get_by_label("Search").focus()
    linked.keyboard.press("Tab")
    expect(link(linked, 249)).to_be_focused()
    return linked


def test_arrows_move_from_line_to_line_and_the_way_back_leads_to_the_same(walking: Page) -> None:
    for key, number in (("ArrowUp", 248), ("ArrowUp", 247), ("Home", 50), ("ArrowDown", 51)):
        walking.keyboard.press(key)
        expect(link(walking, number)).to_be_focused()
        expect(link(walking, number)).to_be_in_viewport()
    walking.keyboard.press("Shift+Tab")
    walking.keyboard.press("Tab")
    expect(link(walking, 51)).to_be_focused()
    walking.keyboard.press("End")
    expect(link(walking, 249)).to_be_focused()
    walking.keyboard.press("ArrowDown")
    expect(link(walking, 249)).to_be_focused()
    assert walking.trouble == []  # type: ignore[attr-defined]


def test_enter_follows_the_link_of_a_line(desk: Desk, open_page: OpenPage) -> None:
    trade = builders.add_position(desk, "NVDA")
    builders.add_fact(desk, "trade", "a line to follow", scope=f"trade:{trade.id}")
    page = open_page("/logs?text=follow")
    expect(lines(page)).to_have_count(1)
    page.get_by_label("Search").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="NVDA")).to_be_visible()


def test_the_tail_streams_on_and_leaves_the_focus_on_its_line(desk: Desk, walking: Page) -> None:
    for number in range(250, 253):
        builders.add_fact(desk, "order", f"line {number}", scope=f"order:{number}")
    expect(link(walking, 252)).to_be_in_viewport()
    expect(link(walking, 249)).to_be_focused()
    with desk.db.write() as tx:  # more than the page shows: the line would be carried off
        for number in range(253, 320):
            record(tx, desk.clock.now(), "order", f"order:{number}", text=f"line {number}")
    expect(link(walking, 319)).to_have_count(1)
    expect(link(walking, 249)).to_be_focused()
    expect(link(walking, 249)).to_be_in_viewport()
    walking.keyboard.press("End")
    expect(link(walking, 319)).to_be_focused()


def test_older_lines_leave_the_focus_on_its_line(walking: Page) -> None:
    walking.keyboard.press("Home")
    expect(link(walking, 50)).to_be_focused()
    walking.locator("#logs-older").evaluate("button => button.click()")
    expect(lines(walking).first).to_have_text("line 0")
    expect(link(walking, 50)).to_be_focused()
    expect(link(walking, 50)).to_be_in_viewport()
    walking.keyboard.press("ArrowUp")
    expect(link(walking, 49)).to_be_focused()


def test_lines_that_come_take_no_focus_from_elsewhere(desk: Desk, walking: Page) -> None:
    walking.keyboard.press("Shift+Tab")
    builders.add_fact(desk, "order", "line 250", scope="order:250")
    expect(link(walking, 250)).to_be_in_viewport()
    expect(walking.get_by_label("Search")).to_be_focused()


def test_a_click_among_the_lines_moves_no_focus_to_a_link(linked: Page) -> None:
    linked.get_by_text("line 240", exact=True).click()
    expect(linked.locator("#logs-lines a:focus")).to_have_count(0)


def test_lines_without_links_are_a_stop_so_that_they_can_be_scrolled(
    desk: Desk, open_page: OpenPage
) -> None:
    builders.add_fact(desk, "order", "with none")
    page = open_page("/logs?text=none")
    expect(lines(page)).to_have_count(1)
    page.get_by_label("Search").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#logs-lines")).to_be_focused()
