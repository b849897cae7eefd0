"""Who may trade now: trading state, people's commands, the engine's lease and its job runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.tables import Id, Table
from models.types import Word
from models.vocabulary import CommandKind, CommandStatus, Control


class TradingState(Table):
    """What one scope may do, who said so, why and when."""

    __tablename__ = "trading_state"

    scope: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[Control] = mapped_column(Word(Control))
    reason: Mapped[str]
    actor: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[datetime]


class Command(Table):
    """Something a person asked the engine to do, and how far it is."""

    __tablename__ = "commands"
    __table_args__ = (
        Index(None, "status"),
        Index(None, "requested_at"),
        Index(None, "kind", "id"),
    )

    id: Mapped[Id]
    kind: Mapped[CommandKind] = mapped_column(Word(CommandKind))
    body: Mapped[dict[str, Any]]
    status: Mapped[CommandStatus] = mapped_column(Word(CommandStatus))
    actor: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str]
    answer: Mapped[str | None]
    correlation_id: Mapped[str] = mapped_column(String(64))
    requested_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class IdempotencyKey(Table):
    """A control request of a program, so that asking again does nothing twice."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index(None, "created_at"),)

    caller: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    request: Mapped[str] = mapped_column(String(64))  # hash of what was asked
    status: Mapped[int | None]  # None: under way, or its process died
    answer: Mapped[str | None]
    created_at: Mapped[datetime]


class RequestCount(Table):
    """How often somebody asked in the present minute, where several processes count as one."""

    __tablename__ = "request_counts"
    __table_args__ = (Index(None, "ends_at"),)

    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    count: Mapped[int]
    ends_at: Mapped[datetime]  # wall clock


class EngineLease(Table):
    """Who is the one engine, and which account it trades.

    The token rises with every change of holder or account and fences orders.
    """

    __tablename__ = "engine_lease"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    holder: Mapped[str] = mapped_column(String(128))
    token: Mapped[int]
    renewed_at: Mapped[datetime]  # wall clock
    expires_at: Mapped[datetime]  # wall clock
    account: Mapped[str] = mapped_column(String(64), default="")  # "": the first pair of keys


class JobRun(Table):
    """The last run of each job: what the timetable on the page shows."""

    __tablename__ = "job_runs"

    job: Mapped[str] = mapped_column(String(48), primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    milliseconds: Mapped[float]
    outcome: Mapped[str]
    failed: Mapped[bool]
    failures: Mapped[int]  # in a row
    runs: Mapped[int]


TROUBLE = "trouble"  # the heartbeat that tells what is wrong at the broker


class Heartbeat(Table):
    """When a part of the desk was last known to be well."""

    __tablename__ = "heartbeats"

    part: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime]  # wall clock
    desk_at: Mapped[datetime]  # the desk's clock
    detail: Mapped[dict[str, Any]]
