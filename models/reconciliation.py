"""Where our books and the broker's differ, and what the broker was found to accept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.tables import Account, Id, Table
from models.types import Word
from models.vocabulary import DifferenceStatus, Side


class DifferenceRow(Table):
    """One difference, from when it was first seen to how it ended."""

    __tablename__ = "differences"
    __table_args__ = (
        Index(None, "account", "status"),
        Index(None, "found_at"),
    )

    id: Mapped[Id]
    account: Mapped[Account]
    code: Mapped[str] = mapped_column(String(32))
    symbol: Mapped[str] = mapped_column(String(128))
    sentence: Mapped[str]
    status: Mapped[DifferenceStatus] = mapped_column(Word(DifferenceStatus))
    resolution: Mapped[str | None]
    found_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class BrokerCapability(Table):
    """Whether an account was found to take an entry of one side with an attached stop."""

    __tablename__ = "broker_capabilities"

    account: Mapped[Account] = mapped_column(primary_key=True)
    side: Mapped[Side] = mapped_column(Word(Side), primary_key=True)
    accepts_attached_stop: Mapped[bool]
    detail: Mapped[str]
    probed_at: Mapped[datetime]
