"""One WebSocket connection: what is sent waits in a queue, so no slow reader holds others up."""

from __future__ import annotations

import socket
from queue import SimpleQueue
from threading import Thread

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

Message = bytes | str


class StreamConnection:
    """Sends in the order of the queue, from a thread of its own."""

    def __init__(self, socket_: ServerConnection) -> None:
        self.socket = socket_
        self._queue: SimpleQueue[Message | None] = SimpleQueue()
        self._writer = Thread(target=self._write, name="alpaca-stream-writer", daemon=True)
        self._writer.start()

    @property
    def path(self) -> str:
        """Return the path that was connected to."""
        return self.socket.request.path if self.socket.request else ""

    @property
    def content_type(self) -> str:
        """Return how the client wants to speak."""
        headers = self.socket.request.headers if self.socket.request else Headers()
        return headers.get("Content-Type", "")

    def send(self, message: Message) -> None:
        """Send a message once those before it are sent."""
        self._queue.put(message)

    def drop(self) -> None:
        """Cut the line without a word."""
        try:
            self.socket.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it is cut already

    def finish(self) -> None:
        """Send what waits, then end the writer."""
        self._queue.put(None)
        self._writer.join()

    def _write(self) -> None:
        while (message := self._queue.get()) is not None:
            try:
                self.socket.send(message)
            except (ConnectionClosed, OSError):
                return
