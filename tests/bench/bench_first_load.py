"""What a person waits for in Chromium: the first page, and news on the screen."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from threading import Event
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from engine.journal import record
from tests.bench.crowded_desk import Crowded, crowded_desk
from tests.bench.in_page import painted, time_each_load
from tests.dashboard import builders
from tests.dashboard.conftest import log_in, watch

OpenContext = Callable[..., BrowserContext]
RUNS = 5
EVENTS = 120
ROW = "#live-positions .ag-row"
CHART = "#live-pnl .main-svg"
NETWORKS: dict[str, dict[str, Any] | None] = {
    "localhost": None,
    "10 Mbit/s, 40 ms": {
        "offline": False,
        "latency": 40,
        "downloadThroughput": 10_000_000 / 8,
        "uploadThroughput": 10_000_000 / 8,
    },
}
WATCH = """() => {
    window.seenEvents = [];
    new MutationObserver(() => {
        const news = document.querySelector("#live-activity li .text");
        const found = news && /probe (\\d+)/.exec(news.textContent);
        if (!found || window.lastProbe === found[1]) return;
        window.lastProbe = found[1];
        requestAnimationFrame(() => {
            const painted = new MessageChannel();  // its message comes after the frame is painted
            painted.port1.onmessage = () => window.seenEvents.push([Number(found[1]), Date.now()]);
            painted.port2.postMessage(0);
        });
    }).observe(document.querySelector("#live-activity"), { childList: true, subtree: true });
}"""


@dataclass
class Load:
    """Milliseconds until a row is there and a chart is drawn, and what came over the wire."""

    row: float
    chart: float
    sizes: Counter[str]


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowded]:
    with crowded_desk(tmp_path_factory.mktemp("desk")) as made:
        yield made


@pytest.fixture
def url(crowded: Crowded) -> str:
    return f"http://127.0.0.1:{crowded.port}"


@pytest.fixture
def session(url: str, browser_context: OpenContext) -> Any:
    """The cookies of somebody who has logged in, without a browser's cache."""
    context = browser_context()
    page = context.new_page()
    page.goto(f"{url}/login")
    log_in(page, "anna")
    page.wait_for_url(f"{url}/")
    return context.storage_state()


def test_the_first_load_of_live(url: str, session: Any, browser_context: OpenContext) -> None:
    print(f"\nLive, {RUNS} runs each, the median; load {os.getloadavg()[0]:.1f}")
    for name, network in NETWORKS.items():
        cold, warm = [], []
        for _ in range(RUNS):
            context = browser_context(storage_state=session)
            page = context.new_page()
            watch(page, url)
            time_each_load(page, row=ROW, chart=CHART)
            cold.append(_load(page, url, network))
            warm.append(_load(page, url, network))
            assert page.trouble == []  # type: ignore[attr-defined]
            context.close()
        for kind, loads in (("cold", cold), ("warm", warm)):
            print(
                f"{name:<18} {kind}: first row {median(one.row for one in loads):5.0f} ms, "
                f"chart {median(one.chart for one in loads):5.0f} ms, "
                f"{median(one.sizes.total() for one in loads) / 1024:6.0f} KB "
                f"in {len(loads[0].sizes)} requests"
            )
    for file, size in cold[0].sizes.most_common(12):
        print(f"    {size / 1024:6.0f} KB {file}")


def test_from_an_event_to_the_changed_pixel(
    crowded: Crowded, url: str, session: Any, browser_context: OpenContext
) -> None:
    page = browser_context(storage_state=session).new_page()
    page.goto(url)
    expect(page.locator(ROW).first).to_be_visible()
    page.evaluate(WATCH)
    happened = {}
    for number in range(EVENTS):
        Event().wait(0.21)
        happened[number] = time.time() * 1000
        with crowded.db.write() as tx:
            record(tx, builders.NOW, "order", "", text=f"probe {number}")
    Event().wait(1)
    seen = dict(page.evaluate("() => window.seenEvents"))
    delays = sorted(at - happened[number] for number, at in seen.items())
    print(
        f"\n{len(delays)} of {EVENTS} events on the screen: p50 {delays[len(delays) // 2]:.0f} ms, "
        f"p95 {delays[int(len(delays) * 0.95)]:.0f} ms, at most {delays[-1]:.0f} ms"
    )


def _load(page: Page, url: str, network: dict[str, Any] | None) -> Load:
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    if network is not None:
        devtools.send("Network.emulateNetworkConditions", network)
    names: dict[str, str] = {}
    sizes: Counter[str] = Counter()

    def asked(event: Any) -> None:
        names[event["requestId"]] = event["request"]["url"].removeprefix(url).partition("?")[0]

    def came(event: Any) -> None:
        sizes[names.get(event["requestId"], "?")] += int(event["encodedDataLength"])

    devtools.on("Network.requestWillBeSent", asked)
    devtools.on("Network.loadingFinished", came)
    page.goto(url, wait_until="commit")
    row, chart = painted(page, "row"), painted(page, "chart")
    page.wait_for_load_state("networkidle")
    devtools.detach()
    return Load(row, chart, sizes)
