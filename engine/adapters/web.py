"""HTTP for sources of market data: paced, patient, and never waiting for ever."""

from __future__ import annotations

import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
import requests

from engine.clock import stopwatch, wall_now
from engine.errors import SourceRefusedError, SourceUnavailableError

T = TypeVar("T")
U = TypeVar("U")

TOO_MANY = 429
SERVER_ERROR = 500
REQUEST_TIMEOUT = 408
CHUNK_BYTES = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long one request may take, and how often it is repeated."""

    connect: float = 5.0
    silence: float = 15.0  # between two pieces of an answer
    total: float = 60.0  # for a whole answer, however lively it drips
    attempts: int = 5
    first_wait: float = 1.0  # doubled after each failure
    longest_wait: float = 90.0  # for a place or before another attempt: longer is no answer
    most_bytes: int = 1 << 29  # of one answer


class Pace:
    """At most so many requests in any window of so many seconds, over all threads and clients."""

    def __init__(self, limit: int, seconds: float = 60.0) -> None:
        self._limit = limit
        self._seconds = seconds
        self._lock = threading.Lock()
        self._taken: deque[float] = deque()

    def take(self, now: float, longest: float, spare: int = 0) -> float | None:
        """Take a place and return 0, or return the seconds until there may be one.

        None if they are too many. `spare` places are left to whoever is in more of a hurry.
        """
        within = max(1, self._limit - spare)
        with self._lock:
            while self._taken and self._taken[0] + self._seconds <= now:
                self._taken.popleft()
            if len(self._taken) < within:
                self._taken.append(now)
                return 0.0
            wait = self._taken[-within] + self._seconds - now
        return wait if wait <= longest else None


class WebClient:
    """Asks one server. Threads may share it: each has a connection of its own."""

    def __init__(
        self,
        headers: Mapping[str, str],
        pace: Pace,
        patience: Patience | None = None,
        *,
        threads: int = 1,
        spare: int = 0,
    ) -> None:
        self._headers = dict(headers)
        self._pace = pace
        self._spare = spare
        self._patience = patience or Patience()
        self._stopped = threading.Event()
        self._own = threading.local()
        self._sessions: list[requests.Session] = []
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="fetch")
        weakref.finalize(self, _close, self._sessions)  # a client that nobody stopped

    def get(
        self, url: str, params: Mapping[str, str] | None = None, patience: Patience | None = None
    ) -> Any:
        """Return the answer, read from JSON.

        Raises:
            SourceRefusedError: the server said no; asking again would not help.
            SourceUnavailableError: no whole answer came, however often it was asked.
        """
        patience = patience or self._patience
        reason = ""
        for attempt in range(patience.attempts):
            self._take_place(patience)
            try:
                return self._ask(url, params, patience)
            except _TryAgainError as trouble:
                reason = str(trouble)
                if attempt + 1 < patience.attempts:
                    self._wait(trouble.wait or patience.first_wait * 2**attempt, patience)
        raise SourceUnavailableError(
            f"{_host(url)} gave no whole answer in {patience.attempts} attempts: {reason}"
        )

    def side_by_side(self, work: Callable[[T], U], items: Iterable[T]) -> list[Future[U]]:
        """Do one thing for many items in the client's threads; return when all are done."""
        futures = [self._pool.submit(work, item) for item in items]
        for future in futures:
            future.exception()
        return futures

    def stop(self) -> None:
        """End every wait and close the connections."""
        self._stopped.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        _close(self._sessions)

    def _take_place(self, patience: Patience) -> None:
        """Wait for a place; others may be quicker, so the patience is for all tries together."""
        ends = stopwatch() + patience.longest_wait
        while wait := self._pace.take(now := stopwatch(), ends - now, self._spare):
            self._wait(wait, patience)
        self._wait(wait, patience)

    def _wait(self, seconds: float | None, patience: Patience) -> None:
        if seconds is None or seconds > patience.longest_wait:
            raise SourceUnavailableError("the limit of requests is reached for now")
        if self._stopped.wait(seconds):
            raise SourceUnavailableError("the desk stops")

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._own, "session", None)
        if session is None:
            session = self._own.session = requests.Session()
            session.headers.update(self._headers)
            session.trust_env = False  # no .netrc: it would replace the Authorization header
            self._sessions.append(session)
        return session

    def _ask(self, url: str, params: Mapping[str, str] | None, patience: Patience) -> Any:
        timeout = (patience.connect, patience.silence)
        deadline = stopwatch() + patience.total
        try:
            with self._session().get(
                url, params=params, timeout=timeout, stream=True, allow_redirects=False
            ) as response:
                return _read(response, _body(response, deadline, patience.most_bytes))
        except (requests.RequestException, OSError) as error:
            raise _TryAgainError(_said(error)) from error


def _close(sessions: Iterable[requests.Session]) -> None:
    for session in sessions:
        session.close()


class _TryAgainError(Exception):
    """An attempt failed in a way that may pass; `wait` is what the server asks for, if anything."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


def _body(response: requests.Response, deadline: float, most: int) -> bytes:
    """Read an answer as it comes: a silent server is timed out, a dripping one as well."""
    pieces: list[bytes] = []
    for piece in response.iter_content(CHUNK_BYTES):
        pieces.append(piece)
        most -= len(piece)
        if most < 0:
            raise _TryAgainError("the answer is too long")
        if stopwatch() > deadline:
            raise _TryAgainError("the answer took too long")
    return b"".join(pieces)


def _read(response: requests.Response, body: bytes) -> Any:
    status = response.status_code
    if status == TOO_MANY:
        raise _TryAgainError("too many requests", _asked_wait(response.headers))
    if status >= SERVER_ERROR or status == REQUEST_TIMEOUT:
        raise _TryAgainError(f"HTTP {status}", _asked_wait(response.headers))
    if status != requests.codes.ok:
        raise SourceRefusedError(status, f"{_host(response.url)}: {_message(status, body)}")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _TryAgainError(f"the answer breaks off after {len(body):,} bytes") from error


def _asked_wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a server asks to wait: Retry-After, or the limit's reset."""
    after = headers.get("Retry-After", "")
    if after.isdigit():
        return float(after)
    reset = headers.get("X-RateLimit-Reset", "")
    return max(1.0, int(reset) - wall_now().timestamp()) if reset.isdigit() else None


def _message(status: int, body: bytes) -> str:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        said = {}
    known = said if isinstance(said, dict) else {}
    return f"HTTP {status} {known.get('message') or known.get('error') or ''}".strip()


def _said(error: Exception) -> str:
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return type(error).__name__


def _host(url: str) -> str:
    return url.split("/")[2]
