"""Getting in: tokens for a name and password, new ones for old, and the end of a login."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from flask import request
from pydantic import Field
from werkzeug.exceptions import Unauthorized

from dashboard.api.endpoint import Asked, Endpoints
from dashboard.api.fields import Asking, Password
from dashboard.auth import address, current_login_id, get_entrance
from dashboard.queries.pages import Page
from dashboard.tokens import LONGEST, TokenPair, Use
from engine.actions.audit import Entry
from engine.actions.deeds import write_refusal
from engine.actions.logins import (
    begin_login,
    end_all_logins,
    end_login,
    living_login,
    logins_of,
    use_refresh,
)
from engine.actions.people import check_login
from engine.actions.permissions import Permission
from engine.actions.proving import prove
from engine.actions.second_factor import check_code, code_attempt
from engine.clock import wall_now
from models.people import User
from models.vocabulary import Way

endpoints = Endpoints()
NOTHING = HTTPStatus.NO_CONTENT
CODE = "A code of the second factor is needed, and each opens once."
WRONG = "That name and password do not match."
SPENT = "This refresh token is spent or was never good; log in again."


class NameAndPassword(Asking):
    """Who, and the proof."""

    name: Annotated[str, Field(max_length=256)]
    password: Password
    code: Annotated[str | None, Field(max_length=32)] = None  # of a second factor


class Proof(Asking):
    """One's own password again, and a code where there is a second factor."""

    password: Password
    code: Annotated[str, Field(max_length=32)] = ""


class Refresh(Asking):
    """The refresh token of the last pair."""

    refresh_token: Annotated[str, Field(max_length=LONGEST)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginView:
    """One browser or program that is logged in."""

    way: Way
    address: str
    agent: str
    began_at: datetime
    seen_at: datetime
    is_this: bool


@endpoints.post("/auth/login", None)
def log_in(asked: Asked, body: NameAndPassword) -> TokenPair:
    """Exchange a name and password for tokens; wrong ones are told apart for nobody."""
    user = check_login(asked.desk, body.name, body.password, address(), Way.API)
    if user is None:
        raise Unauthorized(WRONG)
    if user.totp_secret is not None and not _has_code(asked, user, body.code):
        raise Unauthorized(CODE)
    agent = request.user_agent.string
    login = begin_login(asked.desk.db, user, Way.API, address(), agent)
    return get_entrance().tokens.issue(user, login, 0, wall_now())


def _has_code(asked: Asked, user: User, code: str | None) -> bool:
    if code is None:
        return False
    attempt = code_attempt(user, address(), Way.API)
    return check_code(asked.desk, get_entrance().vault, code, attempt)


@endpoints.post("/auth/refresh", None)
def refresh(asked: Asked, body: Refresh) -> TokenPair:
    """Exchange a refresh token, once, for the next pair."""
    entrance, db = get_entrance(), asked.desk.db
    claims = entrance.tokens.read(body.refresh_token, Use.REFRESH)
    living = living_login(db, claims.login, claims.epoch) if claims else None
    if claims is None or living is None or not use_refresh(db, claims.login, claims.refreshes):
        write_refusal(asked.desk, asked.actor, Entry("refresh"), SPENT)
        raise Unauthorized(SPENT)
    return entrance.tokens.issue(living.user, living.login, claims.refreshes + 1, wall_now())


@endpoints.post("/auth/prove", Permission.VIEW, status=NOTHING)
def show_proof(asked: Asked, body: Proof) -> None:
    """Show one's password again: opens one grave deed of this login within two minutes."""
    prove(asked.desk, get_entrance().vault, asked.actor, body.password, body.code)


@endpoints.post("/auth/logout", Permission.VIEW, status=NOTHING)
def log_out(asked: Asked) -> None:
    """End the login that this request belongs to."""
    end_login(asked.desk, asked.actor, current_login_id())


@endpoints.post("/auth/logout-everywhere", Permission.VIEW, status=NOTHING)
def log_out_everywhere(asked: Asked) -> None:
    """End every login of one's own, this one as well."""
    end_all_logins(asked.desk, asked.actor)


@endpoints.get("/auth/logins", Permission.VIEW)
def own_logins(asked: Asked) -> Page[LoginView]:
    """One's own logins that are in force, the newest first."""
    with asked.desk.db.read() as tx:
        found = logins_of(tx, asked.actor.name)
    views = [
        LoginView(
            way=login.way,
            address=login.address,
            agent=login.agent,
            began_at=login.began_at,
            seen_at=login.seen_at,
            is_this=login.id == current_login_id(),
        )
        for login in found
    ]
    return Page(views, None)
