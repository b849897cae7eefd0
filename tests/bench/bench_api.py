"""Every answer of the API with a year of data, over HTTP: each GET, lists at their longest too."""

import gc
import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from dashboard import create_app
from dashboard.api import ENDPOINTS
from dashboard.api.fields import MOST_ITEMS, Paging
from dashboard.api.views import BASE
from engine.actions.keys import create_key
from engine.actions.permissions import SYSTEM
from engine.clock import stopwatch
from engine.desk import Desk
from engine.settings import Settings
from models.control import Command
from models.trading import Trade
from models.vocabulary import Role
from tests.bench.year import copied_year
from tests.dashboard import builders, desks
from tests.dashboard.conftest import SECRET, serving

NO_BOT = 404  # an invented year has no other bot
RUNS = 40
LIMIT = 50.0  # milliseconds
FILES = {"/audit/export"}  # everything at once, by its nature; bounded by its filters
READ = [each for each in ENDPOINTS if each.method == "GET" and each.path not in FILES]


@pytest.fixture(scope="module")
def year_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = desks.make_desk(copied_year(tmp_path_factory.mktemp("year")))
    builders.set_price(made, "S00001", "100")
    builders.beat(made)
    yield made
    made.db.close()


@pytest.fixture(scope="module")
def url(year_desk: Desk) -> Iterator[str]:
    app = create_app(Settings(), year_desk, SECRET)
    with serving(app) as address:
        gc.freeze()  # as the server does when it has started
        yield address
        gc.unfreeze()
        app.extensions["feed"].stop()


def test_every_answer_comes_within_50_ms(year_desk: Desk, url: str) -> None:
    slow: dict[str, float] = {}
    for number, path in enumerate(_asked(year_desk)):
        # One key for all would be asking too often after a while.
        key = create_key(year_desk, SYSTEM, f"bench-{number}", Role.ADMIN)
        times = sorted(_times(url, path, key.secret))
        p50, p95 = (times[int(len(times) * part)] for part in (0.5, 0.95))
        print(f"{path:62} p50 {p50:6.1f} ms  p95 {p95:6.1f} ms")
        if p95 >= LIMIT:
            slow[path] = p95
    assert slow == {}


def _asked(desk: Desk) -> Iterator[str]:
    with desk.db.read() as tx:
        trade = tx.scalar(select(Trade.id).order_by(Trade.id).offset(2_500).limit(1))
        command = tx.scalar(select(Command.id).limit(1))
    for endpoint in READ:
        number = command if endpoint.path.startswith("/commands") else trade
        path = BASE + endpoint.path.replace("{id}", str(number))
        yield path
        if endpoint.query is not None and issubclass(endpoint.query, Paging):
            yield f"{path}?limit={MOST_ITEMS}"


def _times(url: str, path: str, key: str) -> list[float]:
    found = []
    host = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    for _ in range(RUNS):
        begun = stopwatch()
        host.request("GET", path, headers={"X-API-Key": key})
        answer = host.getresponse()
        answer.read()
        found.append((stopwatch() - begun) * 1000)
        assert answer.status in {200, NO_BOT}, f"{path}: {answer.status}"
    host.close()
    return found
