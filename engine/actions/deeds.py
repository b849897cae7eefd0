"""How every deed of a person is done: permission asked, limits kept, one transaction, audited."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from engine.actions.audit import Entry, write_audit
from engine.actions.permissions import Actor, Permission, require
from engine.actions.proofs import use_proof
from engine.clock import wall_now
from engine.desk import Desk
from engine.errors import DeskError, NotPermittedError, TooManyRequestsError
from engine.journal import correlation, new_correlation
from models.journal import AuditRow
from models.vocabulary import Outcome, Way

MOST_STEERING = 10  # specification N 5.3
WINDOW = timedelta(minutes=1)

# Counted apart, so that whoever paused and resumed too often can still stop the desk.
STOPPING = frozenset({"kill", "emergency_stop"})
STEERING = frozenset(
    {"lift_kill", "pause", "resume", "close_position", "flatten", "scan", "sync", "clean_up"}
    | {"test_channel"}
)
LIMITED_WAYS = frozenset({Way.PAGE, Way.API})


@dataclass(frozen=True, slots=True)
class Deed:
    """A deed in the course of being done: its transaction, and what the audit will tell of it."""

    tx: Transaction
    entry: Entry


@contextmanager
def doing(
    desk: Desk,
    actor: Actor,
    permission: Permission,
    action: str,
    *,
    target: str = "",
    reason: str = "",
) -> Iterator[Deed]:
    """Do something for somebody in one transaction that also holds its audit row.

    A refusal, whichever rule it comes from, rolls everything back and is a row of its own.

    Raises:
        NotPermittedError: the actor's role does not allow it.
        NotProvenError: the action is grave, and the actor has not just proved who they are.
        TooManyRequestsError: the actor has steered the desk too often within a minute.
    """
    entry = Entry(action, target, reason)
    with following_click():
        try:
            require(actor, permission)
            with desk.db.write() as tx:
                _refuse_if_too_often(tx, actor, action)
                use_proof(tx, actor, action)
                yield Deed(tx, entry)
                write_audit(tx, actor, entry, Outcome.DONE)
        except DeskError as refusal:
            write_refusal(desk, actor, entry, str(refusal))
            raise


def demand(desk: Desk, actor: Actor, permission: Permission, entry: Entry) -> None:
    """Stop what the actor may not do before it begins, also what only reads, and tell of it.

    Raises:
        NotPermittedError: the actor's role does not allow it.
    """
    try:
        require(actor, permission)
    except NotPermittedError as refusal:
        write_refusal(desk, actor, entry, str(refusal))
        raise


def write_refusal(desk: Desk, actor: Actor, entry: Entry, sentence: str) -> None:
    """Tell of something that was not done; whatever it would have changed did not change."""
    refused = Entry(entry.action, entry.target, entry.reason, sentence=sentence)
    with desk.db.write() as tx:
        write_audit(tx, actor, refused, Outcome.REFUSED)


class following_click:  # noqa: N801  # reads as a statement
    """Give everything that a person's click causes one correlation id."""

    def __enter__(self) -> None:
        self._token = correlation.set(correlation.get() or new_correlation("c-"))

    def __exit__(self, *_exception: object) -> None:
        correlation.reset(self._token)


def _refuse_if_too_often(tx: Transaction, actor: Actor, action: str) -> None:
    group = next((group for group in (STOPPING, STEERING) if action in group), None)
    if group is None or actor.way not in LIMITED_WAYS:
        return
    since = wall_now() - WINDOW
    done = tx.scalars(
        select(AuditRow.at)
        .where(
            AuditRow.actor == actor.name,
            AuditRow.at > since,
            AuditRow.action.in_(group),
            AuditRow.outcome == Outcome.DONE,
        )
        .order_by(AuditRow.at.desc())
        .limit(MOST_STEERING)
    ).all()
    if len(done) == MOST_STEERING:
        seconds = max(1, -(-(done[-1] - since) // timedelta(seconds=1)))
        raise TooManyRequestsError(
            f"{actor.name} has done this {MOST_STEERING} times within a minute; "
            f"try again in {seconds} s",
            seconds,
        )
