"""Tokens and keys: what opens, for how long, and how it is ended."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from dashboard.tokens import ACCESS_FOR, Tokens
from engine.actions.keys import create_key, revoke_key
from engine.actions.logins import LIVES_FOR, begin_login
from engine.actions.people import find_user, set_password, set_role
from engine.actions.permissions import SYSTEM
from engine.clock import wall_now
from engine.desk import Desk
from models.journal import AuditRow
from models.people import ApiKey, Login
from models.vocabulary import Outcome, Role, Way
from tests.dashboard import builders, desks
from tests.dashboard.api.conftest import Program, prove

ANNA = {"name": "anna", "password": desks.PASSWORD}


def pair(stranger: Program) -> dict[str, str]:
    answer = stranger.post("/auth/login", ANNA)
    assert answer.status_code == 200
    return dict(answer.json or {})


def bearing(stranger: Program, token: str) -> Program:
    return Program(stranger.client, Authorization=f"Bearer {token}")


def test_a_token_opens_what_its_user_may(anna: Program) -> None:
    assert anna.get("/users").status_code == 200


@pytest.mark.parametrize("wrong", [{"password": "not it"}, {"name": "nobody"}])
def test_wrong_names_and_passwords_are_told_apart_for_nobody(
    stranger: Program, wrong: dict[str, str]
) -> None:
    answer = stranger.post("/auth/login", ANNA | wrong)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.json["detail"] == "That name and password do not match."  # type: ignore[index]


def test_guessing_is_slowed_down(stranger: Program) -> None:
    for _ in range(5):
        stranger.post("/auth/login", ANNA | {"password": "not it"})
    refused = stranger.post("/auth/login", ANNA)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


def test_a_failed_login_is_audited_without_what_was_typed(desk: Desk, stranger: Program) -> None:
    stranger.post("/auth/login", {"name": "my-password-in-the-wrong-field", "password": "x"})
    with desk.db.read() as tx:
        row = tx.scalars(select(AuditRow).where(AuditRow.action == "login")).one()
    assert (row.actor, row.outcome, row.way) == ("an unknown user", Outcome.REFUSED, Way.API)


def test_a_refresh_token_is_good_once_and_its_copy_ends_the_login(stranger: Program) -> None:
    first = pair(stranger)
    second = stranger.post("/auth/refresh", {"refresh_token": first["refresh_token"]}).json
    assert second is not None
    stolen = stranger.post("/auth/refresh", {"refresh_token": first["refresh_token"]})
    assert stolen.status_code == 401
    assert bearing(stranger, second["access_token"]).get("/stats").status_code == 401


def test_an_access_token_does_not_refresh_and_a_refresh_token_does_not_open(
    stranger: Program,
) -> None:
    tokens = pair(stranger)
    wrong = stranger.post("/auth/refresh", {"refresh_token": tokens["access_token"]})
    assert wrong.status_code == 401
    assert bearing(stranger, tokens["refresh_token"]).get("/stats").status_code == 401


def test_a_token_that_has_ended_opens_nothing(app: Flask, desk: Desk, stranger: Program) -> None:
    old = issued(desk, app, -ACCESS_FOR)
    assert bearing(stranger, old).get("/stats").status_code == 401


def test_a_token_of_another_desk_opens_nothing(desk: Desk, stranger: Program) -> None:
    with desk.db.read() as tx:
        user = find_user(tx, "anna")
    assert user is not None
    login = begin_login(desk.db, user, Way.API, "", "")
    other = Tokens("a secret of another desk, as long as it").issue(user, login, 0, wall_now())
    assert bearing(stranger, other.access_token).get("/stats").status_code == 401


@pytest.mark.parametrize("forged", ["", "x", "e30.e30.", "eyJhbGciOiJub25lIn0.e30."])
def test_nonsense_opens_nothing(stranger: Program, forged: str) -> None:
    assert bearing(stranger, forged).get("/stats").status_code == 401


def test_logging_out_ends_the_token(anna: Program) -> None:
    assert anna.post("/auth/logout").status_code == 204
    assert anna.get("/stats").status_code == 401


def test_logging_out_everywhere_ends_every_token(stranger: Program, anna: Program) -> None:
    other = bearing(stranger, pair(stranger)["access_token"])
    assert anna.post("/auth/logout-everywhere").status_code == 204
    assert (anna.get("/stats").status_code, other.get("/stats").status_code) == (401, 401)


def test_ones_logins_are_listed(anna: Program) -> None:
    [login] = anna.get("/auth/logins").json["items"]  # type: ignore[index]
    assert (login["way"], login["address"], login["is_this"]) == ("api", "127.0.0.1", True)


def test_a_login_that_was_not_seen_for_long_has_ended(desk: Desk, anna: Program) -> None:
    with desk.db.write() as tx:
        tx.execute(update(Login).values(seen_at=wall_now() - LIVES_FOR - timedelta(minutes=1)))
    assert anna.get("/stats").status_code == 401


@pytest.mark.parametrize("change", ["role", "password", "disabled"])
def test_a_change_of_the_user_ends_the_token(desk: Desk, anna: Program, change: str) -> None:
    if change == "role":
        set_role(desk, SYSTEM, "otto", Role.ADMIN)
        set_role(desk, SYSTEM, "anna", Role.VIEWER)
    elif change == "password":
        set_password(desk, SYSTEM, "anna", "another good password")
    else:
        builders.disable(desk, "anna")
    assert anna.get("/stats").status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/users", {"name": "mallory", "role": "admin", "password": "a good password"}),
        ("PUT", "/users/anna/password", {"password": "another good password"}),
        ("PUT", "/users/vera/password", {"password": "another good password"}),
        ("PUT", "/users/vera/role", {"role": "admin"}),
        ("POST", "/users/vera/enable", None),
        ("POST", "/keys", {"name": "mine", "role": "admin"}),
    ],
)
def test_a_stolen_token_gives_nobody_more(
    anna: Program, method: str, path: str, body: object
) -> None:
    assert anna.ask(method, path, json=body).status_code == 403


def test_a_proof_opens_one_deed(anna: Program) -> None:
    prove(anna)
    key = {"role": "viewer"}
    assert anna.post("/keys", {**key, "name": "one"}).status_code == 201
    assert anna.post("/keys", {**key, "name": "two"}).status_code == 403


def test_a_password_that_others_chose_must_be_changed_first(
    anna: Program, stranger: Program
) -> None:
    prove(anna)
    nina = {"name": "nina", "password": "chosen by anna"}
    assert anna.post("/users", nina).status_code == 201
    token = stranger.post("/auth/login", nina).json["access_token"]  # type: ignore[index]
    assert bearing(stranger, token).get("/stats").status_code == 403


# ------------------------------------------------------------------------------ keys
def test_a_key_is_shown_once_and_kept_as_a_hash(desk: Desk, anna: Program) -> None:
    prove(anna)
    made = anna.post("/keys", {"name": "grafana", "role": "viewer"})
    assert made.json is not None
    secret = made.json["secret"]
    assert secret not in anna.get("/keys").text
    with desk.db.read() as tx:
        kept = tx.scalars(select(ApiKey).where(ApiKey.name == "grafana")).one()
    assert secret not in {kept.hash, kept.start}


def test_a_key_opens_what_its_role_may(stranger: Program, anna: Program) -> None:
    prove(anna)
    made = anna.post("/keys", {"name": "grafana", "role": "viewer"}).json
    assert made is not None
    grafana = Program(stranger.client, **{"X-API-Key": made["secret"]})
    assert grafana.get("/stats").status_code == 200
    assert grafana.get("/keys").status_code == 403


def test_a_revoked_key_opens_nothing(desk: Desk, viewer: Program) -> None:
    revoke_key(desk, SYSTEM, "viewer-key")
    assert viewer.get("/stats").status_code == 401


def test_a_key_ends_by_itself(desk: Desk, viewer: Program) -> None:
    with desk.db.write() as tx:
        tx.execute(update(ApiKey).values(expires_at=wall_now()))
    assert viewer.get("/stats").status_code == 401


def test_the_last_use_of_a_key_is_shown(admin: Program) -> None:
    [key] = admin.get("/keys").json["items"]  # type: ignore[index]
    assert key["last_used_from"] == "127.0.0.1"


def test_a_name_is_given_once(desk: Desk, anna: Program) -> None:
    create_key(desk, SYSTEM, "grafana", Role.VIEWER)
    prove(anna)
    again = anna.post("/keys", {"name": "grafana", "role": "viewer"})
    assert again.status_code == 409


def test_a_key_opens_no_page(viewer: Program) -> None:
    assert viewer.client.get("/_dash-layout", headers=viewer.headers).status_code == 401


def test_a_wrong_key_is_not_helped_by_a_cookie(app: Flask) -> None:
    client = app.test_client()
    client.get("/login")
    with client.session_transaction() as session:
        token = session["form_token"]
    client.post("/login", data={**ANNA, "form_token": token})
    assert client.get("/api/v1/stats").status_code == 200
    assert client.get("/api/v1/stats", headers={"X-API-Key": "bw_wrong"}).status_code == 401


def issued(desk: Desk, app: Flask, ago: timedelta) -> str:
    with desk.db.read() as tx:
        user = find_user(tx, "anna")
    assert user is not None
    login = begin_login(desk.db, user, Way.API, "", "")
    tokens: Tokens = app.extensions["entrance"].tokens
    return tokens.issue(user, login, 0, wall_now() + ago).access_token
