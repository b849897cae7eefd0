"""What is new at the desk: the facts since the last look, and how the picture changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session as Transaction

from dashboard.feed.messages import Channel, Message, Subscribe, fact_message, message
from dashboard.feed.open_alerts import OpenAlerts
from dashboard.feed.picture import Picture, PnlLine, changes, recent_facts, take_picture
from dashboard.queries.journal import Fact, facts_after, last_seq
from engine.clock import stopwatch
from engine.desk import Desk
from models.vocabulary import Severity

PICTURE_EVERY = 1.0  # seconds, when nothing happens
PICTURE_AT_MOST = 0.1  # seconds; on a fast day the picture waits for company, a fact never
HEARTBEAT_EVERY = 15.0
MOST_CAUGHT_UP = 2_000


class News:
    """Reads the desk once for all readers, from one thread."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._seq = 0
        self._line = PnlLine()
        self._alerts = OpenAlerts()
        self._picture: Picture | None = None
        self._pictured_at = self._heartbeat_at = 0.0
        self._is_picture_old = False

    def forget(self) -> None:
        """Begin anew with whoever comes next: meanwhile nobody follows what happens."""
        self._picture, self._line, self._alerts = None, PnlLine(), OpenAlerts()

    def look(self, *, at_once: bool = False) -> tuple[list[Fact], list[Message]]:
        """Return the new facts, and everything that readers are told now.

        What goes wrong leaves the facts unread, for the next look. `at_once`, the picture is of
        the last fact, too.
        """
        with self._desk.db.read() as tx:
            facts = facts_after(tx, self._seq)
            told = [*map(fact_message, facts)]
            seq = facts[-1].seq if facts else self._seq
            self._alerts.follow(facts)
            self._is_picture_old |= any(fact.severity is not Severity.DEBUG for fact in facts)
            if self._is_picture_due(seq, at_once=at_once):
                before = self._picture
                after = self._look(tx, seq)
                told += changes(before, after) if before else ()
        self._seq = seq
        return facts, [*told, *self._heartbeat()]

    def snapshot(self, wanted: Subscribe) -> list[Message]:
        """Return what a new reader is told: how it is, and what it missed since it last heard.

        Who has heard of more than there is was here before a backup came back: all is new to them.
        """
        with self._desk.db.read() as tx:
            picture = self._picture or self._first_picture(tx)
            told = [picture.snapshot(wanted.channels, recent_facts(tx, self._seq))]
            if 0 < wanted.last_seq < self._seq:
                told.append(self._catch_up(tx, wanted.channels, wanted.last_seq))
        return told

    def catch_up(self, channels: frozenset[Channel], last_seq: int) -> Message:
        """Return what somebody who is here still misses."""
        with self._desk.db.read() as tx:
            return self._catch_up(tx, channels, last_seq)

    def newest(self) -> int:
        """Return the number of the newest fact, for a message that tells of none."""
        if self._picture is not None:
            return self._seq  # not beyond what readers were told
        with self._desk.db.read() as tx:
            return last_seq(tx)

    def _is_picture_due(self, seq: int, *, at_once: bool) -> bool:
        if at_once and self._picture is not None and self._picture.seq < seq:
            return True
        age = stopwatch() - self._pictured_at
        return age >= (PICTURE_AT_MOST if self._is_picture_old else PICTURE_EVERY)

    def _first_picture(self, tx: Transaction) -> Picture:
        self._seq = last_seq(tx)
        return self._look(tx, self._seq)

    def _look(self, tx: Transaction, seq: int) -> Picture:
        begun_at = stopwatch()
        self._picture = take_picture(tx, self._desk, self._line, self._alerts, seq)
        self._pictured_at, self._is_picture_old = begun_at, False
        return self._picture

    def _heartbeat(self) -> Iterator[Message]:
        if stopwatch() - self._heartbeat_at >= HEARTBEAT_EVERY:
            self._heartbeat_at = stopwatch()
            yield message("heartbeat", self._seq)

    def _catch_up(self, tx: Transaction, channels: frozenset[Channel], last_seq: int) -> Message:
        facts: Sequence[Fact] = facts_after(tx, last_seq, MOST_CAUGHT_UP)
        missed = [fact_message(fact) for fact in facts if fact.seq <= self._seq]
        events = [told.content for told in missed if told.channels & channels]
        until = missed[-1].content["seq"] if missed else self._seq
        return message("catch_up", self._seq, from_seq=last_seq, to_seq=until, events=events)
