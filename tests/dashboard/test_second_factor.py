"""The second factor, the password that must be changed, and one's own page."""

import re

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from engine.actions.people import find_user
from engine.actions.permissions import SYSTEM
from engine.actions.second_factor import remove_factor
from engine.clock import wall_now
from engine.desk import Desk
from models.people import User
from tests.dashboard import desks
from tests.dashboard.test_reach import logged_in

NEXT_STEP = 30
NEW = "another good password"
PROOF = {"present": desks.PASSWORD}


@pytest.fixture
def anna(app: Flask) -> FlaskClient:
    return logged_in(app, "admin")


def send(client: FlaskClient, path: str, **form: str) -> TestResponse:
    with client.session_transaction() as session:
        token = session.setdefault("form_token", "a-token")
    return client.post(path, data={**form, "form_token": token})


def enrol(client: FlaskClient) -> tuple[str, list[str]]:
    """Add a second factor; return its secret and the recovery codes."""
    page = client.get("/me").text
    secret = re.findall(r"<code>([A-Z2-7]{32})</code>", page)[0]
    sealed = re.findall(r'name="sealed" value="([^"]+)"', page)[0]
    told = send(client, "/me/factor", sealed=sealed, code=pyotp.TOTP(secret).now(), **PROOF)
    assert told.status_code == 200
    return secret, re.findall(r"\b[0-9a-f]{10}\b", told.text)


def with_password(app: Flask) -> FlaskClient:
    """Somebody who has shown Anna's password, and nothing more."""
    client = app.test_client()
    client.get("/login")
    answer = send(client, "/login", name="anna", password=desks.PASSWORD)
    assert "recovery code" in answer.text
    return client


def later(secret: str) -> str:
    """The code of the next step, which nobody has used yet; clocks may differ by one."""
    return pyotp.TOTP(secret).at(int(wall_now().timestamp()) + NEXT_STEP)


def test_a_password_alone_opens_nothing_any_more(app: Flask, anna: FlaskClient) -> None:
    enrol(anna)
    assert with_password(app).get("/session").status_code == 401


def test_the_code_opens(app: Flask, anna: FlaskClient) -> None:
    secret, _codes = enrol(anna)
    client = with_password(app)
    assert send(client, "/login/code", code=later(secret)).status_code == 303
    assert client.get("/session").status_code == 204


def test_a_code_opens_once(app: Flask, anna: FlaskClient) -> None:
    secret, _codes = enrol(anna)
    code = later(secret)
    send(with_password(app), "/login/code", code=code)
    assert send(with_password(app), "/login/code", code=code).status_code == 401


def test_a_recovery_code_opens_once(app: Flask, anna: FlaskClient) -> None:
    _secret, codes = enrol(anna)
    assert len(codes) == 10
    assert send(with_password(app), "/login/code", code=codes[0]).status_code == 303
    assert send(with_password(app), "/login/code", code=codes[0]).status_code == 401


def test_guessing_codes_is_slowed_down(app: Flask, anna: FlaskClient) -> None:
    secret, _codes = enrol(anna)
    client = with_password(app)
    for _ in range(5):
        send(client, "/login/code", code="000000")
    assert send(client, "/login/code", code=later(secret)).status_code == 429


def test_a_code_without_a_password_opens_nothing(app: Flask, anna: FlaskClient) -> None:
    secret, _codes = enrol(anna)
    client = app.test_client()
    client.get("/login")
    assert send(client, "/login/code", code=later(secret)).status_code == 400


def test_programs_need_the_code_too(app: Flask, anna: FlaskClient) -> None:
    secret, _codes = enrol(anna)
    who = {"name": "anna", "password": desks.PASSWORD}
    client = app.test_client(use_cookies=False)
    assert client.post("/api/v1/auth/login", json=who).status_code == 401
    with_code = {**who, "code": later(secret)}
    assert client.post("/api/v1/auth/login", json=with_code).status_code == 200


def test_the_secret_is_not_in_the_database_in_clear(desk: Desk, anna: FlaskClient) -> None:
    secret, codes = enrol(anna)
    with desk.db.read() as tx:
        user = find_user(tx, "anna")
    assert user is not None
    kept = f"{user.totp_secret} {user.recovery_hashes}"
    assert secret not in kept
    assert codes[0] not in kept


def test_a_proposal_is_good_for_who_got_it_alone(app: Flask, anna: FlaskClient) -> None:
    page = anna.get("/me").text
    secret = re.findall(r"<code>([A-Z2-7]{32})</code>", page)[0]
    sealed = re.findall(r'name="sealed" value="([^"]+)"', page)[0]
    otto = logged_in(app, "operator")
    stolen = send(otto, "/me/factor", sealed=sealed, code=pyotp.TOTP(secret).now(), **PROOF)
    assert stolen.status_code == 422


def test_an_admin_helps_who_lost_everything(app: Flask, desk: Desk, anna: FlaskClient) -> None:
    enrol(anna)
    remove_factor(desk, SYSTEM, "anna")
    assert logged_in(app, "admin").get("/session").status_code == 204


# ------------------------------------------------------------------------------ passwords
@pytest.fixture
def owing(desk: Desk, anna: FlaskClient) -> FlaskClient:
    """Anna, whose password others have seen."""
    with desk.db.write() as tx:
        tx.execute(update(User).where(User.name == "anna").values(must_change_password=True))
    return anna


def test_a_password_that_was_shown_must_be_changed_first(owing: FlaskClient) -> None:
    page = owing.get("/", headers={"Accept": "text/html"})
    assert page.headers["Location"] == "/me"
    assert owing.get("/api/v1/positions").status_code == 403
    assert owing.post("/_dash-update-component", json={}).status_code == 403


def test_a_changed_password_opens_everything(app: Flask, owing: FlaskClient) -> None:
    owing.get("/me")
    changed = send(owing, "/me/password", present=desks.PASSWORD, password=NEW)
    assert changed.status_code == 303
    client = app.test_client()
    client.get("/login")
    send(client, "/login", name="anna", password=NEW)
    assert client.get("/api/v1/positions").status_code == 200


def test_a_session_alone_changes_no_password(anna: FlaskClient) -> None:
    anna.get("/me")
    stolen = send(anna, "/me/password", present="not it", password=NEW)
    assert stolen.status_code == 401


def test_a_form_of_another_site_does_nothing(anna: FlaskClient) -> None:
    form = {"present": desks.PASSWORD, "password": NEW}
    assert anna.post("/me/password", data=form).status_code == 400


def test_one_button_logs_out_everywhere(app: Flask, anna: FlaskClient) -> None:
    other = logged_in(app, "admin")
    anna.get("/me")
    send(anna, "/me/logout-everywhere")
    assert (anna.get("/session").status_code, other.get("/session").status_code) == (401, 401)
