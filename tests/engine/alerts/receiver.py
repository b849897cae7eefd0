"""Somebody who takes alerts over HTTP on this machine: quick, slow, broken or rude."""

import json
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Event, Thread
from typing import Any

SECRET = "planted-token-of-the-webhook"  # noqa: S105  # opens nothing
RESET = -1  # a status: the connection is reset
PATIENCE = 30.0  # seconds within which something on this machine arrives


@dataclass
class Receiver:
    """What it answers, and what it has heard."""

    address: str = ""
    status: int = 200
    heard: Queue[dict[str, Any]] = field(default_factory=Queue)
    go_on: Event = field(default_factory=Event)  # cleared: answers wait for it

    def next(self) -> dict[str, Any]:
        """Return the next message, and wait for it."""
        return self.heard.get(timeout=PATIENCE)

    def titles(self) -> list[str]:
        """Return the titles of everything heard and not yet looked at."""
        return [self.heard.get_nowait()["title"] for _ in range(self.heard.qsize())]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Listen until the end of the block."""
    receiver = Receiver()
    receiver.go_on.set()

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            receiver.heard.put(json.loads(self.rfile.read(length)) | {"path": self.path})
            receiver.go_on.wait(PATIENCE)
            if receiver.status == RESET:
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
                return
            self.send_response(receiver.status)
            self.end_headers()

        def log_message(self, *_said: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a reset is no surprise
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    receiver.address = f"http://127.0.0.1:{server.server_port}/hook/{SECRET}"
    yield receiver
    receiver.go_on.set()
    server.shutdown()
    server.server_close()
    thread.join()
