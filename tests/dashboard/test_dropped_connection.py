"""A page whose connection drops, while the desk goes on: it is told exactly what it missed."""

import json
import re
from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, WebSocket, expect

from dashboard import create_app
from dashboard.feed import news
from dashboard.queries.journal import facts_after
from engine.desk import Desk
from engine.journal import Kind
from engine.settings import Settings
from models.vocabulary import Severity
from tests.dashboard import builders
from tests.dashboard.conftest import SECRET, dropped, log_in, serving

OpenPage = Callable[..., Page]
KINDS: tuple[Kind, ...] = ("scan", "signal", "order", "fill", "trade", "alert")
PATIENCE = 20.0  # seconds
MISSED = 150  # more than a snapshot shows
CLOCK = """window.ahead = 0;
    const now = performance.now.bind(performance);
    performance.now = () => now() + window.ahead;"""
SLOW = """() => {
    window.WebSocket = class extends WebSocket {
        set onmessage(hear) { super.onmessage = (event) => setTimeout(() => hear(event), 1500); }
    };
}"""


class Overheard:
    """What is said on a page's connections from now on."""

    def __init__(self, page: Page) -> None:
        self.said: list[dict[str, Any]] = []
        self._page = page
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda said: self.said.append(json.loads(said)))

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.said if message["type"] == kind]

    def only(self, kind: str) -> dict[str, Any]:
        """Wait for a message, which may be overheard a moment after the page has shown it."""
        patience = monotonic() + PATIENCE
        while not self.of(kind) and monotonic() < patience:
            self._page.evaluate("() => new Promise(requestAnimationFrame)")
        [message] = self.of(kind)
        return message


def numbers_after(desk: Desk, seq: int) -> list[int]:
    with desk.db.read() as tx:
        return [fact.seq for fact in facts_after(tx, seq)]


def happen(desk: Desk) -> None:
    for number in range(MISSED):
        severity = Severity.DEBUG if number % 10 == 0 else Severity.INFO
        builders.add_fact(desk, KINDS[number % 6], f"missed {number}", severity=severity)


def seen_by(page: Page) -> int:
    seq: int = page.evaluate("desk.state.seq")
    return seq


def test_exactly_the_missed_events_arrive(desk: Desk, app: Flask, open_page: OpenPage) -> None:
    page = open_page()
    expect(page.locator("#live-activity")).to_contain_text("anna logged in")
    overheard, seen = Overheard(page), seen_by(page)
    with dropped(page, app):
        happen(desk)
    caught_up = overheard.only("catch_up")
    assert caught_up["from_seq"] == seen
    assert [event["data"]["seq"] for event in caught_up["events"]] == numbers_after(desk, seen)


def test_what_comes_next_follows_on_what_was_missed(
    desk: Desk, app: Flask, open_page: OpenPage
) -> None:
    page = open_page()
    expect(page.locator("#live-activity")).to_contain_text("anna logged in")
    with dropped(page, app):
        happen(desk)
    overheard = Overheard(page)
    builders.add_fact(desk, "fill", "after all")
    expect(page.locator("#live-activity li .text").first).to_have_text("after all")
    assert overheard.of("catch_up") == []
    shown = page.evaluate("desk.state.logs.map((fact) => fact.seq)")
    assert shown == [seq for seq in numbers_after(desk, 0) if seq in shown]


@pytest.mark.usefixtures("app")
def test_events_missed_across_a_restart_of_the_server_arrive(
    desk: Desk, browser_context: Callable[..., Any]
) -> None:
    page = browser_context().new_page()
    before, after = (create_app(Settings(feed_limit=4), desk, SECRET) for _ in range(2))
    with serving(before) as url:
        page.goto(f"{url}/login")
        log_in(page, "anna")
        expect(page.locator("#live-activity")).to_contain_text("anna logged in")
        overheard, seen = Overheard(page), seen_by(page)
        before.extensions["feed"].stop()
    happen(desk)
    with serving(after, int(url.rpartition(":")[2])):
        expect(page.locator("#live-activity li .text").first).to_have_text(f"missed {MISSED - 1}")
        caught_up = overheard.only("catch_up")
        page.close()
        after.extensions["feed"].stop()
    missed = [event["data"]["seq"] for event in caught_up["events"]]
    assert missed == numbers_after(desk, seen)


def test_a_page_for_which_there_is_no_place_says_so_until_there_is_one(
    app: Flask, open_page: OpenPage
) -> None:
    feed = app.extensions["feed"]
    for _ in range(feed.limit):
        assert feed.take_slot()
    page = open_page("/history")
    expect(page.locator("#shell-link")).to_contain_text("The feed already serves 4 connections")
    feed.free_slot()
    expect(page.locator(".part")).to_have_count(3)
    expect(page.locator("#shell-link")).to_be_hidden()


def test_an_act_without_a_connection_does_not_fail_in_silence(
    app: Flask, open_page: OpenPage
) -> None:
    page = open_page("/", "otto")
    expect(page.locator(".part").first).to_be_visible()
    with dropped(page, app):
        page.get_by_role("button", name="Kill switch").click()
        page.get_by_role("button", name="Halt trading").click()
        expect(page.locator(".toast-note.refused")).to_contain_text("The desk did not answer")
        expect(page.get_by_role("button", name="Halt trading")).to_be_visible()


def test_a_page_that_was_asked_for_without_a_connection_comes_with_it(
    app: Flask, open_page: OpenPage
) -> None:
    page = open_page("/")
    expect(page.locator(".part").first).to_be_visible()
    with dropped(page, app):
        page.get_by_role("link", name="Audit", exact=True).click()
        expect(page.locator(".toast-note.refused")).to_be_visible()
    expect(page.locator("main h1")).to_have_text("Audit")


def test_what_was_missed_is_told_in_one_note_the_newest_as_well(
    desk: Desk, app: Flask, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "MOST_CAUGHT_UP", 3)
    page = open_page("/history")
    expect(page.locator(".part").first).to_be_visible()
    with dropped(page, app):
        for number in range(7):
            builders.add_fact(desk, "trade", "AMD long 100 closed", trade_id=number // 2)
        builders.add_fact(desk, "job", "the scan failed", severity=Severity.ERROR)
        builders.add_fact(desk, "alert", "nothing is protected", severity=Severity.CRITICAL)
    note = page.locator(".toast-note p")
    expect(note).to_have_text([re.compile(r"While you were away \(10:1.*\): 2 errors, 4 trades\.")])
    note.get_by_role("link", name="2 errors").click()
    expect(page.locator("#logs-lines")).to_contain_text("nothing is protected")
    expect(page.locator("#logs-lines")).not_to_contain_text("AMD long")
    with dropped(page, app):
        builders.add_fact(desk, "fill", "nothing that anybody must know")
    expect(page.locator(".toast-note p")).to_have_count(1)


def test_a_page_that_knows_of_more_than_a_desk_from_a_backup_begins_anew(
    desk: Desk, app: Flask, open_page: OpenPage
) -> None:
    page = open_page()
    expect(page.locator("#live-activity")).to_contain_text("anna logged in")
    newest = seen_by(page)
    page.evaluate("desk.state.seq += 1000")
    with dropped(page, app):
        pass
    assert seen_by(page) == newest
    overheard = Overheard(page)
    with dropped(page, app):
        builders.add_fact(desk, "fill", "missed")
    assert overheard.only("catch_up")["from_seq"] == newest


def later(page: Page, milliseconds: int) -> None:
    page.evaluate("(later) => { window.ahead += later; }", milliseconds)


def test_a_connection_that_is_slow_to_speak_after_a_long_silence_is_kept(
    app: Flask, open_page: OpenPage
) -> None:
    page = open_page()
    page.add_init_script(CLOCK)
    page.reload()
    expect(page.locator(".part").first).to_be_visible()
    with dropped(page, app):
        later(page, 60_000)
        page.evaluate(SLOW)


def test_a_network_that_comes_back_leaves_one_connection(open_page: OpenPage) -> None:
    page = open_page()
    expect(page.locator(".part").first).to_be_visible()  # its own connection is none of these
    page.add_init_script(CLOCK)
    sockets: list[WebSocket] = []
    page.on("websocket", lambda socket: sockets.append(socket))  # noqa: PLW0108  # Playwright marks it
    page.reload()
    expect(page.locator(".part").first).to_be_visible()
    with page.expect_websocket() as begun:
        page.evaluate("() => { window.ahead += 5000; dispatchEvent(new Event('online')); }")
    begun.value.wait_for_event("framereceived")
    assert [socket.is_closed() for socket in sockets] == [True, False]


def test_the_desk_is_asked_nothing_in_the_background_while_it_is_away(
    app: Flask, open_page: OpenPage
) -> None:
    page = open_page("/bots")
    page.add_init_script(CLOCK)
    page.reload()
    expect(page.locator(".part").first).to_be_visible()
    asked: list[str] = []
    with dropped(page, app):
        page.on("request", lambda request: asked.append(request.url))
        for _ in range(3):
            later(page, 11_000)
            page.evaluate("() => new Promise((done) => setTimeout(done, 600))")
        assert [url for url in asked if "_dash-update-component" in url] == []
