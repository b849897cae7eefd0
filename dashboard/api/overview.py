"""Health, status and the figures of the day."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, abort
from sqlalchemy.orm import Session as Transaction

from dashboard.api.endpoint import Asked, Endpoints
from dashboard.api.fields import Paging
from dashboard.queries.account import AccountView, account_view
from dashboard.queries.control import ControlView, control_view
from dashboard.queries.health import Health, HealthView, health_view
from dashboard.queries.lists import day_page
from dashboard.queries.pages import Page, Place
from dashboard.queries.positions import PositionRow, open_trades, position_rows
from dashboard.queries.records import DayRecord
from dashboard.queries.status import StatusView, status_view
from dashboard.queries.today import TodayView, closed_trades, today_view
from dashboard.wire import plain, to_json
from engine.actions.permissions import Permission

endpoints = Endpoints()


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything that the Live page shows at one moment."""

    status: StatusView
    account: AccountView | None
    today: TodayView
    positions: list[PositionRow]
    pause_state: ControlView


@endpoints.get("/health", None)
def health(asked: Asked) -> HealthView:
    """Say how well each part is; 503 only when the desk cannot answer at all."""
    view = health_view(asked.desk)
    if view.status is Health.UNHEALTHY:
        abort(Response(to_json(plain(view)), 503, mimetype="application/json"))
    return view


@endpoints.get("/status", Permission.VIEW)
def status(asked: Asked) -> StatusView:
    """The desk's clock, mode, session, timetable, and when each part was last well."""
    with asked.desk.db.read() as tx:
        return status_view(tx, asked.desk)


@endpoints.get("/stats", Permission.VIEW)
def stats(asked: Asked) -> TodayView:
    """What the session has come to so far."""
    with asked.desk.db.read() as tx:
        return _today(tx, asked)


@endpoints.get("/dashboard", Permission.VIEW)
def dashboard(asked: Asked) -> Overview:
    """Everything of the Live page at one moment."""
    with asked.desk.db.read() as tx:
        return Overview(
            status=status_view(tx, asked.desk),
            account=account_view(tx, asked.desk),
            today=_today(tx, asked),
            positions=position_rows(tx, open_trades(tx, asked.desk)),
            pause_state=control_view(tx, asked.desk.session()),
        )


@endpoints.get("/metrics", Permission.VIEW)
def daily_metrics(asked: Asked, query: Paging) -> Page[DayRecord]:
    """What each finished session came to, the newest first."""
    with asked.desk.db.read() as tx:
        return day_page(tx, asked.desk, Place(query.limit, query.cursor))


def _today(tx: Transaction, asked: Asked) -> TodayView:
    session = asked.desk.session()
    day = session.day if session else None
    return today_view(day, closed_trades(tx, asked.desk, day), open_trades(tx, asked.desk))
