"""The scripts of the desk, and where it takes Plotly from."""

import re
from pathlib import Path

from flask import Flask

from dashboard.bundles import FINANCE, plotly_script
from tests.dashboard.test_reach import logged_in

PLOTLY = re.compile(r'data-plotly="(/bundle/plotly\.[0-9a-f]{16}\.js)"')


def test_a_page_names_the_script_of_its_charts_and_browsers_keep_it(app: Flask) -> None:
    viewer = logged_in(app, "viewer")
    named = PLOTLY.search(viewer.get("/").text)
    assert named is not None
    answer = viewer.get(named[1])
    assert "plotly.js" in answer.text[:200]
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Vary"] == "Accept-Encoding"  # not Cookie, which changes all the time


def test_what_npm_has_brought_is_enough(tmp_path: Path) -> None:
    part = tmp_path / FINANCE
    part.parent.mkdir(parents=True)
    part.write_text("/* a part */")
    assert plotly_script(tmp_path) == part


def test_without_npm_the_whole_of_plotly_draws_the_charts(tmp_path: Path) -> None:
    assert "plotly.js v" in plotly_script(tmp_path).read_text(encoding="utf-8")[:100]
