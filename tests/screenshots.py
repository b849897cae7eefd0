"""Pictures of every page, for docs/screenshots: `make screenshots`.

The generated market is played to the afternoon of its last session, through the desk's own jobs,
into a database that is thrown away. The same market gives the same pictures.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import select

from dashboard import create_app
from engine.adapters.generated_market import generate
from engine.bootstrap import SEED
from engine.desk import Desk
from engine.settings import Settings
from models.database import Database
from models.trading import Trade
from models.vocabulary import Intrabar, TradeStatus
from tests.builders import HOURS, Playing
from tests.conftest import BROWSER_ARGUMENTS, find_chromium
from tests.dashboard import builders, desks
from tests.dashboard.bots_by_hand import CYCLE, Dipper
from tests.dashboard.conftest import SECRET, log_in, serving
from tests.small_png import small_png

FOLDER = Path(__file__).parents[1] / "docs" / "screenshots"
FIRST, LAST = date(2026, 11, 18), date(2026, 11, 19)  # after 40 sessions of history
AFTERNOON, THEN = "14:20", "14:20:02"  # played until then, and live for two seconds
WIDTHS = {"desktop": (1440, 900), "phone": (390, 844)}
SCHEMES = ("light", "dark")
SWITCH = "#live-switch-state:not(:empty)"


@dataclass(frozen=True)
class Shot:
    """One page, and what is there once it is complete; below what is seen at first, the rest."""

    name: str
    path: str
    complete: str
    rest: str = "body"


def shots(desk: Desk) -> list[Shot]:
    """Return the pages; the position is the last that was closed."""
    with desk.db.read() as tx:
        closed = select(Trade.id).where(Trade.status == TradeStatus.CLOSED)
        last = tx.scalar(closed.order_by(Trade.closed_at.desc()).limit(1))
    return [
        Shot("live", "/", "#live-pnl .js-line"),
        Shot("scanner", "/scanner", "#scanner-candidates .ag-row"),
        Shot("signals", "/signals", "#signals-signals .ag-row .symbol"),
        Shot("positions", "/positions", "#positions-grid .ag-row"),
        Shot("position", f"/positions/{last}", "#position-chart .boxlayer path"),
        Shot("history", "/history", "#history-drawdown .js-line"),
        Shot("analytics", "/analytics", "#analytics-multiples .barlayer path"),
        Shot("alerts", "/alerts", "#alerts-rows .ag-row"),
        Shot("logs", "/logs", "#logs-lines .text"),
        Shot("bots", "/bots", ".bot-card .figure"),
        Shot("bot", "/bots/1", "#bot-dips .legendtext"),
        Shot("reconciliation", "/reconciliation", "#reconciliation-days .ag-row"),
        Shot("audit", "/audit", "#audit-rows .ag-row"),
        Shot("settings", "/settings", "#settings-risk-max_positions:not([value=''])", SWITCH),
    ]


@contextmanager
def played_desk() -> Iterator[tuple[Desk, Dipper]]:
    """Play the market into a database that is thrown away."""
    first, last = HOURS.session_on(FIRST), HOURS.session_on(LAST)
    assert first is not None
    market = generate(SEED, first, HOURS, last)
    with TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{folder}/screenshots.db")
        db.upgrade()
        playing = Playing(market, db, Intrabar.CONSERVATIVE).until(AFTERNOON, LAST)
        playing.live(THEN, LAST)
        desks.add_people(playing.desk)
        dipper = Dipper(playing.desk, Path(folder))
        dipper.says_a_week()
        dipper.says(*CYCLE)
        yield playing.desk, dipper
        db.close()


def take(browser: Browser, url: str, dipper: Dipper, wanted: list[Shot]) -> None:
    """Take the pictures of each page for each kind of screen, one login for each."""
    decoder = browser.new_page()
    for screen, (width, height) in WIDTHS.items():
        for scheme in SCHEMES:
            size: Any = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
            page = browser.new_page(**size)
            page.goto(f"{url}/login")
            log_in(page, "anna")
            for shot in wanted:
                png = small_png(decoder, look(page, url, shot, dipper))
                (FOLDER / f"{shot.name}-{screen}-{scheme}.png").write_bytes(png)
                sys.stdout.write(f"{shot.name} {screen} {scheme}: {len(png) // 1024} kB\n")
            page.close()


def look(page: Page, url: str, shot: Shot, dipper: Dipper) -> bytes:
    """Return a picture of a page that is complete and whose desk and bots are known to be well."""
    dipper.says("Cycle #413")
    page.goto(url + shot.path)
    expect(page.locator(shot.complete).first).to_be_visible()
    expect(page.locator(shot.rest).first).to_be_attached()
    builders.beat(dipper.desk)
    expect(page.locator(".part.well")).to_have_count(3)
    return page.screenshot(animations="disabled")


def main() -> None:
    """Play, serve, look."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=30_000)
    with played_desk() as (desk, dipper), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=list(BROWSER_ARGUMENTS)
        )
        app = create_app(Settings(), desk, SECRET)
        with serving(app) as url:
            builders.beat(desk)
            take(browser, url, dipper, shots(desk))
            app.extensions["feed"].stop()
        browser.close()


if __name__ == "__main__":
    main()
