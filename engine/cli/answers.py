"""Waits for the engine's answer to a command."""

from __future__ import annotations

import threading

from engine.clock import stopwatch
from engine.errors import DeskError
from models.control import Command
from models.database import Database
from models.vocabulary import CommandStatus

LOOK_EVERY = 0.2  # seconds


def wait_for_answer(db: Database, number: int, seconds: float) -> str:
    """Return what the engine answered.

    Raises:
        DeskError: it failed, or did not answer in time.
    """
    pause, until = threading.Event(), stopwatch() + seconds
    while True:
        with db.read() as tx:
            command = tx.get_one(Command, number)
        if command.status is CommandStatus.FAILED:
            raise DeskError(f"command {number} failed: {command.answer}")
        if command.status is CommandStatus.DONE:
            return command.answer or "Done."
        if stopwatch() >= until:
            raise DeskError(
                f"command {number} is {command.status} after {seconds:g} s; the engine goes on "
                "with it, and its answer will stand in the journal"
            )
        pause.wait(LOOK_EVERY)
