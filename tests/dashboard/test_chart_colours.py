"""Charts are drawn in the theme's own colours, and again when the theme changes."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from engine.desk import Desk
from tests.dashboard import builders

OpenPage = Callable[..., Page]
GRAPH = "document.querySelector('{} .js-plotly-plot')"
MADE_OF = """(name) => {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.color = `var(${name})`;
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
}"""
STROKE = "(node) => getComputedStyle(node).stroke"
SCHEMES = ("light", "dark")


@pytest.fixture
def traded(desk: Desk) -> None:
    builders.add_snapshots(desk, [0, 120, 250])
    for day, pnl in ((17, "300"), (18, "-200")):
        builders.add_day(desk, date(2026, 11, day), pnl)
        builders.add_closed(desk, "AMD", pnl, session=date(2026, 11, day))


def colour(page: Page, name: str) -> str:
    return str(page.evaluate(MADE_OF, name))


def graph(page: Page, chart: str, wanted: str) -> Any:
    return page.evaluate(f"() => {GRAPH.format(chart)}.{wanted}")


@pytest.mark.usefixtures("traded")
@pytest.mark.parametrize(
    ("path", "chart", "token"),
    [
        ("/", "#live-pnl", "--primary"),
        ("/history", "#history-cumulative", "--primary"),
        ("/history", "#history-drawdown", "--loss"),
    ],
)
def test_a_line_changes_its_colour_with_the_theme(
    open_page: OpenPage, path: str, chart: str, token: str
) -> None:
    page = open_page(path, color_scheme="light")
    line, grid = page.locator(f"{chart} .js-line").first, page.locator(f"{chart} .ygrid").first
    expect(line).to_be_visible()
    seen = set()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        expect(line).to_have_css("stroke", colour(page, token))
        expect(grid).to_have_css("stroke", colour(page, "--line"))
        seen.add(line.evaluate(STROKE))
    assert len(seen) == len(SCHEMES)


@pytest.mark.usefixtures("traded")
def test_what_was_added_to_a_line_outlives_a_change_of_theme(
    desk: Desk, open_page: OpenPage
) -> None:
    page = open_page(color_scheme="light")
    expect(page.locator("#live-pnl .js-line")).to_be_visible()
    builders.set_account(desk, "100700")
    expect(page.locator("#live-equity")).to_have_text("$100,700.00")
    newest = f"() => {GRAPH.format('#live-pnl')}.data[0].y.at(-1) === 700"
    page.wait_for_function(newest)
    page.get_by_role("button", name="Auto").click()  # light
    page.get_by_role("button", name="Light").click()
    expect(page.locator("#live-pnl .js-line")).to_have_css("stroke", colour(page, "--primary"))
    assert colour(page, "--background") == "rgb(15, 23, 42)"
    assert graph(page, "#live-pnl", "data[0].y")[-1] == 700


@pytest.mark.usefixtures("traded")
def test_a_zoom_outlives_a_change_of_theme(open_page: OpenPage) -> None:
    page = open_page("/history", color_scheme="light")
    expect(page.locator("#history-drawdown .js-line")).to_be_visible()
    near = ["2026-11-17", "2026-11-18"]
    zoom = f"(to) => Plotly.relayout({GRAPH.format('#history-drawdown')}, {{'xaxis.range': to}})"
    page.evaluate(f"async (to) => {{ await ({zoom})(to); }}", near)
    page.emulate_media(color_scheme="dark")
    grid = page.locator("#history-drawdown .ygrid").first
    expect(grid).to_have_css("stroke", colour(page, "--line"))
    assert graph(page, "#history-drawdown", "layout.xaxis.range") == near
