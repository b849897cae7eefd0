"""What somebody tries who means harm: with cookies, forms, paths, bodies and free text."""

import io
import json

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from sqlalchemy import select

from engine.desk import Desk
from models.control import Command, TradingState
from models.vocabulary import Control
from tests.dashboard import desks
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


def asked(desk: Desk) -> int:
    with desk.db.read() as tx:
        state = tx.get(TradingState, "all")
        assert state is None or state.state is Control.ACTIVE
        return len(tx.scalars(select(Command)).all())
