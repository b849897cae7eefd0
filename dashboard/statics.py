"""Files and answers that are not pages: Bootstrap's styles, the icon, the session's state."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import flask_bootstrap
from flask import Blueprint, Flask, jsonify, send_from_directory
from flask.typing import ResponseReturnValue

BOOTSTRAP_CSS = f"/bootstrap/bootstrap.min.css?v={version('bootstrap-flask')}"


def mount_statics(server: Flask, assets: Path) -> None:
    """Add what the pages need besides Dash's own files."""
    package = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5" / "css"
    server.register_blueprint(
        Blueprint("bootstrap", __name__, static_folder=package, static_url_path="/bootstrap")
    )

    @server.get("/favicon.svg")
    def favicon() -> ResponseReturnValue:
        return send_from_directory(assets, "favicon.svg", max_age=86_400)

    @server.get("/session")
    def session() -> ResponseReturnValue:
        """Say why the feed takes nobody; a browser hears no reason with a refused handshake."""
        refusal = server.extensions["feed"].refusal()
        return (
            jsonify(feed=refusal) if refusal else ("", 204)
        )  # the guard answers 401 if there is none
