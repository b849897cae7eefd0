"""The Settings page in a real browser."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from dashboard.pages.settings.alert_fields import field_ids as rule_field_ids
from dashboard.pages.settings.alert_fields import shown as shown_rules
from dashboard.pages.settings.fields import field_ids, read, shown
from dashboard.pages.settings.review import diff_table
from dashboard.queries.settings import differences
from engine.actions.permissions import Actor
from engine.actions.trading_settings import (
    change_settings,
    problems,
    roll_back,
    settings_in_force,
)
from engine.desk import Desk
from engine.errors import ConfigurationError, NotPermittedError
from engine.rules.settings_risk import risk_rises
from models.alert_settings import AlertSettings
from models.journal import AuditRow
from models.people import SettingsVersion
from models.trading_settings import RiskBasis, RiskSettings
from models.vocabulary import Outcome, Role, SettingsKind
from tests.dashboard import builders
from tests.dashboard.test_reach import forged, logged_in, name_of, server_callbacks

OpenPage = Callable[..., Page]
ANNA = Actor("anna", Role.ADMIN)


def risk_panel(page: Page) -> Locator:
    return page.get_by_role("region", name="Risk", exact=True)


def change(page: Page, label: str, value: str) -> None:
    field = risk_panel(page).get_by_role("textbox", name=label)
    expect(field).not_to_have_value("")
    field.fill(value)
    risk_panel(page).get_by_role("button", name="Review changes").click()


def risk(desk: Desk) -> RiskSettings:
    with desk.db.read() as tx:
        return settings_in_force(tx).risk


def test_a_change_is_shown_before_it_is_made_and_then_in_force(
    desk: Desk, open_page: OpenPage
) -> None:
    page = open_page("/settings")
    change(page, "Most positions", "3")
    expect(page.locator("#settings-risk-diff")).to_contain_text("Most positions53")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#settings-risk-version")).to_have_text("version 1")
    expect(page.locator("#versions-risk-list")).to_contain_text("Most positions: 5 → 3")
    assert risk(desk).max_positions == 3


def test_raising_the_risk_needs_a_reason(desk: Desk, open_page: OpenPage) -> None:
    page = open_page("/settings")
    change(page, "Risk per trade, %", "2")
    expect(page.locator("#settings-risk-diff")).to_contain_text("more risk")
    page.get_by_role("button", name="Save").click()
    refusal = page.locator("#settings-risk-refusal")
    expect(refusal).to_have_text("Raising the risk needs a reason, which the journal keeps.")
    expect(page.locator(".toast-note")).to_have_count(0)
    assert risk(desk).risk_per_trade == Decimal("0.01")
    page.locator("#settings-risk-reason").fill("tested for a month")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#versions-risk-list")).to_contain_text("tested for a month")
    assert risk(desk).risk_per_trade == Decimal("0.02")


def test_parts_are_shown_and_given_in_percent_and_told_in_dollars(
    desk: Desk, open_page: OpenPage
) -> None:
    builders.set_account(desk, "50000")
    page = open_page("/settings")
    expect(risk_panel(page).get_by_label("Risk per trade, %")).to_have_value("1")
    expect(risk_panel(page).get_by_label("Daily loss limit, %")).to_have_value("5")
    expect(page.get_by_label("Stop distance (part of ATR), %")).to_have_value("10")
    change(page, "Risk per trade, %", "2.5 %")
    diff = page.locator("#settings-risk-diff")
    expect(diff).to_contain_text("1 %$500.002.5 %$1,250.00")
    expect(diff).to_contain_text("at today's equity of $50,000.00")
    expect(diff.get_by_text("more risk")).to_be_in_viewport(ratio=1)
    expect(diff).to_contain_text("specified for a risk of 1 % to 2 %")


def test_the_same_percentage_is_no_change(open_page: OpenPage) -> None:
    page = open_page("/settings")
    change(page, "Risk per trade, %", "1")
    expect(page.locator("#settings-risk-problems")).to_have_text("Nothing was changed.")


@pytest.mark.parametrize("typed", ["0", "101", "NaN", "much", "1e999", ""])
def test_a_percentage_out_of_bounds_is_told_in_percent(typed: str) -> None:
    values = dict(zip(field_ids(SettingsKind.RISK), shown(RiskSettings()), strict=True))
    values["settings-risk-risk_per_trade"] = typed
    wanted = read(SettingsKind.RISK, list(values.values()))
    [sentence] = problems(SettingsKind.RISK, wanted, in_percent=True)
    assert sentence.startswith("Risk per trade must be ")
    assert sentence.endswith("more than 0 % and at most 100 %.")


def test_without_an_equity_a_change_is_told_without_dollars() -> None:
    before = RiskSettings().model_dump(mode="json")
    table = str(diff_table(SettingsKind.RISK, before, {**before, "risk_per_trade": "0.02"}))
    assert "2 %" in table
    assert "$" not in table


def test_the_slot_basis_risks_a_share_of_the_percentage() -> None:
    before = {**RiskSettings().model_dump(mode="json"), "risk_basis": "slot"}
    after = {**before, "risk_per_trade": "0.03"}
    table = str(diff_table(SettingsKind.RISK, before, after, Decimal(50000)))
    assert "['1 %', Div('$100.00')]" in table
    assert "['3 %', Div('$300.00')]" in table


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("0", "Most positions must be between 1 and 200."),
        ("many", "Most positions must be a whole number between 1 and 200."),
    ],
)
def test_a_value_out_of_bounds_is_named_and_not_stored(
    desk: Desk, open_page: OpenPage, value: str, sentence: str
) -> None:
    page = open_page("/settings")
    change(page, "Most positions", value)
    expect(page.locator("#settings-risk-problems")).to_contain_text(sentence)
    assert risk(desk) == RiskSettings()


class Form:
    """What a browser sends that asked no review, as by a hand-made request."""

    def __init__(self, app: Flask, kind: SettingsKind) -> None:
        self._client = logged_in(app, "admin")
        self._spec = next(
            spec
            for spec in server_callbacks(app)
            if name_of(spec) == f"settings-{kind}-stored.data"
        )

    def save(self, **said: object) -> str:
        """Send the fields' values by the ends of their ids; return what the answer shows."""
        body = forged(self._spec)
        for each in body["state"]:  # type: ignore[attr-defined]
            if each["id"].endswith("-version"):
                each["value"] = "the defaults"
            found = [value for name, value in said.items() if each["id"].endswith(name)]
            each["value"] = found[0] if found else each["value"]
        return self._client.post("/_dash-update-component", json=body).text


@pytest.mark.parametrize(
    ("kind", "field", "value", "sentence"),
    [
        (
            *(SettingsKind.RISK, "risk_per_trade", "500"),
            "Risk per trade must be more than 0 % and at most 100 % (0.01 is 1 %)",
        ),
        (
            *(SettingsKind.ALERTS, "not_flat-warning_throttle", "-5"),
            "Not flat: seconds between warnings about the same must be between 0 and 86,400",
        ),
    ],
)
def test_a_value_out_of_bounds_that_no_review_has_seen_is_refused_and_audited(
    desk: Desk, app: Flask, kind: SettingsKind, field: str, value: str, sentence: str
) -> None:
    fields = field_ids(kind) if kind is SettingsKind.RISK else rule_field_ids()
    values = shown(RiskSettings()) if kind is SettingsKind.RISK else shown_rules(AlertSettings())
    answer = Form(app, kind).save(**{field: value, **dict(zip(fields, values, strict=True))})
    assert sentence in answer
    with desk.db.read() as tx:
        row = tx.scalars(select(AuditRow).where(AuditRow.action == "change_settings")).one()
    assert (row.outcome, row.target) == (Outcome.REFUSED, kind)
    assert sentence in (row.sentence or "")


@pytest.fixture
def outgrown(desk: Desk) -> None:
    """A version of yesterday, when there was no bound, under one of today."""
    with desk.db.write() as tx:
        for number, count in ((1, 500), (2, 4)):
            tx.add(
                SettingsVersion(
                    kind=SettingsKind.RISK,
                    version=number,
                    body={**RiskSettings().model_dump(mode="json"), "max_positions": count},
                    actor="anna",
                    reason="a test",
                    created_at=desk.clock.now(),
                )
            )


@pytest.mark.usefixtures("outgrown")
def test_a_version_that_is_out_of_todays_bounds_is_shown_and_stays_away(
    desk: Desk, open_page: OpenPage
) -> None:
    page = open_page("/settings")
    expect(page.locator("#versions-risk-list")).to_contain_text("Most positions: 500 → 4")
    page.locator("#versions-risk-open").click()
    sentence = "Most positions must be between 1 and 200."
    expect(page.locator("#versions-risk-diff")).to_have_text(sentence)
    page.locator("#rollback-risk-reason").fill("it was better")
    page.locator("#rollback-risk-confirm").click()
    expect(page.locator("#toasts")).to_contain_text(sentence)
    assert risk(desk).max_positions == 4


def test_an_older_version_comes_back_into_force(desk: Desk, open_page: OpenPage) -> None:
    for count in (3, 2):
        change_settings(desk, ANNA, SettingsKind.RISK, {"max_positions": count}, "less")
    page = open_page("/settings")
    expect(page.locator("#settings-risk-version")).to_have_text("version 2")
    page.locator("#versions-risk-open").click()
    expect(page.locator("#versions-risk-diff")).to_contain_text("Most positions23")
    page.locator("#rollback-risk-reason").fill("it was better")
    page.locator("#rollback-risk-confirm").click()
    expect(page.locator("#settings-risk-version")).to_have_text("version 3")
    assert risk(desk).max_positions == 3
    assert page.trouble == []  # type: ignore[attr-defined]


def test_going_back_to_more_risk_says_at_the_field_that_it_needs_a_reason(
    desk: Desk, open_page: OpenPage
) -> None:
    change_settings(desk, ANNA, SettingsKind.RISK, {"max_positions": 3}, "less")
    page = open_page("/settings")
    page.locator("#versions-risk-open").click()
    page.locator("#rollback-risk-confirm").click()
    refusal = page.locator("#rollback-risk-refusal")
    expect(refusal).to_have_text("Raising the risk needs a reason, which the journal keeps.")
    assert risk(desk).max_positions == 3


def test_a_change_on_top_of_what_somebody_else_changed_is_refused(
    desk: Desk, open_page: OpenPage
) -> None:
    page = open_page("/settings")
    change(page, "Most positions", "4")
    expect(page.get_by_role("button", name="Save")).to_be_visible()
    change_settings(desk, ANNA, SettingsKind.RISK, {"max_positions": 2}, "less")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("somebody changed these settings")
    assert risk(desk).max_positions == 2


def test_who_may_not_change_settings_sees_them_locked(open_page: OpenPage) -> None:
    page = open_page("/settings", "otto")
    expect(risk_panel(page).get_by_label("Most positions")).to_have_value("5")
    expect(risk_panel(page).get_by_label("Most positions")).to_be_disabled()
    expect(page.get_by_role("button", name="Review changes")).to_have_count(0)
    expect(page.get_by_role("button", name="Roll back")).to_have_count(0)


# ------------------------------------------------------------------------------ the keyboard
SECTIONS = ("Strategy", "Risk", "Accounts", "Real money", "Alerts", "Channels", "Users", "API keys")


def test_differences_are_told_with_their_units() -> None:
    before = {"risk_per_trade": "0.01", "max_notional": None}
    after = {"risk_per_trade": "0.1", "max_notional": "25000"}
    found = [(d.before, d.after) for d in differences(SettingsKind.RISK, before, after)]
    assert found == [("1 %", "10 %"), ("no limit", "$25,000")]


def sections(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Sections").get_by_role("link")


def test_links_lead_past_a_hundred_fields_to_each_section(open_page: OpenPage) -> None:
    page = open_page("/settings")
    expect(page.get_by_role("region", name="API keys")).to_be_visible()
    expect(sections(page)).to_have_text(SECTIONS)
    address = page.url
    for name in SECTIONS:
        sections(page).get_by_text(name, exact=True).focus()
        page.keyboard.press("Enter")
        section = page.get_by_role("region", name=name, exact=True)
        expect(section).to_be_focused()
        expect(section.get_by_role("heading", name=name)).to_be_in_viewport(ratio=1)
    page.keyboard.press("Tab")
    expect(page.locator("#settings-keys-panel :focus")).to_have_count(1)
    assert page.url == address
    assert page.trouble == []  # type: ignore[attr-defined]


def test_the_links_are_the_first_stops_and_the_header_hides_no_section(open_page: OpenPage) -> None:
    page = open_page("/settings", viewport={"width": 390, "height": 844})
    expect(page.get_by_role("region", name="API keys")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # skips to the page
    page.keyboard.press("Tab")
    expect(sections(page).first).to_be_focused()
    sections(page).get_by_text("Alerts", exact=True).click()
    title = page.get_by_role("heading", name="Alerts", exact=True).bounding_box()
    header = page.locator("header.top").bounding_box()
    assert title is not None
    assert header is not None
    assert title["y"] >= header["y"] + header["height"]


def test_there_are_links_to_what_somebody_sees_only(open_page: OpenPage) -> None:
    page = open_page("/settings", "otto")
    expect(page.get_by_role("region", name="Channels")).to_be_visible()
    for name in sections(page).all_inner_texts():
        expect(page.get_by_role("region", name=name, exact=True)).to_have_count(1)
    expect(sections(page).get_by_text("Users")).to_have_count(0)


def test_only_an_admin_rolls_back(desk: Desk) -> None:
    with pytest.raises(NotPermittedError):
        roll_back(desk, Actor("otto", Role.OPERATOR), SettingsKind.RISK, 0, "")


def test_rolling_back_to_a_version_that_never_was_is_refused(desk: Desk) -> None:
    with pytest.raises(ConfigurationError, match="no version 7"):
        roll_back(desk, ANNA, SettingsKind.RISK, 7, "")


def test_version_0_is_the_defaults(desk: Desk) -> None:
    change_settings(desk, ANNA, SettingsKind.RISK, {"max_positions": 2}, "less")
    assert roll_back(desk, ANNA, SettingsKind.RISK, 0, "back") == 2
    assert risk(desk) == RiskSettings()


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("risk_per_trade", "0.01", "0.02"),
        ("max_positions", 5, 6),
        ("max_notional", "1000", None),
        ("shadow", True, False),
        ("risk_basis", RiskBasis.SLOT, RiskBasis.EQUITY),
    ],
)
def test_risk_rises_one_way_only(name: str, before: object, after: object) -> None:
    low, high = (RiskSettings.model_validate({name: value}) for value in (before, after))
    assert risk_rises(low, high) == {name}
    assert risk_rises(high, low) == frozenset()
