"""How quickly the pages answer while the same process syncs a whole market and scans it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pytest
import requests
from sqlalchemy import func, select

from dashboard.components import ids
from engine.actions.permissions import SYSTEM
from engine.actions.trading_settings import change_settings
from engine.adapters.market_playback import PlayedData, recorded_market
from engine.bootstrap import simulated_desk
from engine.clock import ClockSetting, DrivenClock, ShiftedClock, wall_now
from engine.market_hours import MarketHours
from models.database import Database
from models.market import DailyColumns
from models.market_data import OpeningRange, SyncedSession
from models.vocabulary import SettingsKind
from tests.bench.invented_market import InventedDaily
from tests.bench.market_server import market_server
from tests.engine.cli.serving import PASSWORD, Served, serving
from tests.engine.jobs.desk_of_sources import no_days
from tests.local_alpaca import LocalAlpaca, PlayedMarket

HOURS = MarketHours()
TODAY = date(2026, 11, 20)
SYMBOLS, LIQUID, SESSIONS = 11_000, 3_000, 60
FINISHED = SESSIONS - 1  # the window's last one is today's
LATENCY = 0.05
LIMIT = 0.250
READERS, PAUSE = 4, 0.3  # people, and what each of them waits between two requests
LONGEST = 400.0  # seconds
QUIET = 15.0
CALLBACKS = ("shell-page.children", "scanner-health.children", "scanner-universe.getRowsResponse")
PAGES = ("/", "/scanner", "/signals", "/_dash-layout")


@dataclass
class Reader:
    """Somebody who goes from page to page, and how long each answer took."""

    session: requests.Session
    asked: Iterator[tuple[str, Callable[[], requests.Response]]]
    took: list[tuple[str, float]] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)

    def read_until(self, over: threading.Event) -> None:
        while not over.is_set():
            name, ask = next(self.asked)
            began = perf_counter()
            answer = ask()
            self.took.append((name, perf_counter() - began))
            if answer.status_code != requests.codes.ok:
                self.wrong.append(answer.status_code)
            over.wait(PAUSE)


@pytest.mark.timeout(900)
def test_pages_answer_while_a_market_is_synced_and_scanned(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'data' / 'bellwether.db'}"
    _keep_sessions(url)
    with ExitStack() as stack:
        data = stack.enter_context(market_server(SYMBOLS, LIQUID, LATENCY, TODAY))
        clock = _clock()
        broker = stack.enter_context(LocalAlpaca(_listed(), clock))
        served = stack.enter_context(serving(tmp_path, **_environment(broker, clock, data)))
        busy = _read(served, lambda: _is_done(url))
        quiet = _read(served, _after(QUIET))
    synced, scanned = _counted(url)
    print(f"\n{SYMBOLS:,} symbols: {synced} sessions synced, {scanned:,} opening ranges scanned")
    _print("afterwards", quiet)
    _print("while it works", busy)
    for name in (*PAGES, *CALLBACKS):
        _print(f"  {name}", [took for took in busy if took[0] == name])
    assert (synced, scanned) == (FINISHED, SYMBOLS)
    assert _p99(busy) <= LIMIT


def _p99(took: list[tuple[str, float]]) -> float:
    return float(np.percentile([seconds for _, seconds in took], 99))


def _print(name: str, took: list[tuple[str, float]]) -> None:
    seconds = [seconds for _, seconds in took]
    p50, worst = float(np.percentile(seconds, 50)) * 1000, max(seconds) * 1000
    print(
        f"  {name:42} {len(seconds):5} requests  p50 {p50:6.1f} ms  "
        f"p99 {_p99(took) * 1000:6.1f} ms  longest {worst:6.1f} ms"
    )


def _read(served: Served, is_over: Callable[[], bool]) -> list[tuple[str, float]]:
    """Have some people read until something is so."""
    readers = [_reader(f"http://127.0.0.1:{served.port}") for _ in range(READERS)]
    over = threading.Event()
    threads = [threading.Thread(target=reader.read_until, args=(over,)) for reader in readers]
    for thread in threads:
        thread.start()
    ends = perf_counter() + LONGEST
    while not is_over() and perf_counter() < ends:
        over.wait(0.5)
    over.set()
    for thread in threads:
        thread.join()
    assert [status for reader in readers for status in reader.wrong] == []
    return [took for reader in readers for took in reader.took]


def _reader(address: str) -> Reader:
    session = requests.Session()
    form = session.get(f"{address}/login").text
    token = re.search(r'name="form_token" value="([^"]+)"', form)
    assert token is not None, "the login has no token"
    said = {"name": "admin", "password": PASSWORD, "form_token": token.group(1)}
    session.post(f"{address}/login", data=said)
    known = session.get(f"{address}/_dash-dependencies").json()
    posts = [(name, _callback(address, session, known, name)) for name in CALLBACKS]
    gets = [(path, _page(address, session, path)) for path in PAGES]
    return Reader(session, cycle([*posts, *gets]))


def _page(address: str, session: requests.Session, path: str) -> Callable[[], requests.Response]:
    return lambda: session.get(address + path, timeout=60)


def _callback(
    address: str, session: requests.Session, known: list[dict[str, Any]], name: str
) -> Callable[[], requests.Response]:
    """Return what asks a page's callback as the browser does."""
    spec = next(each for each in known if name in each["output"])
    values = {"data": "1", "getRowsRequest": {"startRow": 0, "endRow": 100}}
    names = [each for each in spec["output"].strip(".").split("...") if each]
    outputs: Any = [dict(zip(("id", "property"), n.rsplit(".", 1), strict=True)) for n in names]
    body = {
        "output": spec["output"],
        "outputs": outputs if spec["output"].startswith("..") else outputs[0],
        "inputs": [{**each, "value": _value(each, values)} for each in spec["inputs"]],
        "changedPropIds": ["{id}.{property}".format(**each) for each in spec["inputs"]][:1],
        "state": [{**each, "value": None} for each in spec["state"]],
    }
    return lambda: session.post(f"{address}/_dash-update-component", json=body, timeout=60)


def _value(asked: dict[str, str], values: dict[str, Any]) -> Any:
    is_address = asked["id"] == ids.ADDRESS
    return {"path": "/scanner"} if is_address else values.get(asked["property"])


# ------------------------------------------------------------------------------ the stage
def _clock() -> ShiftedClock:
    """Begin late: at 9:36 the market is open, and nothing of it has been fetched."""
    session = HOURS.session_on(TODAY)
    assert session is not None
    starts = session.scan_at + timedelta(minutes=1)
    return ShiftedClock(ClockSetting(start=starts, speed=1.0, epoch=wall_now()))


def _environment(broker: LocalAlpaca, clock: ShiftedClock, data: str) -> dict[str, str]:
    return broker.environment() | {
        "ALPACA_DATA_URL": data,
        "BELLWETHER_CLOCK_START": clock.setting.start.isoformat(),
        "BELLWETHER_CLOCK_EPOCH": clock.setting.epoch.isoformat(),
        "BELLWETHER_CLOCK_SPEED": "1",
    }


def _listed() -> PlayedMarket:
    """Return a broker's market of yesterday's closes: what can be traded, and at what price."""
    session = HOURS.previous_sessions(TODAY, 1)[0]
    day = InventedDaily(SYMBOLS, LIQUID).day(session)
    names = ("open", "high", "low", "close", "volume")
    columns = {name: getattr(day, name).reshape(-1, 1) for name in names}
    present = np.ones((SYMBOLS, 1), dtype=np.bool_)
    daily = DailyColumns(symbols=day.symbols, sessions=(session.day,), present=present, **columns)
    return PlayedMarket(bars={}, daily=daily)


def _keep_sessions(url: str) -> None:
    """Set a window that is long enough for the sync to go on while the scan is done."""
    db = Database(url)
    db.upgrade()
    clock = DrivenClock(_clock().setting.start)
    desk = simulated_desk(
        db, PlayedData(recorded_market({}, no_days()), clock, HOURS), clock, HOURS
    )
    kept = {"sessions_kept": SESSIONS}
    change_settings(desk.desk, SYSTEM, SettingsKind.STRATEGY, kept, "for the bench")
    db.close()


def _counted(url: str) -> tuple[int, int]:
    db = Database(url)
    with db.read() as tx:
        synced = tx.scalar(select(func.count()).select_from(SyncedSession)) or 0
        scanned = tx.scalar(select(func.count()).select_from(OpeningRange)) or 0
    db.close()
    return synced, scanned


def _is_done(url: str) -> bool:
    return _counted(url) == (FINISHED, SYMBOLS)


def _after(seconds: float) -> Callable[[], bool]:
    ends = perf_counter() + seconds
    return lambda: perf_counter() >= ends
