"""Puts the face together: guard, login, feed and pages on one Flask server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from dash import Dash
from flask import Flask
from pydantic import SecretStr
from werkzeug.middleware.proxy_fix import ProxyFix

from dashboard import closing, kill_switch, router, shell
from dashboard.ahead import mount_ahead
from dashboard.api import mount_api
from dashboard.auth import Entrance, mount_auth
from dashboard.bundles import mount_bundles
from dashboard.components.toasts import explain_error
from dashboard.exports import mount_exports
from dashboard.feed import Feed, mount_feed
from dashboard.guard import mount_guard
from dashboard.headers import compress, mount_headers
from dashboard.index import DeskApp
from dashboard.limits import in_database, in_memory, mount_limits
from dashboard.links import mount_links
from dashboard.login_page import mount_login_page
from dashboard.me import mount_me
from dashboard.observed import Observed, mount_metrics
from dashboard.page import Page
from dashboard.pages import PAGES
from dashboard.problems import mount_problems
from dashboard.signs_of_life import mount_signs_of_life
from dashboard.statics import BOOTSTRAP_CSS, mount_statics
from dashboard.tokens import Tokens
from dashboard.tracing import mount_tracing
from dashboard.turns import mount_turns
from engine.actions.vault import Vault
from engine.desk import Desk
from engine.settings import Settings

ASSETS = Path(__file__).parents[1] / "assets"


def create_app(settings: Settings, desk: Desk, secret_key: str) -> Flask:
    """Make the server. Its feed is `extensions["feed"]`; nothing runs until somebody asks.

    The guard comes first: whatever is added after it, by us or by a library, is behind it.
    """
    server = _server(settings, secret_key)
    feed = Feed(desk, settings.feed_limit)
    observed = Observed(desk, feed)
    mount_tracing(server, observed)
    mount_turns(server, settings.feed_threads)
    shared = settings.limits == "database"
    mount_limits(server, in_database(desk.db) if shared else in_memory())
    mount_guard(server, lambda path: router.find(PAGES, path) is not None)
    mount_problems(server)
    vault = Vault(secret_key)
    mount_auth(server, Entrance(desk.db, Tokens(secret_key), vault))
    mount_login_page(server, desk, vault, on_logout=feed.log_out)
    mount_me(server, desk, vault)
    mount_feed(server, feed)
    mount_api(server, desk)
    mount_statics(server, ASSETS)
    bundles = mount_bundles(server, ASSETS)
    mount_links(server, desk.db)
    mount_exports(server, desk)
    mount_signs_of_life(server, desk)
    mount_metrics(server, observed, _secret(settings.metrics_token))
    compress(server)
    app = server.extensions["dash"] = _dash(server, desk, PAGES, bundles)
    mount_headers(server, app.csp_hashes(), secure=settings.is_production)
    return server


def _server(settings: Settings, secret_key: str) -> Flask:
    server = Flask("dashboard", static_folder=None)
    server.secret_key = secret_key
    if settings.is_production:  # TLS ends in a proxy in front; it alone knows who asks, and how
        server.wsgi_app = ProxyFix(server.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
        server.config["SESSION_COOKIE_NAME"] = "__Host-bellwether"
    else:
        server.config["SESSION_COOKIE_NAME"] = "bellwether"
    return server


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value is not None else None


def _dash(server: Flask, desk: Desk, pages: tuple[Page, ...], bundles: Mapping[str, str]) -> Dash:
    app = DeskApp(
        bundles,
        name="bellwether",
        server=cast("Any", server),  # its annotation forgets that it may be a Flask
        assets_folder=str(ASSETS),
        external_stylesheets=[BOOTSTRAP_CSS, bundles["css"]],
        title="Bellwether",
        update_title="",
        suppress_callback_exceptions=True,  # pages come and go
        on_error=explain_error,
        enable_mcp=False,
    )
    mount_ahead(server, desk)
    app.layout = lambda: shell.layout(desk, pages)
    shell.register_callbacks(app)
    kill_switch.register_callbacks(app, desk)
    closing.register_callbacks(app, desk)
    router.register_callbacks(app, desk, pages)
    for page in pages:
        page.register_callbacks(app, desk)
    return app
