"""Attempts to log in: counted in the journal by name and address, so that guessing is slow."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import select, update
from sqlalchemy.orm import Session as Transaction

from engine.actions.audit import Entry, write_audit
from engine.actions.deeds import write_refusal
from engine.actions.permissions import Actor
from engine.actions.request_counts import count_request
from engine.clock import wall_now
from engine.desk import Desk
from engine.errors import TooManyRequestsError
from engine.journal import record
from models.database import Database
from models.journal import JournalRow
from models.people import User
from models.vocabulary import Outcome, Role, Severity, Way

MOST_FAILURES = 5
MOST_FROM_ONE_ADDRESS = 50  # within the window, whatever the names: a whole office
FLOODING = "Too many logins from this address."
_closed: WeakKeyDictionary[Database, dict[str, datetime]] = WeakKeyDictionary()  # until when
WINDOW = timedelta(minutes=5)
A_MINUTE = timedelta(minutes=1)
FAILED: Final = "login_failed"
SUCCEEDED: Final = "login"
LOGIN, PROOF = "login", "prove"  # what the audit calls it
TOLD = {  # when it went well, when it did not
    LOGIN: ("{} logged in", "A login as {} failed"),
    PROOF: ("{} showed their password again", "Somebody logged in as {} showed a wrong password"),
}


class TooManyLoginsError(TooManyRequestsError):
    """Too many wrong passwords for this name from this address; it ends by itself."""


def attempt_scope(name: str, address: str) -> str:
    """Name the pair without spelling it out: people type passwords where names belong."""
    return "login:" + hashlib.sha256(f"{name}\0{address}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody who tries to log in: `user` is None when the name is nobody's."""

    scope: str
    user: User | None
    address: str
    way: Way
    what: str = LOGIN

    @property
    def who(self) -> str:
        """Return the name for the books; what was typed may be a password."""
        return self.user.name if self.user else "an unknown user"

    @property
    def actor(self) -> Actor:
        """Return who the audit says it was; nobody has the least of roles."""
        return Actor(self.who, self.user.role if self.user else Role.VIEWER, self.way, self.address)


def refuse_if_flooding(desk: Desk, attempt: Attempt) -> None:
    """Let nobody try on from an address that has tried very many names: each try costs a hash.

    A flood must not fill the books either: the first refusal alone is told, and those that follow
    do not even reach the database.

    Raises:
        TooManyLoginsError: it did, within the last minutes.
    """
    closed = _closed.setdefault(desk.db, {})
    until = closed.get(attempt.address)
    if until is None or until <= wall_now():
        counted = count_request(desk.db, f"logins from {attempt.address}", WINDOW)
        if counted.count <= MOST_FROM_ONE_ADDRESS:
            closed.pop(attempt.address, None)
            return
        until = closed[attempt.address] = counted.ends_at
        if counted.count == MOST_FROM_ONE_ADDRESS + 1:
            write_refusal(desk, attempt.actor, Entry(attempt.what), FLOODING)
    seconds = max(1, -(-(until - wall_now()) // timedelta(seconds=1)))
    raise TooManyLoginsError(f"{FLOODING} Try again in {seconds} s.", seconds)


def refuse_if_locked(desk: Desk, attempt: Attempt) -> None:
    """Let nobody try on who has just failed too often.

    Raises:
        TooManyLoginsError: this name was tried too often from this address.
    """
    with desk.db.read() as tx:
        failures = _failures(tx, attempt.scope)
    if len(failures) < MOST_FAILURES or failures[0] - failures[-1] > WINDOW:
        return
    left = failures[0] + WINDOW - wall_now()
    if left > timedelta(0):
        minutes = -(-left // A_MINUTE)
        plural = "" if minutes == 1 else "s"
        sentence = f"Too many attempts. Try again in {minutes} minute{plural}."
        write_refusal(desk, attempt.actor, Entry(attempt.what), sentence)
        raise TooManyLoginsError(sentence, int(minutes * 60))


def count_attempt(tx: Transaction, now: datetime, attempt: Attempt, *, succeeded: bool) -> None:
    """Count an attempt. Unknown names cause the same statements as known ones.

    The wall clock is kept beside the desk's, which may run faster. The address is for the audit
    alone: everybody may read the journal.
    """
    wall, user, who = wall_now(), attempt.user, attempt.who
    counted = update(User).where(User.id == (user.id if user else 0))
    if succeeded:
        seen = {"last_login_at": wall} if attempt.what == LOGIN else {}
        tx.execute(counted.values(failed_logins=0, **seen))
    else:
        tx.execute(counted.values(failed_logins=User.failed_logins + 1))
    well, badly = TOLD[attempt.what]
    text = (well if succeeded else badly).format(who)
    record(
        tx,
        now,
        SUCCEEDED if succeeded else FAILED,
        attempt.scope,
        severity=Severity.INFO if succeeded else Severity.WARNING,
        text=text,
        actor=who,
        wall=wall,
    )
    outcome = Outcome.DONE if succeeded else Outcome.REFUSED
    write_audit(tx, attempt.actor, Entry(attempt.what, sentence=text), outcome)


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
