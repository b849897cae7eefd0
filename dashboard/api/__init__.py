"""REST under `/api/v1`: every endpoint in one list, its document, its page."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Flask, Response, render_template
from flask.typing import ResponseReturnValue

from dashboard.api import (
    account,
    alerts,
    analytics,
    audit,
    bots,
    config,
    control,
    dip,
    entrance,
    overview,
    people,
    positions,
    scanner,
    trading,
)
from dashboard.api.endpoint import Endpoint
from dashboard.api.openapi import openapi_document
from dashboard.api.views import BASE, add_endpoint
from dashboard.wire import to_json
from engine.desk import Desk

SUBJECTS = (
    overview,
    account,
    positions,
    trading,
    alerts,
    analytics,
    scanner,
    control,
    config,
    entrance,
    people,
    audit,
    dip,
    bots,
)
ENDPOINTS: tuple[Endpoint, ...] = tuple(
    endpoint for subject in SUBJECTS for endpoint in subject.endpoints.all
)


def mount_api(server: Flask, desk: Desk) -> None:
    """Add every endpoint, the document and the page that shows it.

    The document is made when it is first asked for, or by whoever serves, beside everything else.
    """
    server.extensions["document"] = document_text
    for endpoint in ENDPOINTS:
        add_endpoint(server, desk, endpoint)

    @server.get(f"{BASE}/openapi.json", endpoint="api.document")
    def as_json() -> ResponseReturnValue:
        return Response(document_text(), mimetype="application/json")

    @server.get(f"{BASE}/docs", endpoint="api.docs")
    def as_page() -> ResponseReturnValue:
        return render_template("api.html", document=document(), base=BASE)


@cache
def document() -> dict[str, Any]:
    """Return the document as it is read; making it takes longer than all the rest of the face."""
    return openapi_document(ENDPOINTS)


@cache
def document_text() -> str:
    """Return the document as it is sent."""
    return to_json(document())
