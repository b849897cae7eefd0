"""Logging in and out by the page."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Blueprint, Flask, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from dashboard.auth import Person, address, current_actor, current_login_id, is_logged_in
from engine.actions.logins import LIVES_FOR, begin_login, end_login
from engine.actions.people import check_login
from engine.desk import Desk
from engine.errors import DeskError
from models.people import User
from models.vocabulary import Way

FORM_TOKEN = "form_token"  # noqa: S105  # a name, not a secret
WRONG = "That name and password do not match."
EXPIRED = "Your session has ended. Log in again."
FORM_TOO_OLD = "This page was open too long. Try again."


def mount_login_page(server: Flask, desk: Desk, on_logout: Callable[[str], None]) -> None:
    """Add the login page and logging out; `on_logout` hears which login ended."""
    server.permanent_session_lifetime = LIVES_FOR
    server.register_blueprint(_pages(desk, on_logout))


def local_path(wanted: str | None) -> str:
    """Return a path of this desk to go on to, `/` for anything that leads elsewhere."""
    wanted = wanted or "/"
    parts = urlsplit(wanted)
    leads_away = parts.scheme or parts.netloc or wanted[1:2] in {"/", "\\"}
    if leads_away or not wanted.startswith("/") or not wanted.isprintable():
        return "/"
    return wanted


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
        end_login(desk, current_actor(), current_login_id())
        on_logout(current_login_id())
        logout_user()
        session.clear()
        return redirect(url_for("auth.login"), 303)

    return pages


def _try_login(desk: Desk) -> ResponseReturnValue:
    name, password = (request.form.get(field, "") for field in ("name", "password"))
    try:
        user = check_login(desk, name, password, address())
    except DeskError as error:  # too many attempts
        return _form(str(error)), 429
    if user is None:
        return _form(WRONG), 401
    _begin_session(desk, user)
    return redirect(local_path(request.args.get("next")), 303)


def _begin_session(desk: Desk, user: User) -> None:
    session.clear()  # nothing of the stranger's session lives on in the user's
    session.permanent = True
    login = begin_login(desk.db, user, Way.PAGE, address(), request.user_agent.string)
    login_user(Person(user.name, user.role, login.id, user.session_epoch))


def _form(complaint: str) -> str:
    token = session.setdefault(FORM_TOKEN, secrets.token_urlsafe(24))
    return render_template(
        "login.html", complaint=complaint, token=token, name=request.form.get("name", "")
    )


def _has_form_token() -> bool:
    expected, given = session.get(FORM_TOKEN, ""), request.form.get(FORM_TOKEN, "")
    return bool(expected) and secrets.compare_digest(expected.encode(), given.encode())
