"""What the delta-neutral bot answers (N 3.1): positions with two legs, and funding."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.bots import BotId, OneBot
from models.tables import Id, Table


class FundingPosition(Table):
    """A position as it was last told; what its bot tells no more has a `gone_at`."""

    __tablename__ = "funding_positions"

    bot_id: Mapped[OneBot]
    position_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]  # it was told
    gone_at: Mapped[datetime | None]
    asset: Mapped[str] = mapped_column(String(24))
    status: Mapped[str] = mapped_column(String(24))
    leverage: Mapped[Decimal | None]
    deployed: Mapped[Decimal | None]
    long_value: Mapped[Decimal | None]
    short_value: Mapped[Decimal | None]
    delta: Mapped[Decimal | None]
    delta_ratio: Mapped[Decimal | None]
    health_factor: Mapped[Decimal | None]
    margin_fraction: Mapped[Decimal | None]
    total_pnl: Mapped[Decimal | None]
    funding_pnl: Mapped[Decimal | None]
    opened_at: Mapped[datetime | None]
    told: Mapped[dict[str, Any]]  # all of it, also what has no column


class FundingPoint(Table):
    """A funding rate as the bot told it, or what funding had come to for one position."""

    __tablename__ = "funding_points"
    __table_args__ = (
        UniqueConstraint("bot_id", "at", "asset", "venue", "position_id"),
        Index(None, "bot_id", "id"),
        Index(None, "bot_id", "asset", "id"),
        Index(None, "bot_id", "position_id", "id"),
    )

    id: Mapped[Id]
    bot_id: Mapped[BotId]
    at: Mapped[datetime]
    asset: Mapped[str] = mapped_column(String(24))
    venue: Mapped[str] = mapped_column(String(32), default="")
    position_id: Mapped[str] = mapped_column(String(64), default="")
    rate: Mapped[float | None]
    funding_pnl: Mapped[Decimal | None]
