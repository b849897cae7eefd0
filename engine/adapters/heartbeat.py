"""Pings an address outside, such as a dead man's switch, without anybody waiting for the answer."""

from __future__ import annotations

import threading

import requests
import structlog

from engine.clock import stopwatch

EVERY = 60.0  # seconds of the wall clock, however fast the desk's runs
PATIENCE = (5.0, 10.0)  # seconds to connect, and between two pieces of the answer

log = structlog.get_logger(__name__)


class OutsideHeartbeat:
    """Tells somebody outside that all is well; who hears nothing for a while raises the alarm."""

    def __init__(self, url: str, every: float = EVERY) -> None:
        self._url = url
        self._every = every
        self._pinged: float | None = None
        self._thread: threading.Thread | None = None

    def ping(self) -> None:
        """Ping in a thread of its own, unless it was done just now or is still under way."""
        now = stopwatch()
        if self._pinged is not None and now - self._pinged < self._every:
            return
        if self._thread is not None and self._thread.is_alive():
            return
        self._pinged = now
        self._thread = threading.Thread(target=self._send, name="heartbeat", daemon=True)
        self._thread.start()

    def _send(self) -> None:
        """Send it. What goes wrong is logged without the address: that is as good as a password."""
        try:
            answer = requests.get(self._url, timeout=PATIENCE, allow_redirects=False)
        except requests.RequestException as error:
            log.warning("the outside heartbeat did not arrive", why=type(error).__name__)
            return
        if not answer.ok:
            log.warning("the outside heartbeat was not taken", status=answer.status_code)
