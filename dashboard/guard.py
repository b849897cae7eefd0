"""Who gets in: one check before every request, closed for whatever it does not know."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from flask import Flask, abort, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import MethodNotAllowed

from dashboard.auth import current_person, is_logged_in
from dashboard.problems import API, problem

PUBLIC_ENDPOINTS = frozenset(
    {"auth.login", "auth.log_in", "auth.code", "healthz", "readyz", "favicon"}
)
PUBLIC_API = frozenset({"api.health", "api.log_in", "api.refresh"})
GUARDED_BY_TOKEN = frozenset({"metrics"})  # asks for a token of its own
PUBLIC_ASSETS = frozenset({"desk.css"})  # what the login page looks like
ASSETS = "_dash_assets.static"
PAGES = "/<path:path>"  # Dash's endpoint for whatever nobody else answers
WHILE_OWING = frozenset(
    {
        "me.me",
        "me.password",
        "auth.log_out",
        "api.show_proof",
        "api.set_password",
        "bootstrap.static",
    }
)
READING = frozenset({"GET", "HEAD", "OPTIONS"})
NOT_A_PAGE = ("/_dash", "/api/", "/assets/", "/bundle/", "/ws/")


def mount_guard(server: Flask, is_page: Callable[[str], bool]) -> None:
    """Put the check before every request. Called before any route exists, so that it is first."""

    @server.before_request
    def guard() -> ResponseReturnValue | None:
        if not (_is_public() or is_logged_in()):
            return _turn_away()
        if _owes_a_password():
            return _ask_for_password()
        if not _comes_from_here():
            abort(403)
        if request.endpoint in {None, PAGES} and not is_page(request.path):
            _say_what_is_allowed(server)
            return _no_such_page()  # Dash would answer anything with its page
        return None


def _is_public() -> bool:
    if request.endpoint == ASSETS:
        return (request.view_args or {}).get("filename") in PUBLIC_ASSETS
    return request.endpoint in PUBLIC_ENDPOINTS | PUBLIC_API | GUARDED_BY_TOKEN


def _turn_away() -> ResponseReturnValue:
    if _wants_page():
        wanted = {} if request.path == "/" else {"next": request.full_path.rstrip("?")}
        return redirect("/login" + (f"?{urlencode(wanted)}" if wanted else ""))
    if request.path.startswith(API):
        return problem(401, "Log in first: with a key in X-API-Key, or a token as Bearer.")
    return jsonify(error="log in first"), 401


def _wants_page() -> bool:
    accepts = "text/html" in request.headers.get("Accept", "")
    return request.method == "GET" and accepts and not request.path.startswith(NOT_A_PAGE)


def _no_such_page() -> ResponseReturnValue:
    return (render_template("missing.html"), 404) if _wants_page() else abort(404)


def _owes_a_password() -> bool:
    """Say whether somebody must first replace a password that others have seen."""
    person = current_person()
    if person is None or not person.must_change_password or _is_public():
        return False
    return request.endpoint not in WHILE_OWING and request.endpoint != ASSETS


def _ask_for_password() -> ResponseReturnValue:
    if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
        return redirect("/me")
    return problem(403, "Change your password first, at /me or by /api/v1/users/NAME/password.")


def _say_what_is_allowed(server: Flask) -> None:
    """Tell a program that asks by the wrong method; Dash's catch-all hides that from Flask."""
    if not request.path.startswith(API):
        return
    adapter = server.create_url_adapter(request)
    allowed = adapter.allowed_methods(request.path) if adapter else []
    if "POST" in allowed or "PUT" in allowed or "PATCH" in allowed or "DELETE" in allowed:
        raise MethodNotAllowed([m for m in allowed if m not in READING])


def _comes_from_here() -> bool:
    """Say whether a request that may change something was sent by our own pages, or no browser."""
    is_socket = request.headers.get("Upgrade", "").lower() == "websocket"
    if request.method in READING and not is_socket:
        return True
    origin = request.headers.get("Origin")
    if origin is not None:
        is_ours = urlsplit(origin).netloc == request.host
    else:
        is_ours = request.headers.get("Sec-Fetch-Site") in {None, "same-origin", "none"}
    if request.path.startswith("/_dash") and request.method == "POST":
        is_ours = is_ours and request.mimetype == "application/json"  # no form can send that
    return is_ours
