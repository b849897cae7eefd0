"""Keeps log records of warnings and worse in the journal, where the pages and programs find them.

Whoever logs never waits for it: a record may be written in the middle of a transaction, and SQLite
has one writer. It is put into a queue; a thread of its own writes what has gathered.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from threading import Event, Thread, get_ident

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.orm import Session as Transaction

from engine.clock import Clock
from engine.journal import correlation, record
from engine.log_rows import Line, body_of, gathered, line_of
from engine.logs import log_formatter
from models.database import Database

GATHER_SECONDS = 1.0  # what is said again within them is one row
AGAIN_SECONDS = 2.0  # between two tries when the database is away
FLUSH_SECONDS = 1.0  # at the end; the process is waited for
MOST_WAITING = 2_000
MOST_SCOPE = 96  # letters, as the column

log = logging.getLogger(__name__)


class LogKeeper(logging.Handler):
    """Takes in what is logged in whichever thread, and writes it down a moment later.

    Beyond what may wait, lines are counted, and the next row says how many.
    """

    def __init__(self, db: Database, clock: Clock, *, most_waiting: int = MOST_WAITING) -> None:
        super().__init__(logging.WARNING)
        self.setFormatter(log_formatter(as_json=True))
        self._db = db
        self._clock = clock
        self._most = most_waiting
        self._lines: SimpleQueue[Line | None] = SimpleQueue()
        self._left_out = 0  # counted by those who log
        self._told_of = 0  # of these; the thread's own, so that neither needs a lock
        self._ending = Event()
        self._thread = Thread(target=self._run, name="log-keeper", daemon=True)

    def start(self) -> None:
        """Take in what is logged from now on."""
        self._thread.start()
        logging.getLogger().addHandler(self)

    def stop(self) -> None:
        """Take in no more, and write what waits, if the database lets that be done soon."""
        logging.getLogger().removeHandler(self)
        self._ending.set()
        self._lines.put(None)
        if self._thread.is_alive():
            self._thread.join(FLUSH_SECONDS)

    # ------------------------------------------------------------------ in the thread that logs
    def filter(self, entry: logging.LogRecord) -> bool:
        """Leave out what keeping would cause itself, and what strangers cause at the door."""
        if get_ident() == self._thread.ident or entry.name.split(".")[0] == "sqlalchemy":
            return False
        return entry.levelno >= logging.ERROR or entry.name.split(".")[0] != "gunicorn"

    def emit(self, entry: logging.LogRecord) -> None:
        """Put a record into the queue; never wait, never raise."""
        try:
            line = line_of(entry, self.format(entry), self._clock.now())
        except Exception:  # noqa: BLE001  # nothing can be made of it; whoever logs has other work
            self._left_out += 1
            return
        if self._lines.qsize() < self._most:
            self._lines.put(line)
        else:
            self._left_out += 1

    # ------------------------------------------------------------------ in a thread of its own
    def _run(self) -> None:
        while not self._ending.is_set():
            first = self._lines.get()
            self._ending.wait(GATHER_SECONDS)
            self._keep([first, *self._waiting()])
        self._keep(self._waiting())

    def _waiting(self) -> list[Line | None]:
        lines: list[Line | None] = []
        while True:
            try:
                lines.append(self._lines.get_nowait())
            except Empty:
                return lines

    def _keep(self, taken: Sequence[Line | None]) -> None:
        """Write lines as soon as the database takes them; at the end there is one more try."""
        lines = [line for line in taken if line is not None]
        is_last = self._ending.is_set()
        while lines and not self._is_settled(lines) and not is_last:
            is_last = self._ending.wait(AGAIN_SECONDS)

    def _is_settled(self, lines: Sequence[Line]) -> bool:
        """Write lines; say whether that was it, or they are to be tried again."""
        try:
            self._write(lines)
        except (OperationalError, InterfaceError, NoConnectionError) as error:
            log.warning("log lines wait for the database: %s", type(error).__name__)
            return False
        except Exception:  # these will never be written, but the next may
            log.exception("log lines could not be kept")
            self._told_of -= len(lines)
        return True

    def _write(self, lines: Sequence[Line]) -> None:
        left_out = self._left_out
        untold = left_out - self._told_of
        with self._db.write() as tx:
            for alike in gathered(lines):
                self._record(tx, alike, untold)
                untold = 0
        self._told_of = left_out

    @staticmethod
    def _record(tx: Transaction, alike: Sequence[Line], untold: int) -> None:
        first, body = alike[0], body_of(alike, untold)
        correlation.set(first.correlation_id)
        scope = f"logger:{first.logger}"[:MOST_SCOPE]
        record(tx, first.at, "log", scope, severity=first.severity, **body)
