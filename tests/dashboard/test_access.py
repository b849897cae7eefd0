"""Who gets in: the guard, the login page and the end of a session."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext, Page, expect
from werkzeug.test import TestResponse

from dashboard.login_page import local_path
from engine.desk import Desk
from tests.dashboard import builders, desks

SOCKET = {"Connection": "Upgrade", "Upgrade": "websocket"}
OTHER_SITE = {"Origin": "http://elsewhere.example"}


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def anna(app: Flask) -> FlaskClient:
    client = app.test_client()
    assert log_in(client, "anna").status_code == 303
    return client


def log_in(client: FlaskClient, name: str, password: str = desks.PASSWORD) -> TestResponse:
    client.get("/login")
    with client.session_transaction() as session:
        token = session["form_token"]
    form = {"name": name, "password": password, "form_token": token}
    return client.post("/login", data=form)


@pytest.mark.parametrize("path", ["/api/v1/control/kill-switch", "/nothing", "/_dash-layout/x"])
def test_an_unknown_address_refuses_a_stranger(stranger: FlaskClient, path: str) -> None:
    assert stranger.get(path).status_code == stranger.post(path).status_code == 401


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/nothing", "/ws/v1/feed"])
def test_dash_does_not_answer_for_addresses_that_are_not_pages(
    anna: FlaskClient, path: str
) -> None:
    assert anna.get(path).status_code == 404


def test_a_browser_at_an_unknown_address_is_told_so_and_led_back(anna: FlaskClient) -> None:
    answer = anna.get("/nowhere", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "There is no such page." in answer.text
    assert 'href="/"' in answer.text


def test_a_strangers_page_request_leads_to_the_login_and_back(stranger: FlaskClient) -> None:
    answer = stranger.get("/signals?side=long", headers={"Accept": "text/html"})
    assert answer.headers["Location"] == "/login?next=%2Fsignals%3Fside%3Dlong"


@pytest.mark.parametrize("headers", [OTHER_SITE, {"Sec-Fetch-Site": "cross-site"}])
def test_another_site_cannot_change_anything(anna: FlaskClient, headers: dict[str, str]) -> None:
    assert anna.post("/_dash-update-component", json={}, headers=headers).status_code == 403
    assert anna.post("/logout", headers=headers).status_code == 403


def test_another_site_cannot_open_the_feed(anna: FlaskClient) -> None:
    assert anna.get("/ws/v1/feed", headers=SOCKET | OTHER_SITE).status_code == 403


def test_a_form_cannot_call_a_callback(anna: FlaskClient) -> None:
    answer = anna.post("/_dash-update-component", data="{}", content_type="text/plain")
    assert answer.status_code == 403


def test_a_login_without_the_forms_token_fails(stranger: FlaskClient) -> None:
    form = {"name": "anna", "password": desks.PASSWORD}
    assert stranger.post("/login", data=form).status_code == 400


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(stranger: FlaskClient) -> None:
    wrong = log_in(stranger, "anna", "not it")
    unknown = log_in(stranger, "nobody", "not it")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace("anna", "") == unknown.text.replace("nobody", "")


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(
    stranger: FlaskClient,
) -> None:
    cookie = log_in(stranger, "anna").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_logging_in_leaves_nothing_of_the_strangers_session(anna: FlaskClient) -> None:
    with anna.session_transaction() as session:
        assert "form_token" not in session


def test_a_disabled_user_is_out_at_the_next_request(desk: Desk, anna: FlaskClient) -> None:
    builders.disable(desk, "anna")
    assert anna.get("/session").status_code == 401


def test_a_raised_epoch_ends_every_session(desk: Desk, anna: FlaskClient) -> None:
    builders.raise_epoch(desk, "anna")
    assert anna.get("/session").status_code == 401


def test_logging_out_ends_the_session(anna: FlaskClient) -> None:
    anna.post("/logout")
    assert anna.get("/session").status_code == 401


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ("/signals?x=1", "/signals?x=1"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example", "/"),
        ("/\\elsewhere.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\nb", "/"),
        ("", "/"),
    ],
)
def test_a_login_leads_to_local_pages_only(wanted: str, path: str) -> None:
    assert local_path(wanted) == path


def test_a_login_leads_where_the_person_wanted_to_go(open_page: Callable[..., Page]) -> None:
    page = open_page("/signals")
    expect(page.get_by_role("heading", name="Opening ranges")).to_be_visible()


def test_a_failed_login_says_so_and_keeps_the_name(
    url: str, browser_context: Callable[..., BrowserContext]
) -> None:
    page = browser_context().new_page()
    page.goto(f"{url}/login")
    expect(page.get_by_label("Name")).to_be_focused()
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill("not it")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_have_text("That name and password do not match.")
    expect(page.get_by_label("Password")).to_be_focused()


def test_logging_out_leads_to_the_login(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("Password")).to_be_visible()
