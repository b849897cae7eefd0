"""Other bots that the desk watches: who they are, and what each of them told."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dashboard.api.endpoint import Asked, Endpoints
from dashboard.api.fields import Name, Paging, RowId, Symbol, Word
from dashboard.queries import dip
from dashboard.queries.bots import (
    BotView,
    OddLineRecord,
    bot_numbers,
    bot_view,
    bot_views,
    known_bot,
    odd_line_page,
)
from dashboard.queries.dip_records import (
    BrakeRecord,
    DipAccountRecord,
    DipDayRecord,
    DipPositionRecord,
    DipTradeRecord,
    OpportunityRecord,
    SkipRecord,
)
from dashboard.queries.funding import (
    FundingPositionRecord,
    FundingRecord,
    funding_page,
    funding_positions,
)
from dashboard.queries.pages import Page, Place
from engine.actions.permissions import Permission
from models.vocabulary import BotKind

endpoints = Endpoints()

Asset = Annotated[str, Field(pattern=r"^[A-Za-z0-9./_-]{1,24}$", examples=["SOL"])]


class OfSymbol(Paging):
    """Of one symbol, or of all."""

    symbol: Symbol | None = None


class OfReason(OfSymbol):
    """Left alone for one reason, or for any."""

    reason: Word | None = None


class OfAsset(Paging):
    """Of one asset, or of all."""

    asset: Asset | None = None


class OfFunding(OfAsset):
    """Of one bot, or of all."""

    bot: Name | None = None


@endpoints.get("/bots", Permission.VIEW)
def bots(asked: Asked) -> Page[BotView]:
    """Every bot that is watched, and how it was when the desk last looked."""
    with asked.desk.db.read() as tx:
        return Page(bot_views(tx), None)


@endpoints.get("/bots/{id}", Permission.VIEW)
def bot(asked: Asked, id: RowId) -> BotView:  # noqa: A002  # its name in the address
    """One bot, and how it was when the desk last looked."""
    with asked.desk.db.read() as tx:
        return bot_view(tx, id)


@endpoints.get("/bots/{id}/trades", Permission.VIEW)
def bot_trades(
    asked: Asked,
    id: RowId,  # noqa: A002  # as above
    query: OfSymbol,
) -> Page[DipTradeRecord]:
    """What a dip bot bought and sold, the newest first."""
    with asked.desk.db.read() as tx:
        known = known_bot(tx, id, BotKind.DIP)
        return dip.dip_trade_page(tx, [known.id], _place(query), query.symbol)


@endpoints.get("/bots/{id}/opportunities", Permission.VIEW)
def bot_opportunities(
    asked: Asked,
    id: RowId,  # noqa: A002  # as above
    query: OfSymbol,
) -> Page[OpportunityRecord]:
    """Dips that were deep enough for a dip bot, the newest first."""
    with asked.desk.db.read() as tx:
        known = known_bot(tx, id, BotKind.DIP)
        return dip.opportunity_page(tx, [known.id], _place(query), query.symbol)


@endpoints.get("/bots/{id}/skips", Permission.VIEW)
def bot_skips(
    asked: Asked,
    id: RowId,  # noqa: A002  # as above
    query: OfReason,
) -> Page[SkipRecord]:
    """What a dip bot left alone, the newest first."""
    with asked.desk.db.read() as tx:
        known = known_bot(tx, id, BotKind.DIP)
        return dip.skip_page(tx, [known.id], _place(query), query.symbol, query.reason)


@endpoints.get("/bots/{id}/brakes", Permission.VIEW)
def bot_brakes(
    asked: Asked,
    id: RowId,  # noqa: A002  # as above
    query: Paging,
) -> Page[BrakeRecord]:
    """When a dip bot's emergency brake held, the newest first."""
    with asked.desk.db.read() as tx:
        known = known_bot(tx, id, BotKind.DIP)
        return dip.brake_page(tx, [known.id], _place(query))


@endpoints.get("/bots/{id}/account", Permission.VIEW)
def bot_account(
    asked: Asked,
    id: RowId,  # noqa: A002  # as above
    query: Paging,
) -> Page[DipAccountRecord]:
    """A dip bot's account cycle by cycle, the newest first."""
    with asked.desk.db.read() as tx:
        known = known_bot(tx, id, BotKind.DIP)
        return dip.dip_account_page(tx, [known.id], _place(query))


@endpoints.get("/bots/{id}/days", Permission.VIEW)
def bot_days(
    asked: Asked,
    id: RowId,  # noqa: A002  # as above
    query: Paging,
) -> Page[DipDayRecord]:
    """What each of a dip bot's days came to, the newest first."""
    with asked.desk.db.read() as tx:
        return dip.dip_day_page(tx, known_bot(tx, id, BotKind.DIP).id, _place(query))


@endpoints.get("/bots/{id}/positions", Permission.VIEW)
def bot_positions(
    asked: Asked,
    id: RowId,  # noqa: A002  # as above
) -> Page[DipPositionRecord | FundingPositionRecord]:
    """A bot's positions as they were last told, each with the moment it is from."""
    with asked.desk.db.read() as tx:
        known = known_bot(tx, id)
        if known.kind is BotKind.FUNDING:
            return Page(funding_positions(tx, known.id), None)
        return Page(dip.dip_positions(tx, known.id), None)


@endpoints.get("/bots/{id}/funding", Permission.VIEW)
def bot_funding(
    asked: Asked,
    id: RowId,  # noqa: A002  # as above
    query: OfAsset,
) -> Page[FundingRecord]:
    """What a funding bot told of funding, the newest first."""
    with asked.desk.db.read() as tx:
        known = known_bot(tx, id, BotKind.FUNDING)
        return funding_page(tx, [known.id], _place(query), query.asset)


@endpoints.get("/bots/{id}/odd-lines", Permission.VIEW)
def bot_odd_lines(
    asked: Asked,
    id: RowId,  # noqa: A002  # as above
    query: Paging,
) -> Page[OddLineRecord]:
    """The newest lines of a bot's log that could not be read."""
    with asked.desk.db.read() as tx:
        return odd_line_page(tx, known_bot(tx, id, BotKind.DIP).id, _place(query))


@endpoints.get("/history/funding", Permission.VIEW)
def history_funding(asked: Asked, query: OfFunding) -> Page[FundingRecord]:
    """Funding rates and what funding came to, of the funding bots, the newest first."""
    with asked.desk.db.read() as tx:
        numbers = bot_numbers(tx, BotKind.FUNDING, query.bot)
        return funding_page(tx, numbers, _place(query), query.asset)


def _place(query: Paging) -> Place:
    return Place(query.limit, query.cursor)
