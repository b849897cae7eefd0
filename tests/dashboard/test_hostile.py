"""What somebody tries who means harm: with cookies, forms, paths, bodies and free text."""

import io
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from pydantic import SecretStr
from sqlalchemy import select

from dashboard import create_app
from dashboard.api.audit import csv_lines, harmless
from dashboard.queries.audit import AuditFilter, audit_export
from engine.actions import control
from engine.actions.keys import create_key
from engine.actions.permissions import SYSTEM
from engine.desk import Desk
from engine.logs import configure_logs
from engine.settings import Settings
from models.control import Command, TradingState
from models.vocabulary import Control, ControlScope, Role
from tests.dashboard import desks
from tests.dashboard.api.conftest import Program
from tests.dashboard.conftest import SECRET
from tests.dashboard.test_reach import logged_in

ELSEWHERE = {"Origin": "https://elsewhere.example"}
SCRIPT = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


@pytest.fixture
def otto(app: Flask) -> FlaskClient:
    return logged_in(app, "operator")


@pytest.fixture
def vera(app: Flask) -> FlaskClient:
    return logged_in(app, "viewer")


def cookie(client: FlaskClient) -> str:
    kept = client.get_cookie("bellwether")
    assert kept is not None
    return kept.value


# ------------------------------------------------------------------------------ sessions
def test_a_session_given_before_the_login_is_not_the_one_after_it(app: Flask) -> None:
    client = app.test_client()
    client.get("/login")
    planted = cookie(client)
    logged_in(app, "admin")
    thief = app.test_client()
    thief.set_cookie("bellwether", planted)
    assert thief.get("/session").status_code == 401


def test_a_cookie_that_was_changed_opens_nothing(app: Flask, vera: FlaskClient) -> None:
    value = cookie(vera)
    for place in (0, len(value) // 2, len(value) - 5):
        changed = value[:place] + ("A" if value[place] != "A" else "B") + value[place + 1 :]
        thief = app.test_client()
        thief.set_cookie("bellwether", changed)
        assert thief.get("/session").status_code == 401


def test_a_cookie_signed_with_another_secret_opens_nothing(app: Flask, vera: FlaskClient) -> None:
    other = Flask("other")
    other.secret_key = SECRET[::-1]
    signer = SecureCookieSessionInterface().get_signing_serializer(other)
    assert signer is not None
    with vera.session_transaction() as session:
        forged = signer.dumps(dict(session))
    thief = app.test_client()
    thief.set_cookie("bellwether", forged)
    assert thief.get("/session").status_code == 401


def test_a_cookie_copied_before_the_logout_opens_nothing_after_it(
    app: Flask, otto: FlaskClient
) -> None:
    copied = cookie(otto)
    otto.post("/logout")
    thief = app.test_client()
    thief.set_cookie("bellwether", copied)
    assert thief.get("/session").status_code == 401


# ------------------------------------------------------------------------------ other sites
@pytest.mark.parametrize("path", ["/api/v1/control/kill-switch", "/api/v1/control/pause"])
def test_another_site_steers_nothing_with_somebodys_cookie(
    desk: Desk, otto: FlaskClient, path: str
) -> None:
    for headers in (ELSEWHERE, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert otto.post(path, json={"reason": "x"}, headers=headers).status_code == 403
    assert asked(desk) == 0


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_form_steers_nothing(desk: Desk, otto: FlaskClient, kind: str) -> None:
    body = json.dumps({"reason": "x"})
    answer = otto.post("/api/v1/control/kill-switch", data=body, content_type=kind)
    assert answer.status_code == 415
    assert asked(desk) == 0


def test_nothing_is_shared_with_other_sites(otto: FlaskClient) -> None:
    answer = otto.get("/api/v1/positions", headers=ELSEWHERE)
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


# ------------------------------------------------------------------------------ paths
@pytest.mark.parametrize(
    "path",
    [
        "/assets/../wsgi.py",
        "/assets/%2e%2e/wsgi.py",
        "/assets/..%2fwsgi.py",
        "/assets/..%5cwsgi.py",
        "/assets//etc/passwd",
        "/bootstrap/../../../../../etc/passwd",
        "/_dash-component-suites/dash/../../../etc/passwd",
        "/assets/%00",
    ],
)
def test_no_path_leads_out_of_the_assets(otto: FlaskClient, path: str) -> None:
    answer = otto.get(path)
    assert answer.status_code in {400, 404}
    assert "import" not in answer.text


@pytest.mark.parametrize(
    "wanted", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example"]
)
def test_a_login_leads_nowhere_else(app: Flask, wanted: str) -> None:
    client = app.test_client()
    client.get("/login")
    with client.session_transaction() as session:
        token = session["form_token"]
    form = {"name": "anna", "password": desks.PASSWORD, "form_token": token}
    answer = client.post("/login", query_string={"next": wanted}, data=form)
    assert answer.headers["Location"] == "/"


# ------------------------------------------------------------------------------ bodies
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 50_000, 400),
        (b'{"reason": "\\ud800"}', 400),
        (b'{"reason": "a\\u0000b"}', 422),
        (b'{"reason": ""}', 422),
        (b'{"reason": "x", "scope": "all", "more": 1}', 422),
        (b'{"reason": "' + b"x" * 201 + b'"}', 422),
        (b'{"reason": "' + b"x" * 100_000 + b'"}', 413),
        (b"null", 422),
        (b"", 422),
    ],
)
def test_a_body_that_makes_no_sense_is_a_problem_and_no_deed(
    desk: Desk, otto: FlaskClient, body: bytes, status: int
) -> None:
    answer = otto.post("/api/v1/control/kill-switch", data=body, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert asked(desk) == 0


def test_a_body_without_a_length_is_bounded_too(otto: FlaskClient) -> None:
    endless = io.BytesIO(b'{"reason": "' + b"x" * 200_000)
    answer = otto.post(
        "/api/v1/control/kill-switch",
        input_stream=endless,
        content_type="application/json",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code in {400, 413}  # cut off at the limit, or refused for it


# ------------------------------------------------------------------------------ free text
def test_a_script_in_a_reason_stays_text(desk: Desk, open_page: Callable[..., Page]) -> None:
    control.pause(desk, SYSTEM, ControlScope.ENTRY, SCRIPT)
    page = open_page("/audit")
    expect(page.get_by_text("onerror=").first).to_be_visible()
    assert page.title() != "owned"
    page.goto(page.url.replace("/audit", "/"))
    expect(page.get_by_text("onerror=").first).to_be_visible()
    assert page.title() != "owned"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_spreadsheet_executes_nothing_of_an_export(text: str) -> None:
    assert harmless(text) == f"'{text}"


def test_an_export_is_harmless_from_end_to_end(desk: Desk) -> None:
    control.pause(desk, SYSTEM, ControlScope.ENTRY, '=HYPERLINK("http://elsewhere.example")')
    with desk.db.read() as tx:
        lines = list(csv_lines(audit_export(tx, AuditFilter())))
    assert "\"'=HYPERLINK(" in lines[1]


# ------------------------------------------------------------------------------ secrets
def test_no_secret_is_in_anything_that_leaves_the_desk(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    planted = {name: f"planted-{name}-secret-of-32-characters" for name in ("a", "b", "c", "d")}
    settings = Settings(
        alpaca_api_key=planted["a"], alpaca_secret_key=planted["b"], metrics_token=planted["c"]
    )
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    configure_logs(level="DEBUG", as_json=True)
    app = create_app(settings, desk, planted["d"])
    key = create_key(desk, SYSTEM, "all", Role.ADMIN).secret
    program = Program(app.test_client(use_cookies=False), **{"X-API-Key": key})
    told = "".join(everything(program))
    told += app.test_client().get("/metrics", headers=bearer(planted["c"])).text
    root.handlers[:], root.level = handlers, level
    said = capsys.readouterr()
    for secret in (*planted.values(), key, desks.PASSWORD, desks.HASH):
        assert secret not in told
        assert secret not in said.out + said.err


def everything(program: Program) -> Any:
    document = program.get("/openapi.json")
    yield document.text
    for path, methods in (document.json or {})["paths"].items():
        if "get" in methods:
            local = path.removeprefix("/api/v1").replace("{id}", "1")
            yield program.get(local, headers={"Accept-Encoding": "identity"}).text
    yield program.post("/auth/login", {"name": "anna", "password": "wrong one"}).text


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_metrics_need_their_token(desk: Desk) -> None:
    app = create_app(Settings(metrics_token=SecretStr("the-token")), desk, SECRET)
    client = app.test_client()
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers=bearer("another")).status_code == 401
    told = client.get("/metrics", headers=bearer("the-token"))
    assert "bellwether_database_up 1.0" in told.text


def test_without_a_token_there_are_no_metrics(app: Flask) -> None:
    assert app.test_client().get("/metrics").status_code == 404


def asked(desk: Desk) -> int:
    with desk.db.read() as tx:
        state = tx.get(TradingState, "all")
        assert state is None or state.state is Control.ACTIVE
        return len(tx.scalars(select(Command)).all())
