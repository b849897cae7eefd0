"""Every open WebSocket in one thread: five hundred sockets need no five hundred threads."""

from __future__ import annotations

import logging
import os
import selectors
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any

from dashboard.feed.line import Line
from engine.clock import stopwatch

log = logging.getLogger(__name__)

LOOK_EVERY = 0.2  # seconds between looks at the time
PING_AFTER = 20.0  # seconds in which nothing was heard
SILENT_AFTER = 45.0
STUCK_AFTER = 5.0  # seconds in which a client took nothing of what waits for it
CLOSE_WITHIN = 0.5  # seconds for the client to answer the end
TOO_SLOW = (1013, "the connection is too slow for the feed")


class Lines:
    """Reads, sends what had to wait, asks the silent, and hangs up."""

    def __init__(self, heard: Callable[[Line, str], None], gone: Callable[[Line], None]) -> None:
        self._heard = heard
        self._gone = gone
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        self._asked: SimpleQueue[tuple[Callable[..., None], Any]] = SimpleQueue()
        self._open: set[Line] = set()
        self._lock = Lock()
        self._thread: Thread | None = None
        self._stopped_at: float | None = None
        self._looked_at = 0.0

    def add(self, line: Line) -> None:
        """Look after a line from now on."""
        self._start()
        self._ask(self._register, line)

    def send(self, line: Line, piece: bytes) -> None:
        """Send frames on a line; never waits."""
        try:
            if line.send(piece):
                self._ask(self._watch, line)
        except OSError:
            self._ask(self._drop, line)

    def close(self, line: Line, code: int, reason: str) -> None:
        """End a line; never waits."""
        try:
            line.close(code, reason)
            self._ask(self._watch, line)
        except OSError:
            self._ask(self._drop, line)

    def stop(self) -> None:
        """Hang up everywhere, after a moment for the ends that were told; return when done."""
        self._stopped_at = stopwatch()
        self._ask(lambda _: None, None)
        if self._thread is not None:
            self._thread.join()

    # ------------------------------------------------------------------ in its thread
    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._selector.register(self._wake_read, selectors.EVENT_READ)
                self._thread = Thread(target=self._run, name="feed-lines", daemon=True)
                self._thread.start()

    def _ask(self, deed: Callable[..., None], about: Any) -> None:
        self._asked.put((deed, about))
        try:
            os.write(self._wake_write, b"\0")
        except BlockingIOError:  # it is awake already
            return

    def _run(self) -> None:
        while not self._is_over():
            for key, events in self._selector.select(LOOK_EVERY):
                if key.data is None:
                    os.read(key.fd, 4096)
                else:
                    self._serve(key.data, events)
            self._do_what_was_asked()
            if stopwatch() - self._looked_at >= LOOK_EVERY:
                self._look()
        for line in list(self._open):
            self._drop(line)

    def _is_over(self) -> bool:
        late = self._stopped_at is not None and stopwatch() - self._stopped_at > CLOSE_WITHIN
        return late or (self._stopped_at is not None and not self._open and self._asked.empty())

    def _do_what_was_asked(self) -> None:
        while True:
            try:
                deed, about = self._asked.get_nowait()
            except Empty:
                return
            deed(about)

    def _register(self, line: Line) -> None:
        self._open.add(line)
        self._selector.register(line.socket, selectors.EVENT_READ, line)

    def _watch(self, line: Line) -> None:
        if line in self._open:
            wanted = selectors.EVENT_WRITE if line.is_waiting else 0
            self._selector.modify(line.socket, selectors.EVENT_READ | wanted, line)

    def _serve(self, line: Line, events: int) -> None:
        try:
            if events & selectors.EVENT_READ:
                for said in line.receive():
                    self._heard(line, said)
            if events & selectors.EVENT_WRITE and not line.send_waiting():
                self._watch(line)
        except BlockingIOError:
            return
        except OSError:
            self._drop(line)
        except Exception:  # one client must not end the feed of all others
            log.exception("a reader of the feed could not be served")
            self._drop(line)

    def _drop(self, line: Line) -> None:
        if line not in self._open:
            return
        self._open.discard(line)
        self._selector.unregister(line.socket)
        line.hang_up()
        self._gone(line)

    def _look(self) -> None:
        self._looked_at = now = stopwatch()
        for line in list(self._open):
            if line.closing_at is not None:
                if now - line.closing_at > CLOSE_WITHIN:
                    self._drop(line)
            elif now - line.heard_at > SILENT_AFTER:
                self._drop(line)
            elif line.is_overfull or (line.is_waiting and now - line.taken_at > STUCK_AFTER):
                self.close(line, *TOO_SLOW)
            elif now - max(line.heard_at, line.pinged_at) > PING_AFTER:
                self._ping(line)

    def _ping(self, line: Line) -> None:
        try:
            line.ping()
            self._watch(line)
        except OSError:
            self._drop(line)
