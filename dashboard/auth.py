"""Logging in and out, and who asks: sessions are bound to the user's `session_epoch`."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

from flask import Blueprint, Flask, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from engine.actions.people import check_login
from engine.actions.permissions import Actor
from engine.desk import Desk
from engine.errors import DeskError
from models.database import Database
from models.people import User
from models.vocabulary import Role

SESSION_LENGTH = timedelta(hours=12)  # since the last request
LOGIN_ID = "login"
FORM_TOKEN = "form_token"  # noqa: S105  # a name, not a secret
WRONG = "That name and password do not match."
EXPIRED = "Your session has ended. Log in again."
FORM_TOO_OLD = "This page was open too long. Try again."


@dataclass(frozen=True)
class Person(UserMixin):
    """Who is logged in. The key in the cookie dies when the user's epoch rises."""

    id: int
    name: str
    role: Role
    epoch: int

    def get_id(self) -> str:
        """Return what the session cookie carries."""
        return f"{self.id}.{self.epoch}"


def current_actor() -> Actor:
    """Return who sent this request."""
    person = _person()
    return Actor(person.name, person.role)


def is_logged_in() -> bool:
    """Say whether somebody sent this request."""
    return bool(_person().is_authenticated)


def current_login_id() -> str:
    """Return which login this request belongs to: one browser has one."""
    return str(session.get(LOGIN_ID, ""))


def login_check(db: Database) -> Callable[[], bool]:
    """Return a question that outlives this request: is its user still welcome?"""
    key = _person().get_id()
    return lambda: load_person(db, key) is not None


def load_person(db: Database, key: str) -> Person | None:
    """Return the user of a session, None when it was ended or the user disabled."""
    id_, _, epoch = key.partition(".")
    if not (id_.isdecimal() and epoch.isdecimal()):
        return None
    with db.read() as tx:
        user = tx.get(User, int(id_))
    if user is None or not user.is_active or user.session_epoch != int(epoch):
        return None
    return Person(user.id, user.name, user.role, user.session_epoch)


def mount_auth(server: Flask, desk: Desk, on_logout: Callable[[str], None]) -> None:
    """Add the login page, logging out and the sessions; `on_logout` hears which login ended."""
    manager = LoginManager(server)
    # "strong" would log a phone out whenever it changes its network: no way to reach a kill switch.
    manager.session_protection = "basic"
    manager.user_loader(lambda key: load_person(desk.db, key))
    server.permanent_session_lifetime = SESSION_LENGTH
    server.register_blueprint(_pages(desk, on_logout))


def local_path(wanted: str | None) -> str:
    """Return a path of this desk to go on to, `/` for anything that leads elsewhere."""
    wanted = wanted or "/"
    parts = urlsplit(wanted)
    leads_away = parts.scheme or parts.netloc or wanted[1:2] in {"/", "\\"}
    if leads_away or not wanted.startswith("/") or not wanted.isprintable():
        return "/"
    return wanted


def _person() -> Person:
    return cast("Person", current_user)


def _pages(desk: Desk, on_logout: Callable[[str], None]) -> Blueprint:
    pages = Blueprint("auth", __name__)

    @pages.get("/login")
    def login() -> ResponseReturnValue:
        if is_logged_in():
            return redirect(local_path(request.args.get("next")))
        return _form(EXPIRED if "expired" in request.args else "")

    @pages.post("/login")
    def log_in() -> ResponseReturnValue:
        if not _has_form_token():
            return _form(FORM_TOO_OLD), 400
        return _try_login(desk)

    @pages.post("/logout")
    def log_out() -> ResponseReturnValue:
        on_logout(current_login_id())
        logout_user()
        session.clear()
        return redirect(url_for("auth.login"), 303)

    return pages


def _try_login(desk: Desk) -> ResponseReturnValue:
    name, password = (request.form.get(field, "") for field in ("name", "password"))
    try:
        user = check_login(desk, name, password, request.remote_addr or "")
    except DeskError as error:  # too many attempts
        return _form(str(error)), 429
    if user is None:
        return _form(WRONG), 401
    _begin_session(Person(user.id, user.name, user.role, user.session_epoch))
    return redirect(local_path(request.args.get("next")), 303)


def _begin_session(person: Person) -> None:
    session.clear()  # nothing of the stranger's session lives on in the user's
    session.permanent = True
    session[LOGIN_ID] = secrets.token_urlsafe(12)
    login_user(person)


def _form(complaint: str) -> str:
    token = session.setdefault(FORM_TOKEN, secrets.token_urlsafe(24))
    return render_template(
        "login.html", complaint=complaint, token=token, name=request.form.get("name", "")
    )


def _has_form_token() -> bool:
    expected, given = session.get(FORM_TOKEN, ""), request.form.get(FORM_TOKEN, "")
    return bool(expected) and secrets.compare_digest(expected.encode(), given.encode())
