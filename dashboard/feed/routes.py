"""Where the feed is found: `/ws/v1/feed` and its alias, with a limit before the handshake."""

from __future__ import annotations

from flask import Flask, Response, g, request
from flask_sock import Sock
from simple_websocket.ws import Server

from dashboard.auth import get_entrance, must_be_somebody
from dashboard.feed.connection import serve
from dashboard.feed.feed import Feed
from dashboard.feed.reader import Reader
from dashboard.feed.visitor import FeedVisitor

PATHS = {"feed": "/ws/v1/feed", "feed_alias": "/ws/live"}
RETRY_AFTER = "5"


def mount_feed(server: Flask, feed: Feed) -> None:
    """Add the feed to a server. Its limit is asked after the guard, which was there before."""
    server.config["SOCK_SERVER_OPTIONS"] = {"ping_interval": 20, "max_message_size": 4096}
    server.extensions["feed"] = feed
    sock = Sock(server)

    def live(ws: Server) -> None:
        reader = Reader(FeedVisitor(get_entrance(), must_be_somebody()))
        serve(feed, ws, reader)

    for endpoint, path in PATHS.items():
        sock.route(path, endpoint=endpoint)(live)

    @server.before_request
    def limit_connections() -> Response | None:
        if request.endpoint not in PATHS:
            return None
        g.has_feed_slot = feed.take_slot()
        if g.has_feed_slot:
            return None
        sentence = f"The feed already serves {feed.limit} connections; try again soon."
        return Response(sentence, 503, {"Retry-After": RETRY_AFTER}, mimetype="text/plain")

    @server.teardown_request
    def free_connection(_error: BaseException | None) -> None:
        if g.pop("has_feed_slot", False):
            feed.free_slot()
