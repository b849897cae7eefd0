"""What the pages of other bots show, read at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sqlalchemy.orm import Session as Transaction

from dashboard.queries import dip
from dashboard.queries.bots import BotView, OddLineRecord, bot_views, odd_line_page
from dashboard.queries.dip_records import (
    BrakeRecord,
    DipAccountRecord,
    DipDayRecord,
    DipPositionRecord,
    DipTradeRecord,
    OpportunityRecord,
    SkipRecord,
    WashSales,
)
from dashboard.queries.funding import FundingPositionRecord, funding_positions
from dashboard.queries.pages import Place
from engine.clock import wall_now
from engine.market_hours import new_york
from models.vocabulary import BotKind

MONTH = timedelta(days=30)
SHOWN = Place(25)


@dataclass(frozen=True, slots=True, kw_only=True)
class BotCard:
    """One bot on the page of all of them."""

    bot: BotView
    account: DipAccountRecord | None
    is_braking: bool
    positions: Sequence[FundingPositionRecord]


@dataclass(frozen=True, slots=True, kw_only=True)
class DipView:
    """A dip bot's page."""

    account: DipAccountRecord | None
    today: DipDayRecord | None
    trades: Sequence[DipTradeRecord]
    skips: Sequence[SkipRecord]
    best: Sequence[OpportunityRecord]
    brakes: Sequence[BrakeRecord]
    positions: Sequence[DipPositionRecord]
    wash_sales: Sequence[WashSales]
    odd_lines: Sequence[OddLineRecord]

    @property
    def brake(self) -> BrakeRecord | None:
        """Return the brake while it holds."""
        return next((brake for brake in self.brakes[:1] if brake.ended_at is None), None)


def bot_cards(tx: Transaction) -> list[BotCard]:
    """Return every bot that is watched, with what matters most of it."""
    return [_card(tx, bot) for bot in bot_views(tx)]


def dip_view(tx: Transaction, bot: int) -> DipView:
    """Return what a dip bot told."""
    month = wall_now() - MONTH
    days = dip.dip_day_page(tx, bot, Place(1)).items
    today = new_york(wall_now()).date()
    return DipView(
        account=dip.newest_account(tx, bot),
        today=next((day for day in days if day.day == today), None),
        trades=dip.dip_trade_page(tx, [bot], SHOWN).items,
        skips=dip.skip_page(tx, [bot], SHOWN).items,
        best=dip.best_scores(tx, [bot], month, 10),
        brakes=dip.brake_page(tx, [bot], SHOWN).items,
        positions=dip.dip_positions(tx, bot),
        wash_sales=dip.wash_sales(tx, [bot], month),
        odd_lines=odd_line_page(tx, bot, Place(20)).items,
    )


def total(amounts: Sequence[Decimal | None]) -> Decimal | None:
    """Return a sum, None where a part of it is not known."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None


def _card(tx: Transaction, bot: BotView) -> BotCard:
    if bot.kind is BotKind.FUNDING:
        told = funding_positions(tx, bot.id)
        return BotCard(bot=bot, account=None, is_braking=False, positions=told)
    brake = dip.newest_brake(tx, bot.id)
    return BotCard(
        bot=bot,
        account=dip.newest_account(tx, bot.id),
        is_braking=brake is not None and brake.ended_at is None,
        positions=(),
    )
