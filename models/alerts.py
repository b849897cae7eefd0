"""What was made of each alert of the journal: the verdict, its deliveries, who has seen it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.journal import JournalRow
from models.tables import Id, Table
from models.types import Word
from models.vocabulary import DeliveryStatus, Severity, Verdict

# All moments here are of the wall clock: people and channels know no other.


class AlertCursor(Table):
    """Up to which number of the journal the alerts are decided."""

    __tablename__ = "alert_cursor"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    seq: Mapped[int]


class AlertVerdict(Table):
    """What the rules made of one alert; `key` names what it is about, for the throttle."""

    __tablename__ = "alert_verdicts"
    __table_args__ = (Index(None, "key", "seq"), Index(None, "type", "seq"))

    seq: Mapped[int] = mapped_column(
        ForeignKey(JournalRow.seq), primary_key=True, autoincrement=False
    )
    type: Mapped[str] = mapped_column(String(48))
    key: Mapped[str] = mapped_column(String(160))
    severity: Mapped[Severity] = mapped_column(Word(Severity))
    verdict: Mapped[Verdict] = mapped_column(Word(Verdict))
    is_over: Mapped[bool]  # it tells of an end
    decided_at: Mapped[datetime]


class AlertDelivery(Table):
    """One alert on its way through one channel."""

    __tablename__ = "alert_deliveries"
    __table_args__ = (
        UniqueConstraint("seq", "channel"),
        Index(None, "channel", "status", "seq"),
    )

    id: Mapped[Id]
    seq: Mapped[int] = mapped_column(ForeignKey(JournalRow.seq))
    channel: Mapped[str] = mapped_column(String(32))
    severity: Mapped[Severity] = mapped_column(Word(Severity))
    status: Mapped[DeliveryStatus] = mapped_column(Word(DeliveryStatus))
    attempts: Mapped[int]
    created_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]  # until then a process is sending it
    delivered_at: Mapped[datetime | None]


class AlertChannel(Table):
    """How one channel does. Its address is not here: it holds a secret."""

    __tablename__ = "alert_channels"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    failures: Mapped[int]  # in a row
    open_until: Mapped[datetime | None]  # the breaker: nothing is sent before
    delivered_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    problem: Mapped[str | None]  # of the last failure


class AlertAcknowledgement(Table):
    """Who has seen an alert."""

    __tablename__ = "alert_acknowledgements"

    seq: Mapped[int] = mapped_column(
        ForeignKey(JournalRow.seq), primary_key=True, autoincrement=False
    )
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
