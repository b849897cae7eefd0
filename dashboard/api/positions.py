"""Positions: what is held, how it is spread, and one position's life."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session as Transaction

from dashboard.api.endpoint import Asked, Endpoints
from dashboard.api.fields import Paging, RowId
from dashboard.queries.analytics import allocation_now
from dashboard.queries.lists import position_points
from dashboard.queries.pages import Page, Place, record_of
from dashboard.queries.positions import PositionRow, open_trades, position_rows
from dashboard.queries.records import FillRecord, OrderRecord, PositionPoint, TradeRecord
from dashboard.queries.results import Share
from engine.actions.permissions import Permission
from engine.errors import NotFoundError
from models.trading import Fill, Order, Trade
from models.vocabulary import TradeStatus

endpoints = Endpoints()


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionLife:
    """One round trip with everything that led to it and out of it; `now` while it is open."""

    trade: TradeRecord
    now: PositionRow | None
    orders: list[OrderRecord]
    fills: list[FillRecord]


@endpoints.get("/positions", Permission.VIEW)
def positions(asked: Asked) -> Page[PositionRow]:
    """The open positions, by symbol. There are never more than the limit of positions."""
    return Page(_rows(asked), None)


@endpoints.get("/positions/allocation", Permission.VIEW)
def positions_allocation(asked: Asked) -> Page[Share]:
    """Each open position's part of everything held, the greatest first, and its sector."""
    with asked.desk.db.read() as tx:
        return Page(allocation_now(tx, asked.desk), None)


@endpoints.get("/positions/{id}", Permission.VIEW)
def position(asked: Asked, id: RowId) -> PositionLife:  # noqa: A002  # its name in the address
    """One position, open or closed, with its orders and fills."""
    with asked.desk.db.read() as tx:
        trade = _known(tx, asked, id)
        orders = _orders(tx, trade)
        fills = tx.scalars(
            select(Fill).where(Fill.order_id.in_([o.id for o in orders])).order_by(Fill.id)
        ).all()
        rows = position_rows(tx, [trade]) if trade.status is TradeStatus.OPEN else []
    return PositionLife(
        trade=record_of(TradeRecord)(trade),
        now=rows[0] if rows else None,
        orders=[record_of(OrderRecord)(order) for order in orders],
        fills=[record_of(FillRecord)(fill) for fill in fills],
    )


@endpoints.get("/positions/{id}/history", Permission.VIEW)
def position_history(
    asked: Asked,
    id: RowId,  # noqa: A002  # as above
    query: Paging,
) -> Page[PositionPoint]:
    """One position minute by minute, the newest first."""
    with asked.desk.db.read() as tx:
        _known(tx, asked, id)
        return position_points(tx, id, Place(query.limit, query.cursor))


def _rows(asked: Asked) -> list[PositionRow]:
    with asked.desk.db.read() as tx:
        return position_rows(tx, open_trades(tx, asked.desk))


def _known(tx: Transaction, asked: Asked, trade_id: int) -> Trade:
    trade = tx.get(Trade, trade_id)
    if trade is None or trade.account != asked.desk.account:
        raise NotFoundError(f"there is no position {trade_id}")
    return trade


def _orders(tx: Transaction, trade: Trade) -> list[Order]:
    """Return a trade's orders; an entry knows its trade only by its signal."""
    mine = Order.trade_id == trade.id
    if trade.signal_id is not None:
        mine = or_(mine, Order.signal_id == trade.signal_id)
    return list(tx.scalars(select(Order).where(mine).order_by(Order.id)))
