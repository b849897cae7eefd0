"""Where the feed is found: `/ws/v1/feed` and its alias, with a limit before the handshake."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask, Response, g, request

from dashboard.auth import get_entrance, must_be_somebody
from dashboard.feed.feed import Feed
from dashboard.feed.line import Line, answer
from dashboard.feed.visitor import FeedVisitor

PATHS = {"feed": "/ws/v1/feed", "feed_alias": "/ws/live"}
RETRY_AFTER = "5"


class TakenOver(Response):
    """What is left for the web server to do after a handshake: nothing at all."""

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """End the request in the way in which the server lets go of a socket."""
        if "gunicorn.socket" in environ:
            raise StopIteration  # gunicorn takes it for the end of the connection
        return super().__call__(environ, start_response)


def mount_feed(server: Flask, feed: Feed) -> None:
    """Add the feed to a server. Its limit is asked after the guard, which was there before."""
    server.extensions["feed"] = feed

    def live() -> Response:
        visitor = FeedVisitor(get_entrance(), must_be_somebody())
        line = answer(request.environ)
        g.has_feed_slot = False  # from here on it is the line's
        feed.attach(line, visitor)
        _stay(line)
        return TakenOver(status=101)

    for endpoint, path in PATHS.items():
        server.add_url_rule(path, endpoint, live, websocket=True)

    @server.before_request
    def limit_connections() -> Response | None:
        if request.endpoint not in PATHS:
            return None
        g.has_feed_slot = feed.take_slot()
        if g.has_feed_slot:
            return None
        sentence = feed.refusal() or "The desk restarts; try again soon."
        return Response(sentence, 503, {"Retry-After": RETRY_AFTER}, mimetype="text/plain")

    @server.teardown_request
    def free_connection(_error: BaseException | None) -> None:
        if g.pop("has_feed_slot", False):
            feed.free_slot()


def _stay(line: Line) -> None:
    """Keep a thread of werkzeug's until the end: it would shut the socket down behind us."""
    if "werkzeug.socket" in request.environ:
        line.ended.wait()
