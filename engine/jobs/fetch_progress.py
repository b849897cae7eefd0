"""How far a job that fetches much is: one row for the page, written with what was fetched."""

from __future__ import annotations

from datetime import date

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session as Transaction

from engine.clock import stopwatch
from engine.desk import Desk
from models.market_data import FetchProgress
from models.tables import rows as table


class Progress:
    """The steps of one run. The time left is of the wall clock: sources don't follow the desk's."""

    def __init__(self, desk: Desk, job: str, session: date, total: int) -> None:
        self._desk = desk
        self._job = job
        self._session = session
        self._total = total
        self._done = self._rows = 0
        self._started_at, self._started = desk.clock.now(), stopwatch()

    def advance(self, tx: Transaction, rows: int, *, finished: bool = False) -> None:
        """Note one more step in the transaction that stores what it brought."""
        self._done += 1
        self._rows += rows
        self.note(tx, finished=finished)

    def stand(self, tx: Transaction, done: int, left: float | None = None) -> None:
        """Note how much of the whole has come by now, and how long the rest is waited for."""
        self._done = self._rows = done
        self._write(tx, left, finished=done == self._total)

    def note(self, tx: Transaction, *, finished: bool = False) -> None:
        """Write the row."""
        self._write(tx, self._seconds_left(), finished=finished)

    def _write(self, tx: Transaction, left: float | None, *, finished: bool) -> None:
        progress = table(FetchProgress)
        tx.execute(delete(progress).where(progress.c.job == self._job))
        tx.execute(
            insert(progress),
            {
                "job": self._job,
                "session": self._session,
                "done": self._done,
                "total": self._total,
                "rows": self._rows,
                "started_at": self._started_at,
                "updated_at": self._desk.clock.now(),
                "seconds_left": left,
                "finished": finished,
            },
        )

    def _seconds_left(self) -> float | None:
        if not self._done:
            return None
        each = (stopwatch() - self._started) / self._done
        return each * (self._total - self._done)


def is_finished(tx: Transaction, job: str, session: date) -> bool:
    """Say whether a job has everything for a session."""
    progress = tx.get(FetchProgress, job)
    return progress is not None and progress.session >= session and progress.finished
