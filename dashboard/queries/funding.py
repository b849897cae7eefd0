"""What the delta-neutral bot told: its positions as last seen, and what funding came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.pages import Page, Place, record_of, take_page
from models.funding import FundingPoint, FundingPosition


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingPositionRecord:
    """A position with both of its legs, as it was told at `at`; `gone_at` when it no more was."""

    bot_id: int
    position_id: str
    at: datetime
    gone_at: datetime | None
    asset: str
    status: str
    leverage: Decimal | None
    deployed: Decimal | None
    long_value: Decimal | None
    short_value: Decimal | None
    delta: Decimal | None
    delta_ratio: Decimal | None
    health_factor: Decimal | None
    margin_fraction: Decimal | None
    total_pnl: Decimal | None
    funding_pnl: Decimal | None
    opened_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingRecord:
    """A funding rate as it was told, or what funding had come to for one position."""

    id: int
    bot_id: int
    at: datetime
    asset: str
    venue: str
    position_id: str
    rate: float | None
    funding_pnl: Decimal | None


def funding_positions(tx: Transaction, bot: int) -> list[FundingPositionRecord]:
    """Return the positions that were told last, by asset."""
    chosen = select(FundingPosition).where(
        FundingPosition.bot_id == bot, FundingPosition.gone_at.is_(None)
    )
    ordered = chosen.order_by(FundingPosition.asset, FundingPosition.position_id)
    return [record_of(FundingPositionRecord)(row) for row in tx.scalars(ordered)]


def funding_page(
    tx: Transaction, bots: Sequence[int], place: Place, asset: str | None = None
) -> Page[FundingRecord]:
    """Return what was told of funding, the newest first."""
    chosen = select(FundingPoint).where(FundingPoint.bot_id.in_(bots))
    if asset is not None:
        chosen = chosen.where(FundingPoint.asset == asset)
    return take_page(tx, chosen, FundingPoint.id, place, record_of(FundingRecord))
