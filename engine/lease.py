"""One engine at a time: a lease in the database whose token fences every order."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session as Transaction

from engine.clock import stopwatch, wall_now
from engine.errors import InvalidRequestError, NotTheEngineError
from models.control import EngineLease
from models.database import Database

NAME = "engine"
TIME_TO_LIVE = timedelta(seconds=20)
# What is left when it is renewed outlasts any one request to the broker (connecting and reading).
RENEWED_AFTER = 1 / 4  # of its life
ENDED = frozenset("ZX")  # states of a process that has ended and is not buried yet

_FENCE = (
    select(EngineLease.holder, EngineLease.token).where(EngineLease.name == NAME).with_for_update()
)
_TRADED = select(EngineLease.account).where(EngineLease.name == NAME)


def traded_account(db: Database) -> str:
    """Return the stored account that is to be traded, empty for the first pair of keys."""
    with db.read() as tx:
        return tx.scalar(_TRADED) or ""


def name_account(tx: Transaction, account: str) -> None:
    """Name the account to be traded while no engine holds the lease.

    Raises:
        InvalidRequestError: one does.
    """
    now = wall_now()
    row = tx.scalars(select(EngineLease).with_for_update()).one_or_none()
    if row is None:
        row = EngineLease(name=NAME, token=0, holder="", renewed_at=now, expires_at=now)
        tx.add(row)
    if row.expires_at > now:
        raise InvalidRequestError("an engine is running: it has to be stopped first")
    row.account, row.holder, row.token = account, "", row.token + 1  # should one begin just now


class Lease:
    """This process's claim to be the engine.

    Its validity is counted from before each renewal on a clock that only rises, so a process that
    was suspended knows that it lost the lease before it writes anything.

    A process is put together for one account, and holds the lease only while the database says that
    this is the one to be traded (`account`: a stored one's name, empty for the first pair, None
    where there is but one).
    """

    def __init__(
        self, db: Database, holder: str | None = None, *, account: str | None = None
    ) -> None:
        self._db = db
        self._account = account
        self.holder = holder or f"{_place()}:{os.getpid()}:{_start_ticks(os.getpid())}"
        self._token: int | None = None
        self._valid_until = 0.0
        self._lock = threading.Lock()
        self._when_taken: list[Callable[[], None]] = []
        self._acted_on: int | None = None  # the token that all of them have followed

    def when_taken(self, act: Callable[[], None]) -> None:
        """Do something each time this process becomes the engine: others may have traded."""
        self._when_taken.append(act)

    @property
    def is_held(self) -> bool:
        """Say whether this process is the engine now."""
        return self._token is not None and stopwatch() < self._valid_until

    @property
    def is_lost(self) -> bool:
        """Say whether it was given back, or somebody else took it: nothing may go on."""
        return self._token is None

    @property
    def wants_renewal(self) -> bool:
        """Say whether so much of the lease's life is over that it should be renewed."""
        left = TIME_TO_LIVE.total_seconds() * (1 - RENEWED_AFTER)
        return stopwatch() > self._valid_until - left

    @property
    def token(self) -> int:
        """Return the fencing token.

        Raises:
            NotTheEngineError: the lease is not held.
        """
        if self._token is None or not self.is_held:
            raise NotTheEngineError("this process does not hold the engine's lease")
        return self._token

    def acquire(self) -> bool:
        """Take or renew the lease; return whether it is held."""
        with self._lock:
            return self._ask(anew=True)

    def renew(self) -> bool:
        """Renew the lease if it wants that; return whether it is held. It is never taken anew.

        Asked before whatever may take as long as a request, so that what is slow is no loss. Where
        somebody else was the engine meanwhile, what is under way goes by books of before him.
        """
        with self._lock:
            if self._token is None or not self.wants_renewal:
                return self.is_held
            return self._ask(anew=False)

    def release(self) -> None:
        """Give the lease back so that a standby need not wait for its end."""
        with self._lock:
            if self._token is None:
                return
            with self._db.write() as tx:
                tx.execute(
                    update(EngineLease)
                    .where(EngineLease.holder == self.holder)
                    .values(expires_at=wall_now())
                )
            self._token = None

    def has_moved(self) -> bool:
        """Say whether another account is to be traded than the one this process is made for."""
        if self._account is None:
            return False
        return traded_account(self._db) != self._account

    def hand_over(self, tx: Transaction, account: str) -> None:
        """Let another account be traded from this transaction on; no engine holds the lease then.

        Raises:
            NotTheEngineError: another engine took over.
        """
        token = self.fence(tx) + 1
        values = {"account": account, "token": token, "holder": "", "expires_at": wall_now()}
        tx.execute(update(EngineLease).values(values))

    def fence(self, tx: Transaction) -> int:
        """Check, inside a transaction that is about to intend an order, that we are the engine.

        Returns the token to store with the order.

        Raises:
            NotTheEngineError: another engine took over.
        """
        row = tx.execute(_FENCE).one_or_none()
        if row is None or (row.holder, row.token) != (self.holder, self.token):
            raise NotTheEngineError("another engine took over; nothing is sent from here")
        return self.token

    def _ask(self, *, anew: bool) -> bool:
        asked_at = stopwatch()
        self._token = self._take(anew=anew)
        if self._token is not None:
            if self._token != self._acted_on:
                self._act()
                self._acted_on = self._token  # what failed is done anew with the next turn
            self._valid_until = asked_at + TIME_TO_LIVE.total_seconds()
        return self._token is not None

    def _act(self) -> None:
        for act in self._when_taken:
            act()

    def _take(self, *, anew: bool) -> int | None:
        now = wall_now()
        values = {"holder": self.holder, "renewed_at": now, "expires_at": now + TIME_TO_LIVE}
        with self._db.write() as tx:
            insert = sqlite.insert if self._db.is_sqlite else postgresql.insert
            tx.execute(
                insert(EngineLease)
                .values(name=NAME, token=0, **{**values, "holder": "", "expires_at": now})
                .on_conflict_do_nothing()
            )
            row = tx.execute(select(EngineLease).with_for_update()).scalar_one()
            if self._account not in {None, row.account}:
                return None
            if row.holder == self.holder and row.token == self._token:
                return self._renew(tx, values, row.token)
            if not anew or (row.expires_at > now and not _is_dead(row.holder)):
                return None
            return self._renew(tx, values, row.token + 1)

    def _renew(self, tx: Transaction, values: dict[str, object], token: int) -> int:
        tx.execute(update(EngineLease).values(token=token, **values))
        return token


def _place() -> str:
    """Name this host, boot and process namespace: where a process id means something."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8")[:8]
        namespace = Path("/proc/self/ns/pid").readlink().name.strip("pid:[]")
    except OSError:
        return socket.gethostname()
    return f"{socket.gethostname()}/{boot}/{namespace}"


def _start_ticks(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in ENDED else fields[19]


def _is_dead(holder: str) -> bool:
    """Say whether the holder is known to have ended: a process from here that is gone."""
    place, _, process = holder.partition(":")
    pid, _, started = process.partition(":")
    if place != _place() or not pid.isdigit() or not Path("/proc/self").exists():
        return False
    return _start_ticks(int(pid)) != started  # process ids are used again
