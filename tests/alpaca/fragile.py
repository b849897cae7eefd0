"""An engine that can be killed between any two of its steps: commits and calls of the broker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from engine.desk import Desk
from models.database import Database


class Killed(BaseException):
    """The process is gone: no handler of the engine may see this."""


class FragileDatabase(Database):
    """A database that kills whoever uses it at a chosen step."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.steps = 0
        self.fatal: int | None = None

    def step(self) -> None:
        """Count a step; at the fatal one the process is gone."""
        self.steps += 1
        if self.fatal is not None and self.steps >= self.fatal:
            self.fatal = None
            raise Killed

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Write, perhaps dying just before or just after the commit."""
        with super().write() as tx:
            yield tx
            self.step()
        self.step()


ASKING_NOBODY = frozenset({"attaches", "gives_up_at", "keeps_stop_at"})


class _Fragile:
    """Another part's methods, with a step before and after each call."""

    def __init__(self, part: Any, db: FragileDatabase) -> None:
        self._part = part
        self._db = db

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        if not callable(found) or name in ASKING_NOBODY:
            return found

        def call(*args: Any, **words: Any) -> Any:
            self._db.step()
            answer = found(*args, **words)
            self._db.step()
            return answer

        return call


def fragile(desk: Desk, db: FragileDatabase) -> Desk:
    """Return the desk with a broker whose calls are steps, too."""
    return replace(desk, broker=_Fragile(desk.broker, db))
