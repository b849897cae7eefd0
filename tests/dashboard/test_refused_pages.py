"""Pages that the desk refuses at the moment: what is there stays, and goes on working."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from engine.actions import control
from engine.actions.permissions import SYSTEM
from engine.desk import Desk
from models.control import TradingState
from models.vocabulary import Control, ControlScope
from tests.dashboard import builders
from tests.dashboard.test_commands import commands

OpenPage = Callable[..., Page]
QUESTIONS = "**/_dash-update-component*"


def refuse(route: Route) -> None:
    asks_page = "shell-page.children" in (route.request.post_data or "")
    if asks_page:
        route.fulfill(status=503, body="")
    else:
        route.continue_()


@pytest.fixture
def two_trades(desk: Desk) -> None:
    builders.add_closed(desk, "AMD", "-12.50")
    builders.add_closed(desk, "NVDA", "300")


@pytest.mark.usefixtures("two_trades")
def test_the_page_that_is_there_keeps_its_address_and_its_filters(open_page: OpenPage) -> None:
    page = open_page("/positions")
    symbols = page.locator('#positions-grid .ag-row [col-id="symbol"]')
    expect(symbols).to_have_count(2)
    page.route(QUESTIONS, refuse)
    history = page.get_by_role("navigation").get_by_role("link", name="History")
    history.click()
    expect(page.locator(".toast-note.refused")).to_contain_text("The desk did not answer")
    expect(page).to_have_url(re.compile("/positions$"))
    page.get_by_label("Symbol").fill("AMD")
    expect(symbols).to_have_text(["AMD"])
    page.unroute(QUESTIONS)
    history.click()
    expect(page.locator("main h1")).to_have_text("History")


@pytest.mark.usefixtures("two_trades")
def test_a_refusal_of_a_page_that_was_left_is_of_no_interest(open_page: OpenPage) -> None:
    page = open_page("/positions")
    expect(page.locator("#positions-grid .ag-row").first).to_be_visible()
    held: list[Route] = []

    def hold(route: Route) -> None:
        if '"/history"' in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route(QUESTIONS, hold)
    for name in ("History", "Logs"):
        page.get_by_role("navigation").get_by_role("link", name=name).click()
    expect(page.locator("main h1")).to_have_text("Logs")
    held[0].fulfill(status=503, body="")
    expect(page.locator(".toast-note.refused")).to_be_visible()
    expect(page).to_have_url(re.compile("/logs$"))


def test_a_page_that_cannot_be_read_says_so(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page("/logs")
    expect(page.locator("main h1")).to_have_text("Logs")

    def broken(*_args: object) -> int:
        raise OSError("the disk is gone")

    monkeypatch.setattr("dashboard.pages.audit.newest_audited", broken)
    page.get_by_role("navigation").get_by_role("link", name="Audit").click()
    expect(page.locator("#shell-page")).to_contain_text("This page could not be read.")
    expect(page.locator(".toast-note.refused")).to_contain_text("the log has the details")


def test_a_page_for_others_says_so_in_a_panel_and_leads_away(open_page: OpenPage) -> None:
    page = open_page("/audit", "vera")
    panel = page.get_by_role("region", name="Not for your role")
    expect(panel).to_contain_text("Your role, viewer, does not show this page.")
    panel.get_by_role("link", name="To the Live page").click()
    expect(page.locator("main h1")).to_have_text("Live")


def test_nothing_is_resumed_by_a_command_that_came_to_nothing(
    desk: Desk, open_page: OpenPage
) -> None:
    control.pause(desk, SYSTEM, ControlScope.ENTRY, "news at ten")
    page = open_page("/logs")
    commands(page)
    page.route(QUESTIONS, refuse)
    page.keyboard.type("resume")
    page.keyboard.press("Enter")
    expect(page.locator(".toast-note.refused")).to_be_visible()
    page.unroute(QUESTIONS)
    for name in ("Signals", "Live"):
        page.get_by_role("navigation").get_by_role("link", name=name).click()
        expect(page.locator("main h1")).to_have_text(name)
    expect(page.locator("#live-scope-entry")).to_contain_text("paused by")
    expect(page.get_by_role("button", name="Resume").first).to_be_visible()
    page.evaluate("() => new Promise((done) => setTimeout(done, 300))")
    with desk.db.read() as tx:
        assert tx.get_one(TradingState, ControlScope.ENTRY).state == Control.PAUSED


def test_entries_are_resumed_from_another_page(desk: Desk, open_page: OpenPage) -> None:
    control.pause(desk, SYSTEM, ControlScope.ENTRY, "news at ten")
    page = open_page("/logs")
    commands(page)
    page.keyboard.type("resume")
    page.keyboard.press("Enter")
    expect(page.locator("#live-scope-entry")).to_have_text("active")
