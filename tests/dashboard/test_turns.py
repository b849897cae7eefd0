"""A crowd of one's own requests waits for itself, and nobody else for it."""

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Event, Semaphore

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from werkzeug.test import TestResponse

from dashboard.turns import AT_ONCE, AT_ONCE_OF_PROGRAMS, IN_LINE, SHARE_IN_LINE, mount_turns
from engine.actions.keys import create_key
from engine.actions.permissions import SYSTEM
from engine.desk import Desk
from models.control import TradingState
from models.vocabulary import Control, Role
from tests.dashboard import builders
from tests.dashboard.test_limits import CALLBACK, said
from tests.dashboard.test_reach import OPERATOR, logged_in

PAGE = "/_dash-update-component/slow"
STEER = "/api/v1/control/slow"
LOG_IN = "/api/v1/auth/login"
MANY_THREADS = 1_000
PROXY = {"Authorization": "Basic b25lOmZvckFsbA=="}  # which a proxy adds to everybody's requests


class Slow:
    """An answer that comes when it is let go."""

    def __init__(self) -> None:
        self.begun, self.let_go = Semaphore(0), Event()

    def __call__(self) -> str:
        self.begun.release()
        self.let_go.wait(30)
        return "at last"

    def have_begun(self, count: int) -> bool:
        return all(self.begun.acquire(timeout=10) for _ in range(count))


@pytest.fixture
def crowd() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(AT_ONCE + IN_LINE + 1) as pool:
        yield pool


@pytest.fixture
def slow(app: Flask, crowd: ThreadPoolExecutor) -> Iterator[Slow]:
    assert crowd  # which ends once everybody has been let go
    made = Slow()
    for path in ("/api/v1/slow", STEER):
        app.add_url_rule(path, path, made)
    yield made
    made.let_go.set()


def test_a_crowd_of_one_waits_for_itself_alone(
    app: Flask, desk: Desk, slow: Slow, crowd: ThreadPoolExecutor
) -> None:
    mine, yours = (create_key(desk, SYSTEM, name, Role.ADMIN).secret for name in ("a", "b"))

    def ask(key: str, path: str) -> "Future[int]":
        client = app.test_client(use_cookies=False)
        return crowd.submit(lambda: client.get(path, headers={"X-API-Key": key}).status_code)

    held = [ask(mine, "/api/v1/slow") for _ in range(AT_ONCE_OF_PROGRAMS)]
    assert slow.have_begun(AT_ONCE_OF_PROGRAMS)
    last = ask(mine, "/api/v1/stats")
    assert ask(yours, "/api/v1/stats").result(20) == 200
    assert not last.done()
    slow.let_go.set()
    assert [answer.result(20) for answer in [*held, last]] == [200] * (AT_ONCE_OF_PROGRAMS + 1)


@pytest.mark.parametrize(
    ("deed", "status"),
    [
        ("kill-switch", 202),
        ("emergency-stop", 202),
        ("pause", 200),
        ("resume", 200),
        ("close", 202),
    ],
)
def test_whoever_has_a_crowd_under_way_can_still_steer_the_desk(
    app: Flask, desk: Desk, slow: Slow, crowd: ThreadPoolExecutor, deed: str, status: int
) -> None:
    key = create_key(desk, SYSTEM, "a", Role.ADMIN).secret
    client, headers = app.test_client(use_cookies=False), {"X-API-Key": key}
    for _ in range(AT_ONCE_OF_PROGRAMS):
        crowd.submit(client.get, "/api/v1/slow", headers=headers)
    assert slow.have_begun(AT_ONCE_OF_PROGRAMS)
    what = {"position_id": builders.add_position(desk).id} if deed == "close" else {}
    said = {"reason": "a crowd", **what}
    done = client.post(f"/api/v1/control/{deed}", json=said, headers=headers)
    assert done.status_code == status


def test_a_crowd_of_steering_waits_for_itself_too(
    app: Flask, desk: Desk, slow: Slow, crowd: ThreadPoolExecutor
) -> None:
    headers = {"X-API-Key": create_key(desk, SYSTEM, "a", Role.ADMIN).secret}

    def ask() -> None:
        app.test_client(use_cookies=False).get(STEER, headers=headers)

    for _ in range(AT_ONCE_OF_PROGRAMS + 1):
        crowd.submit(ask)
    assert slow.have_begun(AT_ONCE_OF_PROGRAMS)
    assert not slow.begun.acquire(timeout=0.3)


def test_the_page_stops_the_desk_though_its_person_has_a_crowd_under_way(
    app: Flask, desk: Desk, slow: Slow, crowd: ThreadPoolExecutor
) -> None:
    app.add_url_rule(PAGE, PAGE, slow)
    client = logged_in(app, OPERATOR)
    cookie = client.get_cookie("bellwether")
    assert cookie is not None
    for _ in range(AT_ONCE):
        crowd.submit(ask, app, PAGE, cookie.value)
    assert slow.have_begun(AT_ONCE)
    assert client.post(CALLBACK, json=said(app, "kill-dialog.is_open")).status_code == 200
    with desk.db.read() as tx:
        assert tx.get_one(TradingState, "all").state is Control.HALTED


# ---------------------------------------------------------------------------- who is one
@pytest.fixture
def behind(crowd: ThreadPoolExecutor) -> Iterator[tuple[Flask, Slow]]:
    """A server behind a proxy: everybody comes from one address, with the proxy's credentials."""
    assert crowd
    made, slow = serving_slowly(MANY_THREADS)
    yield made, slow
    slow.let_go.set()


def test_people_behind_one_proxy_do_not_wait_for_one_another(
    behind: tuple[Flask, Slow], crowd: ThreadPoolExecutor
) -> None:
    app, slow = behind
    for person in range(AT_ONCE + 1):
        crowd.submit(ask, app, PAGE, cookie_of(app, f"login{person}"))
    assert slow.have_begun(AT_ONCE + 1)


def test_one_login_is_one_however_often_its_cookie_is_renewed(
    behind: tuple[Flask, Slow], crowd: ThreadPoolExecutor
) -> None:
    app, slow = behind
    for renewal in range(AT_ONCE + 1):
        crowd.submit(ask, app, PAGE, cookie_of(app, "login", renewal))
    assert slow.have_begun(AT_ONCE)
    assert not slow.begun.acquire(timeout=0.3)


def test_invented_cookies_are_their_address(
    behind: tuple[Flask, Slow], crowd: ThreadPoolExecutor
) -> None:
    app, slow = behind
    for number in range(AT_ONCE + 1):
        crowd.submit(ask, app, PAGE, str(number))
    assert slow.have_begun(AT_ONCE)
    assert not slow.begun.acquire(timeout=0.3)


def test_invented_keys_at_the_public_door_are_their_address(
    behind: tuple[Flask, Slow], crowd: ThreadPoolExecutor
) -> None:
    app, slow = behind
    for number in range(AT_ONCE + 1):
        crowd.submit(ask, app, LOG_IN, "", str(number))
    assert slow.have_begun(AT_ONCE)
    assert not slow.begun.acquire(timeout=0.3)


# ---------------------------------------------------------------------------- who waits
def test_a_line_of_ones_own_has_an_end(
    behind: tuple[Flask, Slow], crowd: ThreadPoolExecutor
) -> None:
    app, slow = behind
    asked = [crowd.submit(ask, app, PAGE, "") for _ in range(AT_ONCE + IN_LINE + 1)]
    assert_one_is_sent_away(asked)
    assert slow.have_begun(AT_ONCE)


def test_all_lines_together_hold_a_share_of_the_threads(crowd: ThreadPoolExecutor) -> None:
    app, slow = serving_slowly(threads=2 * SHARE_IN_LINE)
    asked = [crowd.submit(ask, app, PAGE, "") for _ in range(AT_ONCE + 2)]
    login = cookie_of(app, "login")
    asked += [crowd.submit(ask, app, PAGE, login) for _ in range(AT_ONCE)]
    assert slow.have_begun(2 * AT_ONCE)
    assert_one_is_sent_away([*asked, crowd.submit(ask, app, PAGE, login)])
    slow.let_go.set()


def assert_one_is_sent_away(asked: list[Future[TestResponse]]) -> None:
    done, _ = wait(asked, timeout=10, return_when=FIRST_COMPLETED)
    [answer] = [one.result() for one in done]
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


def serving_slowly(threads: int) -> tuple[Flask, Slow]:
    app, slow = Flask("behind"), Slow()
    app.secret_key = "a secret"  # noqa: S105  # opens nothing
    mount_turns(app, threads)
    app.add_url_rule(PAGE, "slow", slow)
    app.add_url_rule(LOG_IN, "api.log_in", slow)
    return app, slow


def cookie_of(app: Flask, login: str, renewal: int = 0) -> str:
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    return str(signer.dumps({"_user_id": f"{login}.0", "renewal": renewal}))


def ask(app: Flask, path: str, cookie: str, key: str | None = None) -> TestResponse:
    name = app.config["SESSION_COOKIE_NAME"]
    headers = {**PROXY, "Cookie": f"{name}={cookie}"}
    client = app.test_client(use_cookies=False)
    return client.get(path, headers=headers | ({"X-API-Key": key} if key else {}))
