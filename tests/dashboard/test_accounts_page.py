"""The Accounts of the Settings page, in a real browser, at a desk that is really served."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from dashboard import create_app
from engine.alpaca_account import AlpacaAccounts
from engine.lease import traded_account
from engine.settings import Settings
from models.database import Database
from models.vocabulary import TradingMode
from tests.alpaca.serving_two import two_served
from tests.dashboard import builders, desks
from tests.dashboard.conftest import SECRET, log_in, watch
from tests.dashboard.conftest import serving as serving_app
from tests.engine.cli.serving import PASSWORD, Served, serving

SLOW = 60_000  # ms; a process ends and another begins
LIVE_WORDS = "switch to live ira PA1OTHERTEST"
PHONE = {"width": 390, "height": 844}
Visit = Callable[..., Page]


@pytest.fixture
def served(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Served]:
    """A desk of two accounts under gunicorn; the parameter is more of its environment."""
    more = getattr(request, "param", {})
    with two_served(tmp_path, **more) as two, serving(tmp_path, **two.settings) as desk:
        yield desk


@pytest.fixture
def visit(served: Served, browser_context: Callable[..., BrowserContext]) -> Visit:
    """Opens the Settings page as the admin."""

    def visit(**options: object) -> Page:
        page = browser_context(**options).new_page()
        url = f"http://127.0.0.1:{served.port}"
        watch(page, url)
        page.goto(f"{url}/login?next=/settings")
        page.get_by_label("Name").fill("admin")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.locator("#accounts-list")).to_contain_text("PA1OTHERTEST", timeout=SLOW)
        return page

    return visit


def to_the_second_step(page: Page) -> None:
    page.get_by_role("button", name="Trade another account…").click()
    page.locator("#propose-account-reason").fill("a better account")
    page.get_by_role("button", name="Show what will change").click()
    expect(page.locator("#accounts-facts")).to_contain_text("Thenira")


def confirm(page: Page, password: str = PASSWORD) -> None:
    expect(page.locator(".modal.show :focus")).to_be_visible()  # or the box is still being opened
    field = page.locator("#confirm-account-password")
    field.fill(password)
    expect(field).to_have_value(password)
    page.get_by_role("button", name="Switch", exact=True).click()


def traded(desk: Served) -> str:
    db = Database(f"sqlite:///{desk.folder / 'desk.db'}")
    found = traded_account(db)
    db.close()
    return found


def test_another_account_is_traded_after_two_steps_and_every_page_says_so(
    served: Served, visit: Visit
) -> None:
    page = visit()
    expect(page.locator(".account-mark")).to_have_text("PA0LOCALTEST")
    to_the_second_step(page)
    assert traded(served) == ""
    confirm(page)
    expect(page.locator(".account-mark")).to_have_text("ira · PA1OTHERTEST", timeout=SLOW)
    expect(page.locator("#accounts-asked")).to_contain_text("is traded from now on", timeout=SLOW)
    expect(page.get_by_role("row", name="ira")).to_contain_text("traded")
    assert traded(served) == "ira"
    page.get_by_role("link", name="History", exact=True).click()
    expect(page.locator(".account-mark")).to_have_text("ira · PA1OTHERTEST")


def test_a_wrong_password_switches_nothing(served: Served, visit: Visit) -> None:
    page = visit()
    to_the_second_step(page)
    expect(page.get_by_label("Type the words above")).to_be_hidden()
    confirm(page, "a wrong password")
    expect(page.locator("#toasts")).to_contain_text("That password is not yours")
    assert traded(served) == ""
    assert vars(page)["trouble"] == []


@pytest.mark.parametrize("served", [{"ALPACA_PAPER_IRA": "false"}], indirect=True)
def test_a_live_account_takes_the_words_and_is_unmistakable_even_on_a_phone(
    served: Served, visit: Visit
) -> None:
    page = visit(viewport=PHONE)
    to_the_second_step(page)
    expect(page.locator("#accounts-facts")).to_contain_text("REAL MONEY")
    confirm(page)
    expect(page.locator("#toasts")).to_contain_text(f"type exactly: {LIVE_WORDS}")
    assert traded(served) == ""
    page.get_by_label("Type the words above").fill(LIVE_WORDS)
    confirm(page)
    expect(page.locator(".mode-mark")).to_have_text("Live", timeout=SLOW)
    expect(page.locator(".account-mark")).to_have_text("ira · PA1OTHERTEST")
    expect(page.locator("#live-switch-state")).to_contain_text("nobody confirmed")
    assert traded(served) == "ira"
    assert overlapping(page) == []


def test_a_simulated_desk_has_one_account(open_page: Visit) -> None:
    page = open_page("/settings")
    expect(page.locator("#accounts-list")).to_contain_text("it has one account")
    expect(page.locator(".account-mark")).to_have_text("")
    expect(page.get_by_role("button", name="Trade another account…")).to_be_hidden()


def test_the_longest_name_overlaps_nothing_on_a_phone(
    tmp_path: Path, browser_context: Callable[..., BrowserContext]
) -> None:
    made = desks.make_desk(f"sqlite:///{tmp_path / 'desk.db'}", TradingMode.LIVE)
    made = replace(made, account="retirement_joint")
    builders.add_account(made, made.account, TradingMode.LIVE, "PA3ABCDEFGHI")
    app = create_app(Settings(), made, SECRET)
    with serving_app(app) as url:
        page = browser_context(viewport=PHONE).new_page()
        page.goto(url)
        log_in(page, "anna")
        expect(page.locator(".account-mark")).to_contain_text("retirement_joint")
        expect(page.locator(".part")).to_have_count(3)
        assert overlapping(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        page.goto(f"{url}/me")
        expect(page.locator(".mode-mark")).to_have_text("live")
        expect(page.locator(".account-mark")).to_contain_text("retirement_joint")
        page.close()
        app.extensions["feed"].stop()


def overlapping(page: Page) -> list[str]:
    """Return the parts of the header whose boxes share a place, or that are not on the screen."""
    found: list[str] = page.evaluate(
        """() => {
            const all = "header.top > *, .account-mark, .mode-mark";
            const shown = [...document.querySelectorAll(all)]
                .filter((n) => n.checkVisibility() && n.textContent);
            const boxes = shown.map((n) => [n, n.getBoundingClientRect()]);
            const apart = (a, b) => a.right <= b.left + 1 || b.right <= a.left + 1
                || a.bottom <= b.top + 1 || b.bottom <= a.top + 1;
            return boxes.flatMap(([n, a], i) => boxes.slice(i + 1)
                .filter(([m, b]) => !n.contains(m) && !m.contains(n) && !apart(a, b))
                .map(([m]) => n.textContent + " / " + m.textContent));
        }"""
    )
    return found


def test_an_account_that_is_seen_later_appears(
    tmp_path: Path, browser_context: Callable[..., BrowserContext]
) -> None:
    made = desks.make_desk(f"sqlite:///{tmp_path / 'desk.db'}", TradingMode.PAPER)
    made = replace(made, accounts=AlpacaAccounts(Settings(), made.clock))
    builders.add_account(made, made.account, TradingMode.PAPER, "PA3ABCDEFGHI")
    app = create_app(Settings(), made, SECRET)
    with serving_app(app) as url:
        page = browser_context().new_page()
        page.goto(f"{url}/login?next=/settings")
        log_in(page, "anna")
        known = page.locator("#accounts-list")
        expect(known).to_contain_text("PA3ABCDEFGHI")
        builders.add_account(made, "ira", TradingMode.PAPER, "PA1OTHERTEST")
        expect(known).to_contain_text("PA1OTHERTEST", timeout=SLOW)
    app.extensions["feed"].stop()
    made.db.close()
