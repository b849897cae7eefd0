"""The publisher: one thread per process that reads the desk once for all readers."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from queue import Empty, SimpleQueue
from threading import Event, RLock, Thread, current_thread

from pydantic import ValidationError

from dashboard.feed import door
from dashboard.feed.frames import Edition
from dashboard.feed.line import Line
from dashboard.feed.lines import Lines
from dashboard.feed.messages import SAID, CatchUp, Message, Subscribe, error_message
from dashboard.feed.mistakes import SUBSCRIBE_FIRST, sentence_about
from dashboard.feed.news import News
from dashboard.feed.reader import CloseCode, Reader, Visitor
from engine.clock import stopwatch
from engine.desk import Desk

log = logging.getLogger(__name__)

TAIL_EVERY = 0.02  # seconds between looks at what other processes have written
REST = 0.01  # seconds between looks at what this one writes: commits come in bursts
DOOR_EVERY = 0.5
CHECKED_AT_ONCE = 25  # readers whose welcome is looked up between two looks at the journal
ANSWERED_AT_ONCE = 50  # messages, between two looks
MOST_WAITING = 10  # messages of one reader; a browser sends one at a time
ABOUT_ACCESS = frozenset({"people", "keys"})
RESTART = (CloseCode.RESTART, "the desk restarts")


class Feed:
    """Publishes the journal and the picture; counts the connections.

    Its threads start with the first reader. One, `_run`, does everything that needs the desk;
    the other, that of `Lines`, only moves bytes, and so no reader ever waits for another.
    """

    def __init__(self, desk: Desk, limit: int) -> None:
        self.desk = desk
        self.limit = limit
        self._lock = RLock()  # for what follows up to the empty line
        self._readers: dict[Line, Reader] = {}
        self._taken = 0
        self._thread: Thread | None = None

        self._lines = Lines(heard=self._heard, gone=self._gone)
        self._said: SimpleQueue[tuple[Reader, str]] = SimpleQueue()
        self._news = News(desk)
        self._woken = Event()
        self._stopped = Event()
        self._door_at = 0.0
        desk.db.when_written(self.wake)

    # ------------------------------------------------------------------ the process round it
    def wake(self) -> None:
        """Look at the journal now rather than at the next interval."""
        self._woken.set()

    def stop(self) -> None:
        """End every connection and the threads."""
        self._stopped.set()
        self.wake()
        if self._thread is not None and self._thread is not current_thread():
            self._thread.join()
        self._end(self._everybody(), *RESTART)
        self._lines.stop()

    # ------------------------------------------------------------------ connections
    @property
    def taken(self) -> int:
        """Return how many connections there are."""
        return self._taken

    def refusal(self) -> str | None:
        """Return why nobody more is served now, None if somebody would be."""
        if self._taken < self.limit:
            return None
        return f"The feed already serves {self.limit} connections; try again soon."

    def take_slot(self) -> bool:
        """Count a connection in, unless there are as many as allowed."""
        with self._lock:
            if self._taken >= self.limit or self._stopped.is_set():
                return False
            self._taken += 1
            return True

    def free_slot(self) -> None:
        """Count a connection out."""
        with self._lock:
            self._taken -= 1

    def attach(self, line: Line, visitor: Visitor) -> None:
        """Serve somebody from now on; the slot that was taken is free when their line ends."""
        reader = Reader(visitor, line, checked_at=stopwatch())
        with self._lock:
            self._readers[line] = reader
            if self._thread is None:
                self._thread = Thread(target=self._run, name="feed", daemon=True)
                self._thread.start()
        self._lines.add(line)

    def log_out(self, login: str) -> None:
        """End the connections of one login."""
        gone = [reader for reader in self._everybody() if reader.visitor.login == login]
        self._end(gone, CloseCode.LOGGED_OUT, "logged out")

    def end_all(self) -> None:
        """End every connection; browsers come back at once, and are checked anew."""
        self._end(self._everybody(), CloseCode.RESTART, "connect again")

    def _everybody(self) -> list[Reader]:
        with self._lock:
            return list(self._readers.values())

    def _end(self, readers: Iterable[Reader], code: CloseCode, reason: str) -> None:
        for reader in readers:
            self._lines.close(reader.line, code, reason)

    def _heard(self, line: Line, said: str) -> None:
        with self._lock:
            reader = self._readers.get(line)
            if reader is None:
                return
            reader.waiting += 1
        if reader.waiting > MOST_WAITING:
            self._end([reader], CloseCode.POLICY, "too many messages at once")
            return
        self._said.put((reader, said))
        self.wake()

    def _gone(self, line: Line) -> None:
        with self._lock:
            del self._readers[line]
        self.free_slot()

    # ------------------------------------------------------------------ publishing
    def _run(self) -> None:
        while not self._stopped.wait(REST):
            self._woken.wait(TAIL_EVERY)
            self._woken.clear()
            for step in (self._publish, self._listen, self._watch_the_door):
                try:
                    step()
                except Exception:  # the feed outlives a database that is away; readers see it age
                    log.exception("the feed could not read the desk")

    def _publish(self, *, at_once: bool = False) -> None:
        readers = [reader for reader in self._everybody() if reader.channels]
        if not readers:
            self._news.forget()
            return
        facts, told = self._news.look(at_once=at_once)
        if any(fact.kind in ABOUT_ACCESS for fact in facts):
            self._doubt(readers)
        self._send(readers, told)

    def _send(self, readers: Iterable[Reader], told: Sequence[Message]) -> None:
        edition = Edition(told)
        for reader in readers:
            line = reader.line
            if piece := edition.piece(reader.channels, reader.wire, deflated=line.deflates):
                self._lines.send(line, piece)

    def _tell(self, reader: Reader, *told: Message) -> None:
        """Tell one reader alone, whatever channels it reads."""
        pieces = Edition(told)
        everything = frozenset().union(*(each.channels for each in told))
        piece = pieces.piece(everything, reader.wire, deflated=reader.line.deflates)
        self._lines.send(reader.line, piece)

    # ------------------------------------------------------------------ what readers say
    def _listen(self) -> None:
        for _ in range(ANSWERED_AT_ONCE):
            try:
                reader, said = self._said.get_nowait()
            except Empty:
                return
            with self._lock:
                reader.waiting -= 1
                is_there = reader.line in self._readers
            if is_there:
                self._answer(reader, said)
        self.wake()

    def _answer(self, reader: Reader, said: str) -> None:
        try:
            wanted = SAID.validate_json(said)
        except ValidationError as error:
            self._mistaken(reader, sentence_about(error))
            return
        if isinstance(wanted, Subscribe):
            self._join(reader, wanted)
        elif isinstance(wanted, CatchUp):
            self._go_on(reader, wanted)
        elif not reader.visitor.renew(wanted.token):
            self._end([reader], CloseCode.LOGGED_OUT, "that token is not good")

    def _join(self, reader: Reader, wanted: Subscribe) -> None:
        """Give a reader its snapshot, what it missed, and from now on every change."""
        self._publish(at_once=True)  # the snapshot is of this moment, and nothing falls between
        first = self._news.snapshot(wanted)
        reader.channels, reader.wire = wanted.channels, wanted.format
        self._tell(reader, *first)

    def _go_on(self, reader: Reader, wanted: CatchUp) -> None:
        if reader.channels:
            self._tell(reader, self._news.catch_up(reader.channels, wanted.last_seq))
        else:
            self._mistaken(reader, SUBSCRIBE_FIRST)

    def _mistaken(self, reader: Reader, sentence: str) -> None:
        self._tell(reader, error_message(self._news.newest(), "bad_request", sentence))
        if not reader.channels:
            self._end([reader], CloseCode.POLICY, "subscribe first")

    # ------------------------------------------------------------------ who may stay
    def _doubt(self, readers: Iterable[Reader]) -> None:
        for reader in readers:
            reader.is_doubted = True
        self._door_at = 0.0

    def _watch_the_door(self) -> None:
        if stopwatch() - self._door_at < DOOR_EVERY:
            return
        readers = self._everybody()
        due = [reader for reader in readers if door.is_due(reader)]
        for reader in due[:CHECKED_AT_ONCE]:
            if (ending := door.check(reader)) is not None:
                self._end([reader], *ending)
        for reader in readers:
            if (ending := door.must_go(reader)) is not None:
                self._end([reader], *ending)
            elif (told := door.reminder(reader, self._news.newest)) is not None:
                self._tell(reader, told)
        if len(due) <= CHECKED_AT_ONCE:
            self._door_at = stopwatch()
