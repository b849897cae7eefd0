"""A crowd of one's own requests waits for itself, and nobody else for it."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Semaphore

import pytest
from flask import Flask

from dashboard.turns import AT_ONCE_OF_PROGRAMS, mount_turns
from engine.actions.keys import create_key
from engine.actions.permissions import SYSTEM
from engine.desk import Desk
from models.vocabulary import Role
from tests.dashboard import builders

PAGE = "/_dash-update-component/slow"
STEER = "/api/v1/control/slow"
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
    with ThreadPoolExecutor(AT_ONCE_OF_PROGRAMS + 2) as pool:
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


def test_people_behind_one_proxy_do_not_wait_for_one_another(crowd: ThreadPoolExecutor) -> None:
    behind, slow = Flask("behind"), Slow()
    mount_turns(behind)
    behind.add_url_rule(PAGE, "slow", slow)

    def ask(who: int) -> None:
        client = behind.test_client(use_cookies=False)
        client.get(PAGE, headers={**PROXY, "Cookie": f"session={who}"})

    for person in range(AT_ONCE_OF_PROGRAMS + 1):
        crowd.submit(ask, person)
    have_begun = slow.have_begun(AT_ONCE_OF_PROGRAMS + 1)
    slow.let_go.set()
    assert have_begun
