"""Every page with a year of data, in Chromium: from the address to what a person came for."""

from collections.abc import Callable, Iterator
from shutil import copyfile
from statistics import median
from threading import Event
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from dashboard.pages import PAGES
from engine.clock import wall_now
from tests.bench.in_page import follow, painted, time_each_load
from tests.bench.year import kept_year
from tests.dashboard import builders, desks
from tests.dashboard.conftest import log_in
from tests.engine.cli.serving import serving
from tests.screenshots import Shot, shots

RUNS = 5
LIMIT = 1000  # milliseconds
CALLBACK_LIMIT = 100
TITLES = {page.title for page in PAGES if page.is_in_navigation}
PAUSE = 0.5  # seconds; faster than that, and one person asks too often
NO_BOTS = {"bot", "bots"}  # an invented year has none


@pytest.fixture(scope="module")
def visits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[Shot]]]:
    """The address of a desk with a year of data under gunicorn, and its pages."""
    folder = tmp_path_factory.mktemp("year")
    database = folder / "data" / "bellwether.db"
    database.parent.mkdir()
    copyfile(kept_year(), database)
    desk = desks.make_desk(f"sqlite:///{database}")
    builders.set_price(desk, "S00001", "100")
    pages = [shot for shot in shots(desk) if shot.name not in NO_BOTS]
    desk.db.close()
    clock = {
        "BELLWETHER_CLOCK_START": builders.NOW.isoformat(),
        "BELLWETHER_CLOCK_EPOCH": wall_now().isoformat(),
        "BELLWETHER_CLOCK_SPEED": "1",
    }
    with serving(folder, BELLWETHER_ROLE="web", **clock) as served:
        yield f"http://127.0.0.1:{served.port}", pages


@pytest.fixture
def page(visits: tuple[str, list[Shot]], browser_context: Callable[..., BrowserContext]) -> Page:
    page = browser_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(f"{visits[0]}/login")
    log_in(page, "anna")
    expect(page.locator(".part").first).to_be_visible()
    return page


def test_every_page_is_interactive_within_a_second(
    visits: tuple[str, list[Shot]], page: Page
) -> None:
    url, shots = visits
    time_each_load(page, **{shot.name: _complete(shot) for shot in shots})
    took = {shot.name: [_load(page, url, shot) for _ in range(RUNS)] for shot in shots}
    print("\nfrom the address to the last figure or chart, loaded anew")
    for name, times in took.items():
        print(f"{name:>15}: median {median(times):5.0f} ms, worst {max(times):5.0f}")
    assert {name for name, times in took.items() if median(times) >= LIMIT} == set()


def test_from_page_to_page(visits: tuple[str, list[Shot]], page: Page) -> None:
    navigable = [shot for shot in visits[1] if shot.name.title() in TITLES]
    took: dict[str, list[tuple[float, float]]] = {shot.name: [] for shot in navigable}
    links = page.get_by_role("navigation")  # by address: how many alerts are open is in their name
    for shot in [*reversed(navigable)] * (1 + RUNS):
        link = links.locator(f'a[href="{shot.path}"]')
        took[shot.name].append(follow(link, shot.complete))
        Event().wait(PAUSE)
    print("\nfrom page to page, painted / complete: the first time, and the median afterwards")
    for name, times in took.items():
        first, later = times[0], tuple(median(part) for part in zip(*times[1:], strict=True))
        print("{:>15}: {:5.0f} / {:4.0f} ms {:8.0f} / {:4.0f} ms".format(name, *first, *later))


def test_every_page_answers_its_callbacks_quickly(
    visits: tuple[str, list[Shot]], page: Page
) -> None:
    url, shots = visits
    took: list[tuple[float, str]] = []
    page.on("requestfinished", lambda asked: _note(took, asked))
    for shot in shots * RUNS:
        page.goto(url + shot.path)
        expect(page.locator(_complete(shot)).first).to_be_visible()
        Event().wait(PAUSE)
    ordered = sorted(took)
    p95, (worst, where) = ordered[int(len(ordered) * 0.95)][0], ordered[-1]
    print(f"\n{len(ordered)} callbacks: p95 {p95:.0f} ms, worst {worst:.0f} ms ({where})")
    assert p95 < CALLBACK_LIMIT


def _complete(shot: Shot) -> str:
    """Return what is there once a page is complete; an invented year has no bars to draw."""
    return ".chain summary" if shot.name == "position" else shot.complete


def _load(page: Page, url: str, shot: Shot) -> float:
    page.goto(url + shot.path, wait_until="commit")
    took = painted(page, shot.name)
    Event().wait(PAUSE)
    return took


def _note(took: list[tuple[float, str]], asked: Any) -> None:
    if "_dash-update-component" in asked.url:
        timing = asked.timing
        output = (asked.post_data_json or {}).get("output", "")
        took.append((timing["responseStart"] - timing["requestStart"], output[:60]))
