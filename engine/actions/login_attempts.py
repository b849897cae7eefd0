"""Attempts to log in: counted in the journal by name and address, so that guessing is slow."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session as Transaction

from engine.clock import wall_now
from engine.errors import DeskError
from engine.journal import record
from models.journal import JournalRow
from models.people import User
from models.vocabulary import Severity

MOST_FAILURES = 5
WINDOW = timedelta(minutes=5)
A_MINUTE = timedelta(minutes=1)
FAILED, SUCCEEDED = "login_failed", "login"


class TooManyLoginsError(DeskError):
    """Too many wrong passwords for this name from this address; it ends by itself."""


def attempt_scope(name: str, address: str) -> str:
    """Name the pair without spelling it out: people type passwords where names belong."""
    return "login:" + hashlib.sha256(f"{name}\0{address}".encode()).hexdigest()[:32]


def refuse_if_locked(tx: Transaction, scope: str) -> None:
    """Let nobody try on who has just failed too often.

    Raises:
        TooManyLoginsError: this name was tried too often from this address.
    """
    failures = _failures(tx, scope)
    if len(failures) < MOST_FAILURES or failures[0] - failures[-1] > WINDOW:
        return
    left = failures[0] + WINDOW - wall_now()
    if left > timedelta(0):
        minutes = -(-left // A_MINUTE)
        plural = "" if minutes == 1 else "s"
        raise TooManyLoginsError(f"Too many attempts. Try again in {minutes} minute{plural}.")


def count_attempt(
    tx: Transaction,
    now: datetime,
    scope: str,
    user: User | None,
    address: str,
    *,
    succeeded: bool,
) -> None:
    """Write an attempt down. Unknown names cause the same statements as known ones.

    The wall clock is kept beside the desk's, which may run faster.
    """
    wall = wall_now()
    counted = update(User).where(User.id == (user.id if user else 0))
    if succeeded:
        tx.execute(counted.values(failed_logins=0, last_login_at=wall))
    else:
        tx.execute(counted.values(failed_logins=User.failed_logins + 1))
    who = user.name if user else "an unknown user"
    record(
        tx,
        now,
        SUCCEEDED if succeeded else FAILED,
        scope,
        severity=Severity.INFO if succeeded else Severity.WARNING,
        text=f"{who} logged in" if succeeded else f"A login as {who} failed",
        actor=who,
        address=address,
        wall=wall,
    )


def _failures(tx: Transaction, scope: str) -> Sequence[datetime]:
    """Return when the last attempts failed, newest first; a success forgives what was before."""
    last = tx.execute(
        select(JournalRow.kind, JournalRow.body)
        .where(JournalRow.scope == scope)
        .order_by(JournalRow.seq.desc())
        .limit(MOST_FAILURES)
    ).all()
    moments = []
    for kind, body in last:
        if kind != FAILED:
            break
        moments.append(datetime.fromisoformat(body["wall"]))
    return moments
