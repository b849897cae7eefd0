"""One's own page: password, second factor, and where one is logged in."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Flask, redirect, render_template, request
from flask.typing import ResponseReturnValue

from dashboard.auth import address, current_actor, must_be_somebody
from dashboard.forms import form_token, has_form_token
from engine.actions.logins import end_all_logins, logins_of
from engine.actions.people import check_login, find_user, set_password
from engine.actions.second_factor import confirm_factor, propose_factor
from engine.actions.vault import Vault
from engine.desk import Desk
from engine.errors import DeskError

TOO_OLD = "This page was open too long. Try again."
WRONG = "The present password is another one."


def mount_me(server: Flask, desk: Desk, vault: Vault) -> None:
    """Add the page and what its forms do."""
    pages = Blueprint("me", __name__)

    def page(said: str = "", codes: Sequence[str] = ()) -> str:
        return _page(desk, vault, said, codes)

    @pages.before_request
    def only_our_forms() -> ResponseReturnValue | None:
        is_ours = request.method == "GET" or has_form_token()
        return None if is_ours else (page(TOO_OLD), 400)

    @pages.get("/me")
    def me() -> ResponseReturnValue:
        return page()

    @pages.post("/me/password")
    def password() -> ResponseReturnValue:
        return _change_password(desk) or (page(WRONG), 401)

    @pages.post("/me/factor")
    def factor() -> ResponseReturnValue:
        sealed, code = (request.form.get(each, "") for each in ("sealed", "code"))
        codes = confirm_factor(desk, vault, current_actor(), sealed, code.strip())
        return page("The second factor is in force.", codes)

    @pages.post("/me/logout-everywhere")
    def log_out_everywhere() -> ResponseReturnValue:
        end_all_logins(desk, current_actor())
        return redirect("/login", 303)

    @pages.errorhandler(DeskError)
    def said_no(error: DeskError) -> ResponseReturnValue:
        return page(f"{error}."), 422

    server.register_blueprint(pages)


def _change_password(desk: Desk) -> ResponseReturnValue | None:
    """Change it if the present one is right; a session alone must not be enough."""
    actor = current_actor()
    if check_login(desk, actor.name, request.form.get("present", ""), address()) is None:
        return None
    set_password(desk, actor, actor.name, request.form.get("password", ""))
    return redirect("/login", 303)


def _page(desk: Desk, vault: Vault, said: str, codes: Sequence[str]) -> str:
    actor = current_actor()
    with desk.db.read() as tx:
        user = find_user(tx, actor.name)
        logins = logins_of(tx, actor.name)
    has_factor = user is not None and user.totp_secret is not None
    return render_template(
        "me.html",
        name=actor.name,
        role=actor.role,
        said=said,
        codes=codes,
        must_change=must_be_somebody().must_change_password,
        has_factor=has_factor,
        proposal=None if has_factor else propose_factor(vault, actor),
        logins=logins,
        token=form_token(),
    )
