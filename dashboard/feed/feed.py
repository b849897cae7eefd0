"""The publisher: one thread per process that reads the desk once for all readers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session as Transaction

from dashboard.feed.messages import Message, Subscribe, fact_message, message
from dashboard.feed.picture import (
    Picture,
    PnlLine,
    changes,
    recent_facts,
    take_picture,
)
from dashboard.feed.reader import CloseCode, Reader
from dashboard.queries.journal import Fact, facts_after, last_seq
from engine.clock import stopwatch
from engine.desk import Desk
from models.vocabulary import Severity

log = logging.getLogger(__name__)

TAIL_EVERY = 0.15  # seconds between looks at the journal
PICTURE_EVERY = 1.0
HEARTBEAT_EVERY = 15.0
MOST_CAUGHT_UP = 2_000
ABOUT_ACCESS = frozenset({"people", "keys"})


def _matters(fact: Fact) -> bool:
    return fact.severity is not Severity.DEBUG


class Feed:
    """Publishes the journal and the picture; counts the connections.

    Its thread starts with the first reader and rests while there is none. `_lock` guards the
    readers, the picture and the number of the last fact told: who joins under it misses nothing.
    """

    def __init__(self, desk: Desk, limit: int) -> None:
        self.desk = desk
        self.limit = limit
        self._lock = threading.RLock()
        self._woken = threading.Event()
        self._thread: threading.Thread | None = None
        self._stopped = False
        self._worker: Any = None
        self._taken = 0
        self._readers: set[Reader] = set()
        self._seq = 0
        self._line = PnlLine()
        self._picture: Picture | None = None
        self._pictured_at = self._heartbeat_at = 0.0

    # ------------------------------------------------------------------ the process round it
    def worker_starting(self, worker: Any) -> None:
        """Follow a gunicorn worker: when it is told to stop, every connection ends."""
        self._worker = worker

    def wake(self) -> None:
        """Look at the journal now rather than at the next interval."""
        self._woken.set()

    def stop(self) -> None:
        """End every connection and the thread."""
        self._stopped = True
        self.wake()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    @property
    def is_stopping(self) -> bool:
        """Say whether connections must end."""
        return self._stopped or (self._worker is not None and not self._worker.alive)

    # ------------------------------------------------------------------ connections
    def take_slot(self) -> bool:
        """Count a connection in, unless there are as many as allowed."""
        with self._lock:
            if self._taken >= self.limit or self.is_stopping:
                return False
            self._taken += 1
            return True

    def free_slot(self) -> None:
        """Count a connection out."""
        with self._lock:
            self._taken -= 1

    def join(self, reader: Reader, wanted: Subscribe) -> None:
        """Give a reader its snapshot, what it missed, and from now on every change."""
        with self._lock:
            self._readers.discard(reader)
            self._publish()  # so that the snapshot is of this moment
            reader.channels, reader.wire = wanted.channels, wanted.format
            for first in self._first_messages(wanted):
                reader.offer(first)
            self._readers.add(reader)
            self._start()

    def leave(self, reader: Reader) -> None:
        """Forget a reader."""
        with self._lock:
            self._readers.discard(reader)

    def log_out(self, login: str) -> None:
        """End the connections of one login."""
        with self._lock:
            gone = [reader for reader in self._readers if reader.visitor.login == login]
        for reader in gone:
            reader.end(CloseCode.LOGGED_OUT, "logged out")

    def end_all(self) -> None:
        """End every connection; browsers come back at once, and are checked anew."""
        with self._lock:
            readers = list(self._readers)
        for reader in readers:
            reader.end(CloseCode.RESTART, "connect again")

    # ------------------------------------------------------------------ publishing
    def _start(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while not self.is_stopping:
            self._woken.wait(TAIL_EVERY)
            self._woken.clear()
            try:
                self._publish()
            except Exception:  # the feed must outlive a database that is away; readers see it age
                log.exception("the feed could not read the desk")
        with self._lock:
            for reader in self._readers:
                reader.end(CloseCode.RESTART, "the desk restarts")

    def _publish(self) -> None:
        with self._lock:
            if not self._readers:
                self._picture = None  # who joins next needs a new one
                return
            for news in (*self._news(), *self._heartbeat()):
                for reader in self._readers:
                    reader.offer(news)

    def _news(self) -> Iterator[Message]:
        with self.desk.db.read() as tx:
            facts = facts_after(tx, self._seq)
            if any(fact.kind in ABOUT_ACCESS for fact in facts):
                for reader in self._readers:
                    reader.doubt()
            yield from map(fact_message, facts)
            self._seq = facts[-1].seq if facts else self._seq
            if any(map(_matters, facts)) or self._is_picture_due():
                before = self._picture
                after = self._look(tx)
                yield from changes(before, after) if before else ()

    def _heartbeat(self) -> Iterator[Message]:
        if stopwatch() - self._heartbeat_at >= HEARTBEAT_EVERY:
            self._heartbeat_at = stopwatch()
            yield message("heartbeat", self._seq)

    def _is_picture_due(self) -> bool:
        return stopwatch() - self._pictured_at >= PICTURE_EVERY

    def _look(self, tx: Transaction) -> Picture:
        self._pictured_at = stopwatch()
        self._picture = take_picture(tx, self.desk, self._line, self._seq)
        return self._picture

    def _first_messages(self, wanted: Subscribe) -> Iterator[Message]:
        with self.desk.db.read() as tx:
            if self._picture is None:
                self._seq = last_seq(tx)
                self._look(tx)
            assert self._picture is not None  # noqa: S101  (_look has just made one)
            yield self._picture.snapshot(wanted.channels, recent_facts(tx, self._seq))
            if 0 < wanted.last_seq < self._seq:
                yield self._catch_up(tx, wanted)

    def _catch_up(self, tx: Transaction, wanted: Subscribe) -> Message:
        missed = [
            fact_message(fact)
            for fact in facts_after(tx, wanted.last_seq, MOST_CAUGHT_UP)
            if fact.seq <= self._seq
        ]
        events = [told.content for told in missed if told.channels & wanted.channels]
        until = missed[-1].content["seq"] if missed else self._seq
        return message("catch_up", self._seq, from_seq=wanted.last_seq, to_seq=until, events=events)
