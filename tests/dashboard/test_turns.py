"""A crowd of one's own requests waits for itself, and nobody else for it."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Semaphore

import pytest
from flask import Flask

from dashboard.turns import AT_ONCE_OF_PROGRAMS
from engine.actions.keys import create_key
from engine.actions.permissions import SYSTEM
from engine.desk import Desk
from models.vocabulary import Role


class Slow:
    """An answer that comes when it is let go."""

    def __init__(self) -> None:
        self.begun, self.let_go = Semaphore(0), Event()

    def __call__(self) -> str:
        self.begun.release()
        self.let_go.wait(30)
        return "at last"

    def have_begun(self, count: int) -> bool:
        return all(self.begun.acquire(timeout=20) for _ in range(count))


@pytest.fixture
def crowd() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(AT_ONCE_OF_PROGRAMS + 2) as pool:
        yield pool


@pytest.fixture
def slow(app: Flask, crowd: ThreadPoolExecutor) -> Iterator[Slow]:
    assert crowd  # which ends once everybody has been let go
    made = Slow()
    app.add_url_rule("/api/v1/slow", "slow", made)
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


def test_whoever_has_a_crowd_under_way_can_still_stop_the_desk(
    app: Flask, desk: Desk, slow: Slow, crowd: ThreadPoolExecutor
) -> None:
    key = create_key(desk, SYSTEM, "a", Role.OPERATOR).secret
    client, headers = app.test_client(use_cookies=False), {"X-API-Key": key}
    for _ in range(AT_ONCE_OF_PROGRAMS):
        crowd.submit(client.get, "/api/v1/slow", headers=headers)
    assert slow.have_begun(AT_ONCE_OF_PROGRAMS)
    said = {"reason": "a crowd"}
    killed = client.post("/api/v1/control/kill-switch", json=said, headers=headers)
    assert killed.status_code == 202
