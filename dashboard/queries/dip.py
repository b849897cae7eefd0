"""What Big Dipper told, as lists and figures; every list is answered by an index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Any, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.dip_records import (
    BrakeRecord,
    DipAccountRecord,
    DipBucket,
    DipDayRecord,
    DipPositionRecord,
    DipTradeRecord,
    OpportunityRecord,
    SkipRecord,
    WashSales,
)
from dashboard.queries.pages import Page, Place, record_of, take_page
from engine.monitors.dip_lines import WASH_SALE
from models.dip import (
    DipAccount,
    DipBrake,
    DipDay,
    DipOpportunity,
    DipPosition,
    DipSkip,
    DipTrade,
)

Bots = Sequence[int]
MOST_POINTS = 600
STEP = Decimal("0.01")  # of the histogram
DEEPEST = Decimal("-0.5")  # what is deeper is counted there
SAME_LOOK = timedelta(minutes=1)  # winners and losers are lines of their own

S = TypeVar("S", bound="Select[*tuple[Any, ...]]")


def dip_trade_page(
    tx: Transaction, bots: Bots, place: Place, symbol: str | None = None
) -> Page[DipTradeRecord]:
    """Return what was traded, the newest first."""
    chosen = _of(select(DipTrade).where(DipTrade.bot_id.in_(bots)), DipTrade, symbol)
    return take_page(tx, chosen, DipTrade.id, place, record_of(DipTradeRecord))


def skip_page(
    tx: Transaction,
    bots: Bots,
    place: Place,
    symbol: str | None = None,
    reason: str | None = None,
) -> Page[SkipRecord]:
    """Return what was left alone, the newest first."""
    chosen = _of(select(DipSkip).where(DipSkip.bot_id.in_(bots)), DipSkip, symbol)
    if reason is not None:
        chosen = chosen.where(DipSkip.reason == reason)
    return take_page(tx, chosen, DipSkip.id, place, record_of(SkipRecord))


def opportunity_page(
    tx: Transaction, bots: Bots, place: Place, symbol: str | None = None
) -> Page[OpportunityRecord]:
    """Return the dips that were deep enough, the newest first."""
    chosen = select(DipOpportunity).where(DipOpportunity.bot_id.in_(bots))
    chosen = _of(chosen, DipOpportunity, symbol)
    return take_page(tx, chosen, DipOpportunity.id, place, record_of(OpportunityRecord))


def best_scores(
    tx: Transaction, bots: Bots, since: datetime | None, limit: int
) -> list[OpportunityRecord]:
    """Return the dips with the best scores, the best first."""
    chosen = _since(select(DipOpportunity), DipOpportunity, bots, since)
    best = chosen.order_by(DipOpportunity.score.desc(), DipOpportunity.id.desc()).limit(limit)
    return [record_of(OpportunityRecord)(row) for row in tx.scalars(best)]


def brake_page(
    tx: Transaction, bots: Bots, place: Place, since: datetime | None = None
) -> Page[BrakeRecord]:
    """Return when the brake held, the newest first."""
    chosen = select(DipBrake).where(DipBrake.bot_id.in_(bots))
    if since is not None:
        chosen = chosen.where(DipBrake.started_at >= since)
    return take_page(tx, chosen, DipBrake.id, place, record_of(BrakeRecord))


def dip_account_page(tx: Transaction, bots: Bots, place: Place) -> Page[DipAccountRecord]:
    """Return the account cycle by cycle, the newest first."""
    chosen = select(DipAccount).where(DipAccount.bot_id.in_(bots))
    return take_page(tx, chosen, DipAccount.id, place, record_of(DipAccountRecord))


def newest_account(tx: Transaction, bot: int) -> DipAccountRecord | None:
    """Return the account as it was last told, None if it never was."""
    found = dip_account_page(tx, [bot], Place(1)).items
    return found[0] if found else None


def newest_brake(tx: Transaction, bot: int) -> BrakeRecord | None:
    """Return the last brake, whether it still holds or not."""
    found = brake_page(tx, [bot], Place(1)).items
    return found[0] if found else None


def equity_points(tx: Transaction, bot: int, since: datetime) -> list[tuple[datetime, Decimal]]:
    """Return the equity over time, thinned out to what a chart can show."""
    mine = select(DipAccount.at, DipAccount.equity).where(DipAccount.bot_id == bot)
    found = tx.execute(mine.where(DipAccount.at >= since).order_by(DipAccount.at))
    points = [(at, equity) for at, equity in found]
    every = -(-len(points) // MOST_POINTS) or 1
    return points[::every] + (points[-1:] if (len(points) - 1) % every else [])


def dip_day_page(tx: Transaction, bot: int, place: Place) -> Page[DipDayRecord]:
    """Return what each day came to, the newest first."""
    chosen = select(DipDay).where(DipDay.bot_id == bot)
    return take_page(tx, chosen, DipDay.day, place, record_of(DipDayRecord))


def dip_positions(tx: Transaction, bot: int) -> list[DipPositionRecord]:
    """Return the positions of the last time they were told, the best first."""
    mine = DipPosition.bot_id == bot
    newest = tx.scalar(select(DipPosition.at).where(mine).order_by(DipPosition.at.desc()).limit(1))
    if newest is None:
        return []
    chosen = select(DipPosition).where(mine, DipPosition.at >= newest - SAME_LOOK)
    told = {row.symbol: row for row in tx.scalars(chosen.order_by(DipPosition.at, DipPosition.id))}
    best = sorted(told.values(), key=lambda row: (-row.pl_part, row.symbol))
    return [record_of(DipPositionRecord)(row) for row in best]


def wash_sales(tx: Transaction, bots: Bots, since: datetime | None) -> list[WashSales]:
    """Return which symbols the wash sale rule blocked, the most often blocked first."""
    counted = (
        select(
            DipSkip.symbol,
            func.count().label("blocked"),
            func.min(DipSkip.dip).label("deepest"),
            func.max(DipSkip.at).label("last_at"),
        )
        .where(DipSkip.bot_id.in_(bots), DipSkip.reason == WASH_SALE)
        .group_by(DipSkip.symbol)
    )
    if since is not None:
        counted = counted.where(DipSkip.at >= since)
    found = [WashSales(**row) for row in tx.execute(counted).mappings()]
    return sorted(found, key=lambda row: (-row.blocked, row.symbol))


def dip_distribution(tx: Transaction, bots: Bots, since: datetime | None) -> list[DipBucket]:
    """Return how deep the dips were, one percent a bucket, from the deepest up, without gaps."""
    told = _since(select(DipOpportunity.dip, DipOpportunity.executed), DipOpportunity, bots, since)
    every: Counter[Decimal] = Counter()
    executed: Counter[Decimal] = Counter()
    for dip, was_executed in tx.execute(told):
        step = max((dip / STEP).to_integral_value(ROUND_FLOOR) * STEP, DEEPEST)
        every[min(step, -DEEPEST)] += 1
        executed[min(step, -DEEPEST)] += was_executed
    if not every:
        return []
    steps = int((max(every) - min(every)) / STEP)
    leasts = (min(every) + number * STEP for number in range(steps + 1))
    return [
        DipBucket(least=least, most=least + STEP, count=every[least], executed=executed[least])
        for least in leasts
    ]


def _of(chosen: S, table: Any, symbol: str | None) -> S:
    return chosen if symbol is None else chosen.where(table.symbol == symbol)


def _since(chosen: S, table: Any, bots: Bots, since: datetime | None) -> S:
    chosen = chosen.where(table.bot_id.in_(bots))
    return chosen if since is None else chosen.where(table.at >= since)
