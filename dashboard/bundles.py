"""The desk's own scripts and styles as one file each: one request on a slow line, not twenty.

Beside them Plotly, which comes last. The charts need a quarter of it; npm has that quarter.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from flask import Flask, Response, abort
from flask.typing import ResponseReturnValue

PREFIX = "/bundle/"
PLOTLY = "plotly"
FINANCE = "share/bellwether/node_modules/plotly.js-finance-dist-min/plotly-finance.min.js"
KINDS = {"js": "text/javascript", "css": "text/css"}
FOR_EVER = "private, max-age=31536000, immutable"  # another content has another address


@dataclass(frozen=True)
class Bundle:
    """All files of a kind, in the order of their names."""

    name: str
    content: bytes
    mimetype: str

    @property
    def address(self) -> str:
        """Return where it is found."""
        return PREFIX + self.name


def mount_bundles(server: Flask, assets: Path) -> dict[str, str]:
    """Serve what the folder holds as it is now; return the address of each kind, and Plotly's."""
    bundles = {kind: _bundle("desk", kind, sorted(assets.glob(f"*.{kind}"))) for kind in KINDS}
    bundles[PLOTLY] = _bundle(PLOTLY, "js", [plotly_script(Path(sys.prefix))])
    by_name = {bundle.name: bundle for bundle in bundles.values()}

    @server.get(f"{PREFIX}<name>")
    def bundle(name: str) -> ResponseReturnValue:
        found = by_name.get(name)
        if found is None:
            abort(404)
        return Response(found.content, mimetype=found.mimetype, headers={"Cache-Control": FOR_EVER})

    return {kind: bundle.address for kind, bundle in bundles.items()}


def plotly_script(environment: Path) -> Path:
    """Return the part of Plotly that charts need, or all of it where npm had no part in it."""
    part = environment / FINANCE
    return part if part.is_file() else Path(str(files(PLOTLY))) / "package_data/plotly.min.js"


def _bundle(stem: str, kind: str, scripts: Iterable[Path]) -> Bundle:
    content = b"\n".join(script.read_bytes() for script in scripts)
    fingerprint = hashlib.sha256(content).hexdigest()[:16]
    return Bundle(f"{stem}.{fingerprint}.{kind}", content, KINDS[kind])
