"""What a page asks for first is read while the browser still makes the page.

A page stands a tenth of a second after its layout was sent, and only then asks for its figures.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from flask import Flask, current_app
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.journal import last_seq
from engine.clock import stopwatch
from engine.desk import Desk

MOST = 8  # readings that nobody has asked for yet; a browser that has gone asks for none
FRESH = 5.0  # seconds; what is held now has no line in the journal for each of its prices
P = ParamSpec("P")
T = TypeVar("T")
_Reading = Future[tuple[float, int, Any]]


class Ahead:
    """Readings of the database that were begun before they are asked for.

    One is given away once, soon, and only while the journal is as long as it was before the
    reading: trades and whatever changes them are written there as well.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = Lock()
        self._begun: dict[Hashable, _Reading] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ahead")

    def begin(
        self,
        read: Callable[Concatenate[Transaction, Desk, P], object],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Begin a reading, unless too many wait already; its arguments must be hashable."""

        def reading() -> tuple[float, int, object]:
            begun_at = stopwatch()
            with self._desk.db.read() as tx:
                return begun_at, last_seq(tx), read(tx, self._desk, *args, **kwargs)

        key = _key(read, args, kwargs)
        with self._lock:
            known = self._begun.get(key)
            if known is not None and not known.done():
                return
            self._begun.pop(key, None)
            while len(self._begun) >= MOST:
                self._begun.pop(next(iter(self._begun))).cancel()
            self._begun[key] = self._thread.submit(reading)

    def get(
        self,
        read: Callable[Concatenate[Transaction, Desk, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Return what a reading finds: the one that was begun, or one of now."""
        with self._lock:
            begun = self._begun.pop(_key(read, args, kwargs), None)
        is_there = begun is not None and not begun.cancel() and begun.exception() is None
        with self._desk.db.read() as tx:
            if begun is not None and is_there:
                begun_at, seq, found = begun.result()
                if stopwatch() - begun_at < FRESH and seq == last_seq(tx):
                    return cast("T", found)
            return read(tx, self._desk, *args, **kwargs)


def mount_ahead(server: Flask, desk: Desk) -> None:
    """Let the server's pages read ahead."""
    server.extensions["ahead"] = Ahead(desk)


def get_ahead() -> Ahead:
    """Return what this server's pages read ahead with."""
    ahead: Ahead = current_app.extensions["ahead"]
    return ahead


def _key(read: Callable[..., object], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Hashable:
    return read, args, tuple(sorted(kwargs.items()))
