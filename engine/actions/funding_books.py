"""What the delta-neutral bot answered, written down: its positions as last seen, its funding."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from engine.actions.bot_facts import Teller
from engine.journal import plain_body
from engine.monitors.funding_answers import AMOUNTS, Rate, TwoLegs
from models.funding import FundingPoint, FundingPosition

MOST_RATES = 500


def keep_positions(
    teller: Teller, positions: Sequence[TwoLegs], at: datetime, *, is_whole: bool
) -> None:
    """Keep every position as it was told now; one that a whole answer leaves out is gone."""
    known = _known(teller)
    for told in positions:
        row = known.pop(told.position_id, None)
        if row is None or row.gone_at is not None:
            teller.tell("position", f"a position in {told.asset} is there", **_body(told))
        elif _figures(row) != dict(told.amounts):
            teller.tell("position", f"{told.asset} has changed", **_body(told))
        _keep_funding(teller, row, told, at)
        teller.tx.merge(_row(teller, told, at))
    for row in known.values() if is_whole else ():
        if row.gone_at is None:
            row.gone_at = at
            text = f"the position in {row.asset} is not told any more"
            teller.tell("position", text, position_id=row.position_id, gone=True)


def keep_rates(teller: Teller, rates: Sequence[Rate]) -> None:
    """Keep the funding rates that are new: a bot tells the same ones again and again."""
    oldest = min((rate.at for rate in rates), default=None)
    if oldest is None:
        return
    mine = (FundingPoint.bot_id == teller.bot.id, FundingPoint.at >= oldest)
    columns = select(FundingPoint.at, FundingPoint.asset, FundingPoint.venue)
    found = teller.tx.execute(columns.where(*mine, FundingPoint.position_id == ""))
    known = {(row.at, row.asset, row.venue) for row in found}
    for rate in rates[:MOST_RATES]:
        key = (rate.at, rate.asset, rate.venue)
        if key in known:
            continue
        known.add(key)
        teller.tx.add(_point(teller, rate.at, rate.asset, venue=rate.venue, rate=rate.rate))
        text = f"funding of {rate.asset} {rate.rate:.4%}"
        teller.tell("funding", text, asset=rate.asset, venue=rate.venue, rate=rate.rate)


def _known(teller: Teller) -> dict[str, FundingPosition]:
    mine = select(FundingPosition).where(FundingPosition.bot_id == teller.bot.id)
    return {row.position_id: row for row in teller.tx.scalars(mine)}


def _keep_funding(teller: Teller, row: FundingPosition | None, told: TwoLegs, at: datetime) -> None:
    """Keep what funding has come to for a position, whenever that has changed."""
    came_to = told.amounts["funding_pnl"]
    if came_to is None or (row is not None and row.funding_pnl == came_to):
        return
    of = {"position_id": told.position_id, "funding_pnl": came_to}
    teller.tx.add(_point(teller, at, told.asset, **of))


def _point(teller: Teller, at: datetime, asset: str, **more: Any) -> FundingPoint:
    return FundingPoint(bot_id=teller.bot.id, at=at, asset=asset, **more)


def _figures(row: FundingPosition) -> dict[str, Decimal | None]:
    return {name: getattr(row, name) for name in AMOUNTS}


def _row(teller: Teller, told: TwoLegs, at: datetime) -> FundingPosition:
    return FundingPosition(
        bot_id=teller.bot.id,
        position_id=told.position_id,
        at=at,
        gone_at=None,
        asset=told.asset,
        status=told.status,
        opened_at=told.opened_at,
        told=plain_body(told.told),
        **told.amounts,
    )


def _body(told: TwoLegs) -> dict[str, Any]:
    of = {"position_id": told.position_id, "asset": told.asset, "status": told.status}
    return {**of, **told.amounts}
