"""What Big Dipper sees and does: dips, brake, wash sales, configuration (specification D 3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from dashboard.api.endpoint import Asked, Endpoints
from dashboard.api.fields import Asking, Name, Paging, Symbol, Word
from dashboard.queries import dip
from dashboard.queries.bots import bot_numbers, only_bot
from dashboard.queries.dip_records import (
    BrakeRecord,
    DipBucket,
    OpportunityRecord,
    SkipRecord,
    WashSales,
)
from dashboard.queries.pages import Page, Place
from engine.actions.bot_config import bot_config
from engine.actions.permissions import Permission
from engine.clock import wall_now
from engine.errors import NotFoundError
from models.vocabulary import BotKind

endpoints = Endpoints()

DIP = BotKind.DIP
MOST_SCORES = 500


class Period(StrEnum):
    """How far back."""

    DAY = "1d"
    WEEK = "1w"
    MONTH = "1m"
    ALL = "all"

    @property
    def since(self) -> datetime | None:
        """Return where it begins."""
        return None if self is Period.ALL else wall_now() - LENGTHS[self]


LENGTHS = {
    Period.DAY: timedelta(days=1),
    Period.WEEK: timedelta(weeks=1),
    Period.MONTH: timedelta(days=30),
}


class OfBot(Asking):
    """Of which bot; of the first of its kind if none is named."""

    bot: Name | None = None


class OfDips(Paging):
    """Which dips, of one bot or of all."""

    bot: Name | None = None
    symbol: Symbol | None = None


class OfMissed(OfDips):
    """Which dips that were left alone."""

    reason: Word | None = None


class InPeriod(OfBot):
    """Of which bots, all if none is named, and how far back."""

    period: Period = Period.MONTH


class BestScores(InPeriod):
    """How many of them."""

    limit: Annotated[int, Field(ge=1, le=MOST_SCORES)] = 20


class OfBrakes(Paging):
    """Which brakes."""

    bot: Name | None = None
    period: Period = Period.ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakeNow:
    """Whether the brake holds, and the margin as it was last told."""

    bot_id: int
    bot: str
    active: bool
    margin: Decimal | None
    margin_at: datetime | None
    last: BrakeRecord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DipDistribution:
    """How deep the dips were that were deep enough."""

    period: Period
    dips: int
    buckets: Sequence[DipBucket]


@dataclass(frozen=True, slots=True, kw_only=True)
class DipConfig:
    """What the bot's config.py sets; computed values and secrets are named and not told."""

    bot_id: int
    bot: str
    path: str
    changed_at: datetime
    values: dict[str, Any]
    computed: Sequence[str]
    withheld: Sequence[str]


@endpoints.get("/opportunities/recent", Permission.VIEW)
def opportunities_recent(asked: Asked, query: OfDips) -> Page[OpportunityRecord]:
    """Dips that were deep enough, executed or not, the newest first."""
    with asked.desk.db.read() as tx:
        bots = bot_numbers(tx, DIP, query.bot)
        return dip.opportunity_page(tx, bots, _place(query), query.symbol)


@endpoints.get("/opportunities/missed", Permission.VIEW)
def opportunities_missed(asked: Asked, query: OfMissed) -> Page[SkipRecord]:
    """Dips that were left alone, and why, the newest first."""
    with asked.desk.db.read() as tx:
        bots = bot_numbers(tx, DIP, query.bot)
        return dip.skip_page(tx, bots, _place(query), query.symbol, query.reason)


@endpoints.get("/opportunities/best-scores", Permission.VIEW)
def opportunities_best_scores(asked: Asked, query: BestScores) -> Page[OpportunityRecord]:
    """The dips with the best scores of a period, the best first."""
    with asked.desk.db.read() as tx:
        bots = bot_numbers(tx, DIP, query.bot)
        return Page(dip.best_scores(tx, bots, query.period.since, query.limit), None)


@endpoints.get("/brake/current", Permission.VIEW)
def brake_current(asked: Asked, query: OfBot) -> BrakeNow:
    """Whether the emergency brake holds, and the margin as last told."""
    with asked.desk.db.read() as tx:
        bot = only_bot(tx, DIP, query.bot)
        account, brake = dip.newest_account(tx, bot.id), dip.newest_brake(tx, bot.id)
    if account is None and brake is None:
        raise NotFoundError(f"{bot.name} has told neither its margin nor of a brake")
    return BrakeNow(
        bot_id=bot.id,
        bot=bot.name,
        active=brake is not None and brake.ended_at is None,
        margin=account.margin if account else None,
        margin_at=account.at if account else None,
        last=brake,
    )


@endpoints.get("/brake/history", Permission.VIEW)
def brake_history(asked: Asked, query: OfBrakes) -> Page[BrakeRecord]:
    """When the emergency brake held, the newest first."""
    with asked.desk.db.read() as tx:
        bots = bot_numbers(tx, DIP, query.bot)
        return dip.brake_page(tx, bots, _place(query), query.period.since)


@endpoints.get("/analytics/wash-sales", Permission.VIEW)
def analytics_wash_sales(asked: Asked, query: InPeriod) -> Page[WashSales]:
    """Which symbols the dip bots left alone for the wash sale rule; this desk blocks none."""
    with asked.desk.db.read() as tx:
        bots = bot_numbers(tx, DIP, query.bot)
        return Page(dip.wash_sales(tx, bots, query.period.since), None)


@endpoints.get("/analytics/dip-distribution", Permission.VIEW)
def analytics_dip_distribution(asked: Asked, query: InPeriod) -> DipDistribution:
    """How deep the dips were that were deep enough, one percent a bucket."""
    with asked.desk.db.read() as tx:
        bots = bot_numbers(tx, DIP, query.bot)
        buckets = dip.dip_distribution(tx, bots, query.period.since)
    dips = sum(bucket.count for bucket in buckets)
    return DipDistribution(period=query.period, dips=dips, buckets=buckets)


@endpoints.get("/config/current", Permission.VIEW_SETTINGS)
def config_current(asked: Asked, query: OfBot) -> DipConfig:
    """The dip bot's config.py as it is now, read and never run."""
    with asked.desk.db.read() as tx:
        bot = only_bot(tx, DIP, query.bot)
    found = bot_config(bot)
    return DipConfig(
        bot_id=bot.id,
        bot=bot.name,
        path=found.path,
        changed_at=found.changed_at,
        values=dict(found.read.values),
        computed=found.read.computed,
        withheld=found.read.withheld,
    )


def _place(query: Paging) -> Place:
    return Place(query.limit, query.cursor)
