"""The account: now, over time, and what trading came to."""

from __future__ import annotations

from dashboard.api.endpoint import Asked, Endpoints
from dashboard.api.fields import Day, Days, Paging
from dashboard.queries.account import AccountView, account_view
from dashboard.queries.accounts import AccountLine, account_lines
from dashboard.queries.lists import snapshot_page
from dashboard.queries.pages import Page, Place
from dashboard.queries.records import SnapshotRecord
from dashboard.queries.results import Performance, performance
from engine.actions.permissions import Permission
from engine.errors import NotFoundError

endpoints = Endpoints()


class OneSession(Paging):
    """A list that one session can be picked from."""

    session: Day | None = None


@endpoints.get("/account", Permission.VIEW)
def account(asked: Asked) -> AccountView:
    """The account as last seen at the broker."""
    with asked.desk.db.read() as tx:
        view = account_view(tx, asked.desk)
    if view is None:
        raise NotFoundError("the account has not been seen yet")
    return view


@endpoints.get("/accounts", Permission.VIEW_SETTINGS)
def accounts(asked: Asked) -> Page[AccountLine]:
    """Every stored account as its broker last told of it, and which is traded."""
    with asked.desk.db.read() as tx:
        return Page(account_lines(tx, asked.desk), None)


@endpoints.get("/account/history", Permission.VIEW)
def account_history(asked: Asked, query: OneSession) -> Page[SnapshotRecord]:
    """The account minute by minute, the newest first."""
    with asked.desk.db.read() as tx:
        return snapshot_page(tx, asked.desk, query.session, Place(query.limit, query.cursor))


@endpoints.get("/account/performance", Permission.VIEW)
def account_performance(asked: Asked, query: Days) -> Performance:
    """Closed trades and finished sessions in figures."""
    with asked.desk.db.read() as tx:
        return performance(tx, asked.desk, query.first, query.last)
