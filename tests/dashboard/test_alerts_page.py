"""The Alerts page, and the Alerts section of the Settings page, in a real browser."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from dashboard.pages.alerts import SHOWN
from engine.actions.permissions import Actor
from engine.actions.trading_settings import alert_settings, change_settings
from engine.adapters.channels import AddressedChannel
from engine.desk import Desk
from engine.jobs.decide_alerts import decide_alerts
from engine.journal import record
from models.alert_settings import AlertRule, AlertSettings
from models.alerts import AlertAcknowledgement
from models.vocabulary import Role, SettingsKind, Severity
from tests.dashboard import builders, desks
from tests.engine.alerts.receiver import Receiver, receiving

OpenPage = Callable[..., Page]
ANNA = Actor("anna", Role.ADMIN)
KIND = SettingsKind.ALERTS


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def desk(sqlite_url: str, receiver: Receiver) -> Iterator[Desk]:
    """A desk with two channels to one receiver."""
    channels = tuple(AddressedChannel(name, receiver.address) for name in ("hook", "mail"))
    made = replace(desks.make_desk(sqlite_url), channels=channels)
    yield made
    made.db.close()


def rules(desk: Desk) -> AlertSettings:
    with desk.db.read() as tx:
        return alert_settings(tx)[0]


def field(page: Page, name: str) -> Locator:
    panel = page.get_by_role("region", name="Alerts", exact=True)
    return panel.get_by_label(name, exact=True)


def review(page: Page) -> None:
    page.locator("#settings-alerts-review").click()


def raise_three(desk: Desk) -> None:
    for number, severity in enumerate((Severity.INFO, Severity.WARNING, Severity.CRITICAL)):
        more = {"code": "order_rejected", "scope": f"order:{number}", "severity": severity}
        builders.add_fact(desk, "alert", f"order {number} rejected", **more)
    decide_alerts(desk)


def seen(desk: Desk) -> list[tuple[int, str]]:
    with desk.db.read() as tx:
        return [(row.seq, row.actor) for row in tx.scalars(select(AlertAcknowledgement))]


# ------------------------------------------------------------------------------ rules
def test_a_rule_is_reviewed_before_it_is_in_force(desk: Desk, open_page: OpenPage) -> None:
    page = open_page("/settings")
    expect(field(page, "Not flat: Criticals (s)")).to_have_value("60")
    field(page, "Not flat: Criticals (s)").fill("5")
    group = page.get_by_role("group", name="Not flat: Channels")
    group.get_by_label("every one").uncheck()
    group.get_by_label("mail").check()
    review(page)
    diff = page.locator("#settings-alerts-diff")
    expect(diff).to_contain_text(
        "Not flat: seconds between criticals about the same60 seconds5 seconds"
    )
    expect(diff).to_contain_text("Not flat: channelsevery channelmail")
    page.locator("#settings-alerts-confirm").click()
    expect(page.locator("#settings-alerts-version")).to_have_text("version 1")
    assert rules(desk).rules["not_flat"] == AlertRule(critical_throttle=5, channels=("mail",))
    assert rules(desk).rules["daily_loss"] == AlertRule()
    assert page.trouble == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("value", "must"), [("-1", "be between"), ("soon", "be a whole number between")]
)
def test_a_throttle_that_is_none_is_named_and_not_stored(
    desk: Desk, open_page: OpenPage, value: str, must: str
) -> None:
    page = open_page("/settings")
    expect(field(page, "Not flat: Warnings (s)")).to_have_value("300")
    field(page, "Not flat: Warnings (s)").fill(value)
    review(page)
    problem = page.locator("#settings-alerts-problems")
    of = "Not flat: seconds between warnings about the same"
    expect(problem).to_have_text(f"{of} must {must} 0 and 86,400 seconds.")
    assert rules(desk) == AlertSettings()


def test_an_older_version_of_the_rules_comes_back(desk: Desk, open_page: OpenPage) -> None:
    change_settings(desk, ANNA, KIND, {"rules": {"heartbeat": {"enabled": False}}}, "too often")
    page = open_page("/settings")
    expect(page.locator("#versions-alerts-list")).to_contain_text("Heartbeat: told: on → off")
    page.locator("#versions-alerts-open").click()
    expect(page.locator("#versions-alerts-diff")).to_contain_text("Heartbeat: told")
    page.locator("#rollback-alerts-confirm").click()
    expect(page.locator("#settings-alerts-version")).to_have_text("version 2")
    assert rules(desk) == AlertSettings()


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(
    desk: Desk, open_page: OpenPage
) -> None:
    page = open_page("/settings")
    expect(page.locator("#settings-alerts-version")).to_have_text("the defaults")
    page.locator("#alert-heartbeat-minutes").fill("30")
    review(page)
    expect(page.locator("#settings-alerts-confirm")).to_be_visible()
    change_settings(desk, ANNA, KIND, {"heartbeat_minutes": 120}, "calm")
    page.locator("#settings-alerts-confirm").click()
    expect(page.locator("#toasts")).to_contain_text("somebody changed these rules")
    assert rules(desk).heartbeat_minutes == 120


def test_an_operator_sees_the_rules_locked_and_cannot_test(open_page: OpenPage) -> None:
    page = open_page("/settings", "otto")
    expect(field(page, "Not flat: Warnings (s)")).to_have_value("300")
    expect(field(page, "Not flat: Warnings (s)")).to_be_disabled()
    expect(page.locator("#settings-alerts-review")).to_be_hidden()
    expect(page.locator("#channels-list")).to_contain_text("not tried yet")
    expect(page.get_by_role("button", name="Test hook")).to_have_count(0)


# ------------------------------------------------------------------------------ channels
def test_a_channel_is_tried_from_the_page(receiver: Receiver, open_page: OpenPage) -> None:
    page = open_page("/settings")
    page.get_by_role("button", name="Test hook").click()
    expect(page.locator("#toasts")).to_contain_text("The test of hook has arrived.")
    expect(page.locator("#channels-list")).to_contain_text("works")
    assert receiver.next()["title"] == "Test of the channel hook"
    assert receiver.address not in page.content()


def test_a_test_that_fails_says_why(receiver: Receiver, open_page: OpenPage) -> None:
    receiver.status = 500
    page = open_page("/settings")
    page.get_by_role("button", name="Test mail").click()
    expect(page.locator("#toasts")).to_contain_text("did not arrive: it answered with HTTP 500")
    expect(page.locator("#channels-list")).to_contain_text("failed just now")


# ------------------------------------------------------------------------------ history
def test_an_alert_is_acknowledged_by_its_button(desk: Desk, open_page: OpenPage) -> None:
    raise_three(desk)
    page = open_page("/alerts", "otto")
    expect(page.locator("#alerts-count")).to_have_text("2 not acknowledged")
    page.get_by_role("button", name="Acknowledge: order 2 rejected").click()
    expect(page.locator("#alerts-count")).to_have_text("1 not acknowledged")
    expect(page.locator("#alerts-rows")).to_contain_text("otto")
    assert [actor for _seq, actor in seen(desk)] == ["otto"]
    assert page.trouble == []  # type: ignore[attr-defined]


def test_all_alerts_are_acknowledged_at_once(desk: Desk, open_page: OpenPage) -> None:
    raise_three(desk)
    page = open_page("/alerts", "otto")
    expect(page.locator("#alerts-count")).to_have_text("2 not acknowledged")
    page.get_by_role("button", name="Acknowledge these 2").click()
    expect(page.locator("#toasts")).to_contain_text("Acknowledged: 2 alerts.")
    expect(page.locator("#alerts-count")).to_have_text("")
    expect(page.locator("#alerts-see-all")).to_be_hidden()
    assert len(seen(desk)) == 2


def test_what_a_filter_leaves_out_is_not_acknowledged(desk: Desk, open_page: OpenPage) -> None:
    for number, severity in enumerate((Severity.CRITICAL, Severity.WARNING, Severity.WARNING)):
        more = {"code": "job_failed", "scope": f"job:{number}", "severity": severity}
        builders.add_fact(desk, "alert", "a job failed", **more)
    decide_alerts(desk)
    page = open_page("/alerts?severity=warning")
    expect(page.locator("#alerts-count")).to_have_text("3 not acknowledged")
    page.get_by_role("button", name="Acknowledge these 2").click()
    expect(page.locator("#alerts-count")).to_have_text("1 not acknowledged")
    assert len(seen(desk)) == 2


def test_a_viewer_sees_the_alerts_and_no_controls(desk: Desk, open_page: OpenPage) -> None:
    raise_three(desk)
    page = open_page("/alerts", "vera")
    expect(page.locator("#alerts-rows .ag-center-cols-container .ag-row")).to_have_count(3)
    expect(page.get_by_role("button", name="Acknowledge")).to_have_count(0)


def test_a_phone_shows_what_each_alert_says_and_when(desk: Desk, open_page: OpenPage) -> None:
    raise_three(desk)
    page = open_page("/alerts", "otto", viewport={"width": 390, "height": 844})
    critical = page.locator("#alerts-rows .ag-cell.brief").filter(has_text="order 2 rejected")
    expect(critical).to_have_text(re.compile(r"critical \d\d-\d\d \d\d:\d\d:\d\d"))
    expect(critical).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Acknowledge: order 2 rejected")).to_be_in_viewport()
    critical.click()
    expect(page.locator("#alerts-rows-details")).to_contain_text("Toldhook")


def test_a_new_alert_comes_by_itself(desk: Desk, open_page: OpenPage) -> None:
    page = open_page("/alerts")
    expect(page.locator("#alerts-none")).to_contain_text("No alert has been raised")
    raise_three(desk)
    expect(page.locator("#alerts-rows")).to_contain_text("order 2 rejected")
    expect(page.locator("#alerts-rows")).to_contain_text("hook (waiting, 0 tries)")  # asked again


def texts(page: Page) -> Locator:
    return page.locator('#alerts-rows .ag-row [col-id="text"]')


def test_its_filters_stand_in_the_address(desk: Desk, open_page: OpenPage) -> None:
    raise_three(desk)
    page = open_page("/alerts?severity=critical")
    expect(texts(page)).to_have_text(["order 2 rejected"])
    page.get_by_label("Show", exact=True).select_option("open")
    expect(page).to_have_url(re.compile(r"/alerts\?which=open&severity=critical$"))
    page.get_by_label("Severity").select_option("warning")
    expect(page).to_have_url(re.compile("severity=warning"))
    page.reload()
    expect(texts(page)).to_have_text(["order 1 rejected"])


def test_a_list_that_is_cut_says_so_and_where_the_rest_is(desk: Desk, open_page: OpenPage) -> None:
    with desk.db.write() as tx:
        for number in range(SHOWN + 1):
            record(tx, desk.clock.now(), "alert", f"order:{number}", text=f"alert {number}")
    page = open_page("/alerts")
    older = page.locator("#alerts-older")
    expect(older).to_have_text(f"These are the {SHOWN} newest. Older ones are on the Logs page.")
    page.get_by_label("Severity").select_option("critical")
    expect(older).to_have_text("")
    page.get_by_label("Severity").select_option("any")
    older.get_by_role("link").click()
    expect(page.locator("#logs-lines .text").last).to_have_text(f"alert {SHOWN}")
