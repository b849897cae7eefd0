"""Logging in and out by the page."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Blueprint, Flask, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from dashboard.auth import Person, address, current_actor, current_login_id, is_logged_in
from dashboard.forms import form_token, has_form_token
from engine.actions.logins import LIVES_FOR, begin_login, end_login
from engine.actions.people import check_login
from engine.actions.second_factor import check_code, code_attempt
from engine.actions.vault import Vault
from engine.clock import wall_now
from engine.desk import Desk
from engine.errors import DeskError
from models.people import User
from models.vocabulary import Way

HALF = "half"  # in the session of who has shown a password, and still owes a code
HALF_FOR = 300  # seconds
WRONG_CODE = "That code is not right, or was used before."
WRONG = "That name and password do not match."
EXPIRED = "Your session has ended. Log in again."
FORM_TOO_OLD = "This page was open too long. Try again."


def mount_login_page(
    server: Flask, desk: Desk, vault: Vault, on_logout: Callable[[str], None]
) -> None:
    """Add the login page and logging out; `on_logout` hears which login ended."""
    server.permanent_session_lifetime = LIVES_FOR
    server.register_blueprint(_pages(desk, vault, on_logout))


def local_path(wanted: str | None) -> str:
    """Return a path of this desk to go on to, `/` for anything that leads elsewhere."""
    wanted = wanted or "/"
    parts = urlsplit(wanted)
    leads_away = parts.scheme or parts.netloc or wanted[1:2] in {"/", "\\"}
    if leads_away or not wanted.startswith("/") or not wanted.isprintable():
        return "/"
    return wanted


def _pages(desk: Desk, vault: Vault, on_logout: Callable[[str], None]) -> Blueprint:
    pages = Blueprint("auth", __name__)

    @pages.get("/login")
    def login() -> ResponseReturnValue:
        if is_logged_in():
            return redirect(local_path(request.args.get("next")))
        return _form(EXPIRED if "expired" in request.args else "")

    @pages.post("/login")
    def log_in() -> ResponseReturnValue:
        if not has_form_token():
            return _form(FORM_TOO_OLD), 400
        return _try_login(desk)

    @pages.post("/login/code")
    def code() -> ResponseReturnValue:
        if not has_form_token():
            return _form(FORM_TOO_OLD), 400
        return _try_code(desk, vault)

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
    if user.totp_secret is not None:
        session[HALF] = {"id": user.id, "epoch": user.session_epoch, "at": _now()}
        return _code_form("")
    return _begin_session(desk, user)


def _try_code(desk: Desk, vault: Vault) -> ResponseReturnValue:
    """Let in who has shown the password shortly before, and now the second factor."""
    half = session.get(HALF) or {}
    with desk.db.read() as tx:
        user = tx.get(User, half.get("id", 0))
    if user is None or half["epoch"] != user.session_epoch or _now() - half["at"] > HALF_FOR:
        session.clear()
        return _form(FORM_TOO_OLD), 400
    try:
        attempt = code_attempt(user, address(), Way.PAGE)
        right = check_code(desk, vault, request.form.get("code", ""), attempt)
    except DeskError as error:  # too many attempts
        return _code_form(str(error)), 429
    return _begin_session(desk, user) if right else (_code_form(WRONG_CODE), 401)


def _begin_session(desk: Desk, user: User) -> ResponseReturnValue:
    session.clear()  # nothing of the stranger's session lives on in the user's
    session.permanent = True
    login = begin_login(desk.db, user, Way.PAGE, address(), request.user_agent.string)
    login_user(Person(user.name, user.role, login.id, user.session_epoch))
    return redirect(local_path(request.args.get("next")), 303)


def _form(complaint: str) -> str:
    name = request.form.get("name", "")
    return render_template("login.html", complaint=complaint, token=form_token(), name=name)


def _code_form(complaint: str) -> str:
    wanted = local_path(request.args.get("next"))
    return render_template("code.html", complaint=complaint, token=form_token(), next=wanted)


def _now() -> float:
    return wall_now().timestamp()
