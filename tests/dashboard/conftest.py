"""A desk with a session in progress, served on a free port, and people who may log in."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Thread
from typing import Any, cast

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from werkzeug.serving import make_server

from dashboard import create_app
from engine.desk import Desk
from engine.settings import Settings
from tests.dashboard import builders, desks

expect.set_options(timeout=20_000)  # a machine with little time to spare draws charts slowly

KEPT = {"error", "warning"}
FORM_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
SECRET = "a secret of thirty-two characters or more"  # noqa: S105  # opens nothing


@pytest.fixture
def now() -> datetime:
    """When the desk begins: 10:15 on a trading day."""
    return builders.NOW


@pytest.fixture
def desk(sqlite_url: str, now: datetime) -> Iterator[Desk]:
    """A desk with people, but nothing traded yet."""
    made = desks.make_desk(sqlite_url, now=now)
    yield made
    made.db.close()


@pytest.fixture
def app(desk: Desk) -> Iterator[Flask]:
    """The face of that desk."""
    settings = Settings(feed_limit=4)
    made = create_app(settings, desk, SECRET)
    made.testing = True
    yield made
    made.extensions["feed"].stop()


@pytest.fixture
def url(app: Flask) -> Iterator[str]:
    """The address of that face, served for real."""
    with serving(app) as address:
        yield address


@contextmanager
def serving(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve an app on a port of this machine."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def open_page(url: str, browser_context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """Opens a page as somebody, with everything that went wrong in it kept in `page.trouble`."""

    def open_page(path: str = "/", name: str = "anna", **options: Any) -> Page:
        page = browser_context(**options).new_page()
        watch(page, url)
        let_in(page, url, name)
        page.goto(url + path)
        return page

    return open_page


def let_in(page: Page, url: str, name: str) -> None:
    """Log in as the login page does, without drawing it each time."""
    agent = {"User-Agent": page.evaluate("navigator.userAgent")}  # the session is for one alone
    asked = page.context.request
    [token] = FORM_TOKEN.findall(asked.get(f"{url}/login", headers=agent).text())
    form = {"name": name, "password": desks.PASSWORD, "form_token": token}
    answer = asked.post(f"{url}/login", form=form, headers=agent, max_redirects=0)
    assert answer.status == 303, answer.status


def log_in(page: Page, name: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(desks.PASSWORD)
    page.get_by_role("button", name="Log in").click()


@contextmanager
def dropped(page: Page, app: Flask) -> Iterator[None]:
    """Take a page's connection away, and give it back."""
    page.context.set_offline(True)
    app.extensions["feed"].end_all()
    expect(page.locator("#shell-link")).to_contain_text("Connection lost")
    yield
    page.context.set_offline(False)
    expect(page.locator("#shell-link")).to_be_hidden()


def watch(page: Page, url: str) -> None:
    """Keep console errors and warnings, failed answers and requests that leave the machine."""
    trouble: list[str] = []
    page.on("console", lambda m: trouble.append(m.text) if m.type in KEPT else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda r: trouble.append(r.url) if _is_outside(r.url, url) else None)
    cast("Any", page).trouble = trouble


def _is_outside(asked: str, url: str) -> bool:
    return not asked.startswith((url, "data:", "blob:"))
