"""The first answer that a browser gets: which files it loads, and which of Dash's it does not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dash import Dash
from flask import has_request_context, request

from dashboard.bundles import PLOTLY

INDEX = """<!DOCTYPE html>
<html lang="en">
  <head>
    {%metas%}
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="/favicon.svg" type="image/svg+xml">
    <title>{%title%}</title>
    {%css%}
  </head>
  <body>
    <noscript>Bellwether shows prices as they change and needs JavaScript for it.</noscript>
    {%app_entry%}
    <footer>{%config%}{%scripts%}{%renderer%}</footer>
  </body>
</html>"""

# The old tables, which no page has, and what browsers without Promises would need.
UNUSED = re.compile(r'<script src="[^"]*/(?:dash_table/|deps/polyfill@)[^"]*"></script>')
# What Live asks for as soon as its first scripts run: by then it may be here already.
SOON = "".join(
    f'<link rel="preload" as="script" href="/_dash-component-suites/{file}">'
    for file in ("dash_ag_grid/async-community.js", "dash/dcc/async-graph.js")
)


class DeskApp(Dash):
    """Dash with an index of the desk's own."""

    def __init__(self, bundles: Mapping[str, str], **options: Any) -> None:
        self._own = f'<script src="{bundles["js"]}" data-plotly="{bundles[PLOTLY]}"></script>'
        super().__init__(
            index_string=INDEX,
            assets_ignore=r".*\.(js|css)$",  # they are in the bundles
            **options,
        )

    def interpolate_index(self, **parts: Any) -> str:  # type: ignore[override]
        """Return the page that loads everything else."""
        scripts = UNUSED.sub("", parts["scripts"]) + self._own
        css = parts["css"] + (SOON if _is_live() else "")
        whole: dict[str, str] = {**parts, "scripts": scripts, "css": css}
        return str(super().interpolate_index(**whole))  # type: ignore[no-untyped-call]


def _is_live() -> bool:
    return has_request_context() and request.path == "/"
