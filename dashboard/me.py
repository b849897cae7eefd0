"""One's own page: password, second factor, and where one is logged in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import Blueprint, Flask, redirect, render_template, request
from flask.typing import ResponseReturnValue

from dashboard.auth import current_actor, must_be_somebody, take_proof
from dashboard.forms import form_token, has_form_token
from dashboard.qr import qr_picture
from dashboard.queries.accounts import account_text, traded_number
from engine.actions.logins import end_all_logins, logins_of
from engine.actions.people import find_user, set_password
from engine.actions.second_factor import (
    confirm_factor,
    new_recovery_codes,
    propose_factor,
    remove_factor,
)
from engine.actions.vault import Vault
from engine.desk import Desk
from engine.errors import DeskError, NotProvenError

TOO_OLD = "This page was open too long. Try again."


Show = Callable[..., str]


def mount_me(server: Flask, desk: Desk, vault: Vault) -> None:
    """Add the page and what its forms do; whatever gives access asks for the present password."""
    pages = Blueprint("me", __name__)

    def page(said: str = "", codes: Sequence[str] = ()) -> str:
        return _page(desk, vault, said, codes)

    @pages.get("/me")
    def me() -> ResponseReturnValue:
        return page()

    @pages.post("/me/password")
    def password() -> ResponseReturnValue:
        _take_proof(desk)
        set_password(desk, current_actor(), current_actor().name, _typed("password"))
        return redirect("/login", 303)

    @pages.post("/me/logout-everywhere")
    def log_out_everywhere() -> ResponseReturnValue:
        end_all_logins(desk, current_actor())
        return redirect("/login", 303)

    _add_factor(pages, desk, vault, page)
    _explain_refusals(pages, page)
    server.register_blueprint(pages)


def _add_factor(pages: Blueprint, desk: Desk, vault: Vault, page: Show) -> None:
    @pages.post("/me/factor")
    def factor() -> ResponseReturnValue:
        _take_proof(desk)
        codes = confirm_factor(desk, vault, current_actor(), _typed("sealed"), _typed("code"))
        return page("The second factor is in force.", codes)

    @pages.post("/me/recovery")
    def recovery() -> ResponseReturnValue:
        _take_proof(desk)
        codes = new_recovery_codes(desk, current_actor())
        return page("The old recovery codes open nothing any more.", codes)

    @pages.post("/me/factor/remove")
    def remove() -> ResponseReturnValue:
        _take_proof(desk)
        remove_factor(desk, current_actor(), current_actor().name)
        return redirect("/login", 303)


def _explain_refusals(pages: Blueprint, page: Show) -> None:
    @pages.before_request
    def only_our_forms() -> ResponseReturnValue | None:
        is_ours = request.method == "GET" or has_form_token()
        return None if is_ours else (page(TOO_OLD), 400)

    @pages.errorhandler(NotProvenError)
    def not_proven(error: NotProvenError) -> ResponseReturnValue:
        return page(str(error)), 401

    @pages.errorhandler(DeskError)
    def said_no(error: DeskError) -> ResponseReturnValue:
        return page(f"{error}."), 422


def _take_proof(desk: Desk) -> None:
    take_proof(desk, request.form.get("present"), request.form.get("present_code"))


def _typed(field: str) -> str:
    return request.form.get(field, "")


def _page(desk: Desk, vault: Vault, said: str, codes: Sequence[str]) -> str:
    actor = current_actor()
    with desk.db.read() as tx:
        user = find_user(tx, actor.name)
        logins = logins_of(tx, actor.name)
        account = account_text(desk, traded_number(tx, desk))
    proposal = propose_factor(vault, actor)
    return render_template(
        "me.html",
        name=actor.name,
        role=actor.role,
        mode=desk.mode,
        account=account,
        said=said,
        codes=codes,
        must_change=must_be_somebody().must_change_password,
        has_factor=user is not None and user.totp_secret is not None,
        codes_left=len(user.recovery_hashes or []) if user else 0,
        proposal=proposal,
        picture=qr_picture(proposal.uri),
        logins=logins,
        token=form_token(),
    )
