"""What must hold for every page: on a phone, in both themes, under the strict policy."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboard.pages import PAGES
from engine.actions.permissions import Actor
from engine.actions.trading_settings import change_settings
from engine.desk import Desk
from models.vocabulary import Role, SettingsKind, Severity, SignalStatus
from tests.dashboard import builders
from tests.dashboard.bots_by_hand import CYCLE, Dipper

OpenPage = Callable[..., Page]
IN_NAVIGATION = [page for page in PAGES if page.is_in_navigation]
PHONE = {"viewport": {"width": 390, "height": 844}}


@pytest.fixture
def busy_desk(desk: Desk, tmp_path: Path) -> None:
    Dipper(desk, tmp_path).says(*CYCLE)
    risk = {"stop_distance": builders.D(1), "entry_level": builders.D("49.90"), "rvol": 2.5}
    builders.add_closed(desk, "AMD", "-12345.67", **risk)
    builders.add_position(desk)
    builders.add_range(desk, 1, "NVDA")
    builders.add_day(desk, date(2026, 11, 18), "1234567.89")
    builders.add_fact(desk, "alert", "without a stop " * 20, severity=Severity.CRITICAL)
    reason = "a long reason " * 12
    change = {"max_positions": 3}
    change_settings(desk, Actor("anna", Role.ADMIN), SettingsKind.RISK, change, reason)


@pytest.mark.usefixtures("busy_desk")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [page.path for page in IN_NAVIGATION] + ["/bots/1"])
def test_no_page_sticks_out_of_a_phone_or_complains(
    open_page: OpenPage, path: str, scheme: str
) -> None:
    page = open_page(path, color_scheme=scheme, **PHONE)
    expect(page.locator("main .panel").first).to_be_visible()
    expect(page.locator(".part").first).to_be_visible()  # the feed has spoken
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.trouble == []  # type: ignore[attr-defined]


@pytest.mark.usefixtures("busy_desk")
@pytest.mark.parametrize(
    ("path", "table", "column"),
    [
        ("/history", "history-trades", "pnl"),
        ("/signals", "signals-signals", "status"),
        ("/audit", "audit-rows", "action"),
    ],
)
def test_a_phone_shows_first_what_matters_most(
    desk: Desk, open_page: OpenPage, path: str, table: str, column: str
) -> None:
    builders.add_signal(desk, 1, "UBER", SignalStatus.REFUSED, code="size", sentence="No share.")
    page = open_page(path, **PHONE)
    cell = page.locator(f'#{table} .ag-cell[col-id="{column}"]').first
    expect(cell).to_be_attached()
    page.locator(f"#{table}").scroll_into_view_if_needed()
    expect(cell).to_be_in_viewport(ratio=1)


def test_the_navigation_leads_to_every_page(open_page: OpenPage) -> None:
    page = open_page()
    for wanted in IN_NAVIGATION:
        page.get_by_role("navigation").get_by_role("link", name=wanted.title, exact=True).click()
        expect(page).to_have_title(f"{wanted.title} · Bellwether")
        expect(page.locator("main .panel").first).to_be_visible()
    assert page.trouble == []  # type: ignore[attr-defined]
