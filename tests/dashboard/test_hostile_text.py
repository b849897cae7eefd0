"""What people, programs and brokers write is text: no query, no script, no formula."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from dashboard.api.audit import csv_lines, harmless
from dashboard.queries.audit import AuditFilter, audit_export
from dashboard.queries.logs import log_facts, read_log_filter
from engine.actions import control
from engine.actions.keys import create_key
from engine.actions.people import add_user, check_login
from engine.actions.permissions import SYSTEM
from engine.actions.trading_settings import change_settings
from engine.desk import Desk
from engine.errors import InvalidRequestError
from models.vocabulary import ControlScope, Role, SettingsKind, SignalStatus
from tests.dashboard import builders, desks
from tests.dashboard.api.conftest import Program
from tests.dashboard.builders import add_fact
from tests.dashboard.test_reach import logged_in

SCRIPT = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


# ------------------------------------------------------------------------------ queries
INJECTIONS = ("' OR '1'='1", "'; DROP TABLE users; --", '" OR ""="', "%' OR 1=1 --", "NVDA' --")


@pytest.mark.parametrize("text", INJECTIONS)
def test_no_filter_is_taken_for_a_query(desk: Desk, app: Flask, text: str) -> None:
    builders.add_closed(desk, "NVDA", "1")
    key = create_key(desk, SYSTEM, "reader", Role.ADMIN).secret
    program = Program(app.test_client(use_cookies=False), **{"X-API-Key": key})
    for path, name in (
        *(("/trades", "symbol"), ("/logs", "scope"), ("/logs", "kind"), ("/audit", "actor")),
        *(("/trades", "cursor"), ("/history/trades", "symbol"), ("/audit", "action")),
    ):
        answer = program.get(path, query_string={name: text})
        assert answer.status_code in {200, 422}
        assert (answer.json or {}).get("items", []) == []
    assert program.get("/users").status_code == 200


@pytest.mark.parametrize("text", INJECTIONS)
def test_no_name_is_taken_for_a_query(desk: Desk, text: str) -> None:
    assert check_login(desk, text, text, "192.0.2.1") is None
    assert check_login(desk, f"anna{text}", desks.PASSWORD, "192.0.2.1") is None


@pytest.mark.parametrize("text", [*INJECTIONS, '"', "NEAR(", "a* OR b", "col:x", "(", "^"])
def test_no_search_is_taken_for_a_query(desk: Desk, app: Flask, text: str) -> None:
    add_fact(desk, "signal", "nothing to see")
    client = logged_in(app, "viewer")
    answer = client.get("/history/trades.json", query_string={"symbol": text})
    assert answer.json == []
    with desk.db.read() as tx:
        found = log_facts(tx, read_log_filter({"text": text}), limit=5)
    assert {fact.text for fact in found} <= {"nothing to see", "vera logged in"}


# ------------------------------------------------------------------------------ free text
def test_a_script_in_any_free_text_stays_text(desk: Desk, open_page: Callable[..., Page]) -> None:
    plant_scripts(desk)
    page = open_page("/audit")
    for path in ("/audit", "/", "/logs", "/signals", "/history", "/reconciliation", "/settings"):
        page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2] + path)
        expect(page.locator("#shell-page > .page")).to_be_visible()
        if path in {"/audit", "/logs", "/", "/signals"}:
            expect(page.get_by_text("onerror=").first).to_be_visible()
        assert page.locator("img[onerror]").count() == 0
        assert page.title() != "owned"


def plant_scripts(desk: Desk) -> None:
    """Write a script wherever somebody, or a broker, may write a text."""
    control.pause(desk, SYSTEM, ControlScope.ENTRY, SCRIPT)
    change_settings(desk, SYSTEM, SettingsKind.RISK, {"max_positions": 2}, SCRIPT)
    add_fact(desk, "engine", SCRIPT)
    builders.add_range(desk, 1, "NVDA")
    builders.add_signal(desk, 1, "NVDA", SignalStatus.REFUSED, code="size", sentence=SCRIPT)


def test_a_script_for_a_browsers_name_stays_text(app: Flask) -> None:
    client = app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = SCRIPT
    client.get("/login")
    with client.session_transaction() as session:
        token = session["form_token"]
    form = {"name": "anna", "password": desks.PASSWORD, "form_token": token}
    client.post("/login", data=form)
    page = client.get("/me").text
    assert "&lt;img src=x" in page
    assert "<img" not in page


@pytest.mark.parametrize("name", [SCRIPT, "=cmd()", "a b", "../x", "a\nb"])
def test_names_have_no_room_for_mischief(desk: Desk, name: str) -> None:
    with pytest.raises(InvalidRequestError):
        add_user(desk, SYSTEM, name, Role.VIEWER, "a good password")
    with pytest.raises(InvalidRequestError):
        create_key(desk, SYSTEM, name, Role.VIEWER)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_spreadsheet_executes_nothing_of_an_export(text: str) -> None:
    assert harmless(text) == f"'{text}"


def test_an_export_is_harmless_from_end_to_end(desk: Desk) -> None:
    control.pause(desk, SYSTEM, ControlScope.ENTRY, '=HYPERLINK("http://elsewhere.example")')
    with desk.db.read() as tx:
        lines = list(csv_lines(audit_export(tx, AuditFilter())))
    assert "\"'=HYPERLINK(" in lines[1]
