"""The scripts of the desk, and where it takes Plotly from."""

import re
from pathlib import Path

from flask import Flask

from dashboard.bundles import FINANCE, plotly_script
from tests.dashboard.test_reach import logged_in

COMPONENTS = "/_dash-component-suites/dash/dcc/dash_core_components.{}.js"
PRESSED = {"Accept-Encoding": "br"}
PLOTLY = re.compile(r'data-plotly="(/bundle/plotly\.[0-9a-f]{16}\.js)"')


def test_a_page_names_the_script_of_its_charts_and_browsers_keep_it(app: Flask) -> None:
    viewer = logged_in(app, "viewer")
    named = PLOTLY.search(viewer.get("/").text)
    assert named is not None
    answer = viewer.get(named[1])
    assert "plotly.js" in answer.text[:200]
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Vary"] == "Accept-Encoding"  # not Cookie, which changes all the time


def test_a_file_is_kept_once_whatever_fingerprint_somebody_invents(app: Flask) -> None:
    viewer, files = logged_in(app, "viewer"), app.extensions["files"]
    first = viewer.get(COMPONENTS.format("v1m1"), headers=PRESSED)
    kept = len(files)
    again = viewer.get(COMPONENTS.format("v2m2"), headers=PRESSED)
    assert (first.status_code, first.headers["Content-Encoding"]) == (200, "br")
    assert (again.status_code, again.data, len(files)) == (200, first.data, kept)


def test_browsers_keep_files_and_nothing_that_is_somebodys_own(app: Flask) -> None:
    viewer = logged_in(app, "viewer")
    own = ("/", "/me", "/login", "/_dash-layout", "/session", "/nothing", "/api/v1/stats")
    assert {viewer.get(path).headers["Cache-Control"] for path in own} == {"no-store"}
    files = (COMPONENTS.format("v1m1"), "/bootstrap/bootstrap.min.css", "/assets/desk.css")
    asked = [viewer.get(path, buffered=True) for path in (*files, "/favicon.svg")]
    assert all("max-age=" in answer.headers["Cache-Control"] for answer in asked)
    async_part = (
        "/_dash-component-suites/dash/dcc/async-graph.js"  # asked for without a fingerprint
    )
    assert "no-store" not in viewer.get(async_part).headers.get("Cache-Control", "")


def test_what_npm_has_brought_is_enough(tmp_path: Path) -> None:
    part = tmp_path / FINANCE
    part.parent.mkdir(parents=True)
    part.write_text("/* a part */")
    assert plotly_script(tmp_path) == part


def test_without_npm_the_whole_of_plotly_draws_the_charts(tmp_path: Path) -> None:
    assert "plotly.js v" in plotly_script(tmp_path).read_text(encoding="utf-8")[:100]
