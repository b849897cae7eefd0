"""Notes in the corner: what belongs to one matter is told in one of them."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from engine.desk import Desk
from engine.journal import correlation
from models.vocabulary import Severity
from tests.dashboard import builders

OpenPage = Callable[..., Page]
MOST_LINES = 4


IMPATIENT = """const later = window.setTimeout;
    window.setTimeout = (act, wait, ...more) => later(act, wait >= 5000 ? 100 : wait, ...more);"""


def throw(page: Page) -> None:
    page.get_by_role("button", name="Kill switch").click()
    page.get_by_label("Reason, for the journal").fill("news at ten")
    page.get_by_role("button", name="Halt trading").click()


def tell(desk: Desk, matter: str, *sentences: str, severity: Severity = Severity.WARNING) -> None:
    token = correlation.set(matter)
    for sentence in sentences:
        builders.add_fact(desk, "alert", sentence, severity=severity)
    correlation.reset(token)


def test_one_kill_is_one_note_to_whoever_threw_it_and_to_others(
    desk: Desk, open_page: OpenPage
) -> None:
    builders.lead(desk)
    pages = [open_page("/history", "otto"), open_page("/", "vera")]
    for page in pages:
        expect(page.locator(".part")).to_have_count(3)
    throw(pages[0])
    expect(pages[0].locator(".toast-note")).to_contain_text("The engine cancels the entries")
    for page in pages:
        expect(page.get_by_role("alert").filter(has_text="otto threw")).to_be_visible()
        expect(page.locator(".toast-note")).to_have_count(1)


def test_different_matters_have_notes_of_their_own(desk: Desk, open_page: OpenPage) -> None:
    page = open_page("/history")
    expect(page.locator(".part")).to_have_count(3)
    tell(desk, "job-1", "NVDA has no stop", "AMD has no stop")
    tell(desk, "job-2", "The feed is old")
    notes = page.locator(".toast-note")
    expect(notes).to_have_count(2)
    expect(notes.first.locator("p")).to_have_text(["NVDA has no stop", "AMD has no stop"])


def test_a_trade_is_told_as_neither_good_nor_bad(desk: Desk, open_page: OpenPage) -> None:
    page = open_page("/history")
    expect(page.locator(".part")).to_have_count(3)
    builders.add_fact(desk, "trade", "NVDA long 300 closed by stop, P&L \N{MINUS SIGN}$276.00")
    expect(page.locator(".toast-note.told")).to_contain_text("P&L \N{MINUS SIGN}$276.00")


def test_a_stop_that_the_broker_holds_up_is_told_on_every_page(
    desk: Desk, open_page: OpenPage
) -> None:
    page = open_page("/history")
    expect(page.locator(".part")).to_have_count(3)
    held_up = "kill running: The broker does not answer: it timed out. It goes on until it does."
    builders.add_fact(desk, "command", held_up, severity=Severity.WARNING)
    expect(page.locator(".toast-note.warning")).to_contain_text(held_up)


def test_a_line_of_the_log_is_no_note(desk: Desk, open_page: OpenPage) -> None:
    page = open_page("/history")
    expect(page.locator(".part")).to_have_count(3)
    builders.add_fact(desk, "log", "a request failed (3f2a91c0)", severity=Severity.ERROR)
    tell(desk, "job-1", "NVDA has no stop")
    expect(page.locator(".toast-note p")).to_have_text(["NVDA has no stop"])


def test_a_note_does_not_grow_over_the_page_and_becomes_graver(
    desk: Desk, open_page: OpenPage
) -> None:
    page = open_page("/history")
    expect(page.locator(".part")).to_have_count(3)
    tell(desk, "job-1", "nothing is protected", severity=Severity.CRITICAL)
    tell(desk, "job-1", *(f"order {number} was rejected" for number in range(12)))
    expect(page.locator(".toast-note p").last).to_have_text("order 11 was rejected")
    expect(page.locator(".toast-note.refused p").first).to_contain_text("nothing is protected")
    expect(page.locator(".toast-note p")).to_have_count(MOST_LINES)
    expect(page.locator(".toast-note")).to_have_attribute("role", "alert")


def test_many_notes_leave_the_grave_ones_whole(desk: Desk, open_page: OpenPage) -> None:
    page = open_page("/history")
    expect(page.locator(".part")).to_have_count(3)
    tell(desk, "job-1", "NVDA has no stop")
    tell(desk, "job-1", "its entry was rejected", severity=Severity.CRITICAL)
    for number in range(5):
        tell(desk, f"job-{2 + number}", f"the feed is old {number}")
    expect(page.locator(".toast-note p").last).to_have_text("the feed is old 4")
    grave = page.locator(".toast-note.refused p")
    expect(grave.first).to_have_text("NVDA has no stop")
    expect(grave.last).to_contain_text("its entry was rejected")
    expect(grave).to_have_count(2)


def test_what_is_critical_stays_until_somebody_dismisses_it(
    desk: Desk, open_page: OpenPage
) -> None:
    page = open_page("/")
    page.add_init_script(IMPATIENT)
    page.reload()
    expect(page.locator(".part")).to_have_count(3)
    tell(desk, "job-1", "nothing is protected", severity=Severity.EMERGENCY)
    expect(page.locator(".toast-note time")).to_have_text(re.compile(r"10:1\d:\d\d"))
    tell(desk, "job-2", "a page failed", severity=Severity.ERROR)
    expect(page.locator("#live-activity")).to_contain_text("a page failed")
    expect(page.locator(".toast-note").filter(has_text="a page failed")).to_have_count(0)
    expect(page.locator(".toast-note")).to_have_count(1)
    page.get_by_role("button", name="Dismiss").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".toast-note")).to_have_count(0)


def test_every_page_tells_of_alerts_that_nobody_has_acknowledged(
    desk: Desk, open_page: OpenPage
) -> None:
    page = open_page("/history", "otto")
    expect(page.locator(".part")).to_have_count(3)
    expect(page.locator("#shell-alerts")).to_be_hidden()
    tell(desk, "job-1", "NVDA has no stop", "AMD has no stop")
    mark = page.get_by_role("link", name="2 alerts")
    expect(mark).to_have_text("▲ 2 alerts")
    expect(page.locator('nav.pages a[href="/alerts"]')).to_have_attribute("data-open", "2")
    mark.click()
    expect(page.locator("#alerts-count")).to_have_text("2 not acknowledged")
    page.get_by_role("button", name="Acknowledge these 2").click()
    expect(page.locator("#shell-alerts")).to_be_hidden()
    expect(page.locator("nav.pages a[data-open]")).to_have_count(0)
