"""The Audit page in a real browser."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from dashboard.components.ages import wall_note
from dashboard.pages import alerts, audit
from dashboard.pages.audit import read_audit_filter
from dashboard.queries.audit import AuditFilter, audit_lines, count_audit, newest_audited
from engine.actions.audit import BEGINNING
from engine.clock import SystemClock
from engine.desk import Desk
from models.database import Database
from models.journal import AuditRow
from models.vocabulary import Outcome, Way
from tests.dashboard import builders
from tests.databases import with_schema

OpenPage = Callable[..., Page]
DESK = AuditFilter(way=Way.DESK)
LATE = datetime(2026, 11, 19, 4, 30, tzinfo=UTC)  # in New York still the day before


def deed(target: str, at: datetime = LATE, **more: Any) -> AuditRow:
    values = {
        "actor": "otto",
        "role": "operator",
        "way": Way.DESK,
        "address": "",
        "action": "pause",
        "target": target,
        "reason": "",
        "outcome": Outcome.DONE,
        "correlation_id": "",
        "previous_hash": BEGINNING,
        "hash": BEGINNING,
    }
    return AuditRow(at=at, **{**values, **more})


def cells(page: Page, column: str) -> Locator:
    return page.locator(f'#audit-rows .ag-row [col-id="{column}"]')


def exported(page: Page, kind: str) -> str:
    link = page.locator(f"#audit-file-{kind}").get_attribute("href")
    return page.request.get(page.url.split("/audit")[0] + str(link)).text()


def test_moments_are_told_by_new_yorks_clock_with_their_date(
    desk: Desk, open_page: OpenPage
) -> None:
    builders.add(desk, deed("entry"))
    page = open_page("/audit?way=desk")
    expect(cells(page, "at")).to_have_text(["2026-11-18 23:30:00"])
    expect(page.get_by_role("columnheader", name="When (wall clock)")).to_be_visible()


@pytest.mark.parametrize(("day", "targets"), [("2026-11-18", ["entry"]), ("2026-11-19", [])])
def test_days_are_new_yorks_in_the_table_and_in_the_files(
    desk: Desk, open_page: OpenPage, day: str, targets: list[str]
) -> None:
    builders.add(desk, deed("entry"))
    page = open_page(f"/audit?way=desk&first={day}&last={day}")
    expect(page.locator("#audit-count")).to_have_text(f"{len(targets)} row{'s' * (not targets)}")
    expect(cells(page, "target")).to_have_text(targets)
    assert [row["target"] for row in json.loads(exported(page, "json"))] == targets
    assert exported(page, "csv").count(",desk,") == len(targets)
    assert page.trouble == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("ott", ["ottilie", "otto"]),
        ("otto", ["otto"]),
        ("t_o", []),
        ("", ["bert", "ottilie", "otto"]),
    ],
)
def test_the_beginning_of_a_name_is_enough(database_url: str, said: str, names: list[str]) -> None:
    db = with_schema(Database(database_url))
    with db.write() as tx:
        tx.add_all(deed("entry", actor=name) for name in ("otto", "ottilie", "bert"))
    wanted = read_audit_filter({"actor": said})
    with db.read() as tx:
        found = audit_lines(tx, wanted, up_to=9, offset=0, limit=9)
        assert count_audit(tx, wanted, up_to=9) == len(names)
    db.close()
    assert sorted(row.actor for row in found) == names


def test_a_row_is_read_in_full_without_a_pointer(desk: Desk, open_page: OpenPage) -> None:
    before = json.dumps({"scope": "entry", "state": "active", "reason": "before the open"})
    builders.add(desk, deed("entry", before=before))
    page = open_page("/audit?way=desk", viewport={"width": 390, "height": 844})
    expect(cells(page, "at")).to_have_count(1)
    details = page.get_by_role("region", name="The chosen row")
    cells(page, "at").click()
    expect(details).to_contain_text("before the open")
    expect(details).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(details).to_be_hidden()
    page.keyboard.press("Enter")
    expect(details).to_contain_text("before the open")
    details.get_by_role("button", name="Close").click()
    expect(details).to_be_hidden()
    assert page.trouble == []  # type: ignore[attr-defined]


def test_a_day_when_the_clocks_change_has_its_25_hours() -> None:
    wanted = read_audit_filter({"first": "2026-11-01", "last": "2026-11-01"})
    assert wanted.since == datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert wanted.until == datetime(2026, 11, 2, 4, 59, 59, 999_999, tzinfo=UTC)


def test_what_is_no_date_leaves_nothing_out_of_the_files(open_page: OpenPage) -> None:
    page = open_page("/audit?first=x&last=2026-11-19")
    expected = "/api/v1/audit/export?format=csv&until=2026-11-20T04%3A59%3A59.999999%2B00%3A00"
    expect(page.locator("#audit-file-csv")).to_have_attribute("href", expected)
    assert page.trouble == []  # type: ignore[attr-defined]


def test_the_last_day_there_is_has_no_end() -> None:
    assert read_audit_filter({"last": "9999-12-31"}).until is None


def test_a_long_audit_comes_page_by_page(desk: Desk, open_page: OpenPage) -> None:
    builders.add(desk, *(deed(f"trade:{number}") for number in range(620)))
    page = open_page("/audit?way=desk")
    expect(page.locator("#audit-count")).to_have_text("620 rows")
    expect(cells(page, "target").first).to_have_text("trade:619")
    page.locator("#audit-rows .ag-body-viewport").evaluate("box => box.scrollTo(0, 1e6)")
    expect(cells(page, "target").last).to_have_text("trade:0")


def test_rows_that_come_between_two_pages_shift_none_of_them(desk: Desk) -> None:
    builders.add(desk, *(deed(f"trade:{number}") for number in range(6)))
    with desk.db.read() as tx:
        began = newest_audited(tx)
        first = audit_lines(tx, DESK, up_to=began, offset=0, limit=3)
    builders.add(desk, deed("late"), deed("later"))
    with desk.db.read() as tx:
        second = audit_lines(tx, DESK, up_to=began, offset=3, limit=3)
        assert count_audit(tx, DESK, up_to=began) == 6
        assert count_audit(tx, DESK, up_to=newest_audited(tx)) == 8
    found = [row.target for row in first + second]
    assert found == [f"trade:{number}" for number in range(5, -1, -1)]


def test_whoever_scrolls_meets_no_row_twice(desk: Desk, open_page: OpenPage) -> None:
    builders.add(desk, *(deed(f"trade:{number}") for number in range(150)))
    page = open_page("/audit?way=desk")
    expect(page.locator("#audit-count")).to_have_text("150 rows")
    expect(cells(page, "target").first).to_have_text("trade:149")
    page.evaluate("desk.isLive = () => false")  # no look for newer ones meanwhile
    builders.add(desk, *(deed(f"late:{number}") for number in range(30)))
    page.locator("#audit-rows .ag-body-viewport").evaluate("box => box.scrollTo(0, 1e6)")
    expect(cells(page, "target").last).to_have_text("trade:0")
    expect(page.locator("#audit-count")).to_have_text("150 rows")
    assert page.trouble == []  # type: ignore[attr-defined]


def test_filters_narrow_the_table_and_stand_in_the_address(desk: Desk, open_page: OpenPage) -> None:
    builders.add(desk, deed("entry"), deed("exit", actor="olga", outcome=Outcome.REFUSED))
    page = open_page("/audit?way=desk")
    page.get_by_label("Who").fill("olga")
    expect(cells(page, "target")).to_have_text(["exit"])
    expect(page).to_have_url(re.compile(r"/audit\?actor=olga&way=desk$"))
    href = page.locator("#audit-file-csv").get_attribute("href")
    assert href == "/api/v1/audit/export?format=csv&actor_begins=olga&way=desk"


def test_what_somebody_does_appears_without_a_reload(desk: Desk, open_page: OpenPage) -> None:
    page = open_page("/audit?way=desk")
    expect(page.locator("#audit-none")).to_have_text("Nobody did anything like this.")
    builders.add(desk, deed("entry"))
    expect(cells(page, "target")).to_have_text(["entry"])


def test_a_period_that_ends_before_it_begins_is_named_so(open_page: OpenPage) -> None:
    page = open_page("/audit?first=2026-11-19&last=2026-11-17")
    expect(page.locator("#audit-none")).to_contain_text("From is after To")


def test_the_api_stays_in_utc(desk: Desk, open_page: OpenPage) -> None:
    builders.add(desk, deed("entry"))
    page = open_page("/audit")
    url = page.url.split("/audit")[0] + "/api/v1/audit?way=desk"
    assert page.request.get(url).json()["items"][0]["at"] == "2026-11-19T04:30:00.000Z"
    with desk.db.read() as tx:
        assert tx.scalar(select(AuditRow.at).where(AuditRow.target == "entry")) == LATE


def test_moments_of_the_wall_clock_say_so_where_the_desk_goes_by_another(desk: Desk) -> None:
    for each, is_said in ((desk, True), (replace(desk, clock=SystemClock()), False)):
        note = wall_note(each)
        columns = [*audit.columns(note), *alerts.columns(note, may_see=False)]
        noted = [column["field"] for column in columns if "headerTooltip" in column]
        assert noted == (["at", "seen"] if is_said else [])
