"""One correlation id for each request: in every log line, journal row, order and answer."""

from __future__ import annotations

import re

import structlog
from flask import Flask, Response, g, request

from dashboard.observed import Observed
from engine.clock import stopwatch
from engine.journal import correlation, new_correlation

HEADER = "X-Correlation-ID"
GIVEN = re.compile(r"[A-Za-z0-9._-]{1,48}")
SOCKETS = frozenset({"feed", "feed_alias"})
FILES = ("/_dash-component-suites/", "/assets/", "/bootstrap/", "/bundle/")
QUIET = (*FILES, "/_dash", "/healthz", "/readyz", "/session", "/metrics")

log = structlog.get_logger(__name__)


def mount_tracing(server: Flask, observed: Observed) -> None:
    """Give each request its id, and tell how it went. Mounted first: what refuses is told too."""

    @server.before_request
    def begin() -> None:
        g.began = stopwatch()
        given = request.headers.get(HEADER, "")
        g.correlation = correlation.set(given if GIVEN.fullmatch(given) else new_correlation("r-"))

    @server.after_request
    def end(answer: Response) -> Response:
        answer.headers[HEADER] = correlation.get()
        if not request.path.startswith(FILES):  # the rest is somebody's own, also after they left
            answer.headers.setdefault("Cache-Control", "no-store")
        took = stopwatch() - g.get("began", stopwatch())
        endpoint = request.endpoint or "unknown"
        if endpoint not in SOCKETS:  # they last for hours
            observed.request(request.method, endpoint, answer.status_code, took)
        if not request.path.startswith(QUIET):
            about = {"method": request.method, "path": request.path, "status": answer.status_code}
            log.info("request", **about, milliseconds=round(took * 1000, 1))
        return answer

    @server.teardown_request
    def forget(_error: BaseException | None) -> None:
        if (token := g.pop("correlation", None)) is not None:
            correlation.reset(token)
