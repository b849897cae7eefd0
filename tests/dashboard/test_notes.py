"""Notes in the corner: what belongs to one matter is told in one of them."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from engine.desk import Desk
from engine.journal import correlation
from models.vocabulary import Severity
from tests.dashboard import builders

OpenPage = Callable[..., Page]
MOST_LINES = 4


def throw(page: Page) -> None:
    page.get_by_role("button", name="Kill switch").click()
    page.get_by_label("Reason, for the journal").fill("news at ten")
    page.get_by_role("button", name="Halt trading").click()


def tell(desk: Desk, matter: str, *sentences: str, severity: Severity = Severity.WARNING) -> None:
    token = correlation.set(matter)
    for sentence in sentences:
        builders.add_fact(desk, "alert", sentence, severity=severity)
    correlation.reset(token)


def test_one_kill_is_one_note_to_whoever_threw_it_and_to_others(open_page: OpenPage) -> None:
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
    expect(page.locator(".toast-note.refused p").first).to_have_text("nothing is protected")
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
    expect(grave).to_have_text(["NVDA has no stop", "its entry was rejected"])
