"""The desk at one moment, and what changed between two of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session as Transaction

from dashboard.feed.messages import Channel, Message, message
from dashboard.feed.open_alerts import OpenAlerts
from dashboard.queries.account import AccountView, PnlPoint, account_view, pnl_points
from dashboard.queries.bots import bot_views
from dashboard.queries.control import control_view
from dashboard.queries.journal import newest_facts
from dashboard.queries.orders import open_orders, trade_rows
from dashboard.queries.positions import open_trades, position_rows
from dashboard.queries.signals import signal_rows
from dashboard.queries.status import status_view
from dashboard.queries.today import closed_trades, today_view
from dashboard.wire import plain
from engine.desk import Desk

POINT_EVERY = timedelta(seconds=10)  # of the desk's clock; the figures change each second
STORED_EVERY = timedelta(minutes=1)  # a longer gap is one in which nobody looked: the engine did
SHOWN_FACTS = 60

# Rows are told one by one; everything else is told whole when any of it changed.
_ROWS = {Channel.POSITIONS: "position_update", Channel.SIGNALS: "signal_update"}
_WHOLE = {
    Channel.ACCOUNT: "account_update",
    Channel.PAUSE_STATE: "pause_state_change",
    Channel.STATUS: "status_update",
    Channel.ALERTS: "alerts_update",
}


@dataclass
class PnlLine:
    """The day's P&L so far: the stored points, then one of our own now and then."""

    session: date | None = None
    points: list[PnlPoint] = field(default_factory=list)

    def follow(
        self, tx: Transaction, desk: Desk, session: date | None, account: AccountView | None
    ) -> None:
        """Add what was stored and the present point where the line has grown long enough."""
        if session != self.session:
            self.session, self.points = session, []
        if session is None:
            return
        last = self.points[-1].at if self.points else None
        if last is None or (account is not None and account.at - last > STORED_EVERY):
            self.points += pnl_points(tx, desk, session, after=last)
        if account is not None and self._is_new(account):
            self.points.append(PnlPoint(account.at, account.day_pnl))

    def _is_new(self, account: AccountView) -> bool:
        return not self.points or account.at - self.points[-1].at >= POINT_EVERY


@dataclass(frozen=True)
class Picture:
    """What each channel shows, ready for the wire."""

    seq: int
    data: Mapping[Channel, Any]
    line: Sequence[PnlPoint]
    session: date | None

    def snapshot(self, channels: frozenset[Channel], facts: Sequence[Any]) -> Message:
        """Return all of some channels."""
        data = {channel: self.data.get(channel, []) for channel in sorted(channels)}
        if Channel.LOGS in data:
            data[Channel.LOGS] = facts
        if Channel.STATS in data:
            data[Channel.STATS] = {**self.data[Channel.STATS], "line": _pairs(self.line)}
        return message("snapshot", self.seq, data=data)


def take_picture(
    tx: Transaction, desk: Desk, line: PnlLine, alerts: OpenAlerts, seq: int
) -> Picture:
    """Read the desk."""
    status = status_view(tx, desk)
    session = status.session.day if status.session else None
    account = account_view(tx, desk)
    line.follow(tx, desk, session, account)
    open_, closed = open_trades(tx, desk), closed_trades(tx, desk, session)
    data = {
        Channel.POSITIONS: position_rows(tx, open_),
        Channel.ACCOUNT: account,
        Channel.SIGNALS: signal_rows(tx, desk, session),
        Channel.TRADES: trade_rows(closed),
        Channel.ORDERS: open_orders(tx, desk),
        Channel.PAUSE_STATE: control_view(tx, desk.session()),
        Channel.STATS: today_view(session, closed, open_),
        Channel.STATUS: status,
        Channel.BOTS: bot_views(tx),
        Channel.ALERTS: alerts.look(tx),
    }
    shown = {channel: plain(value) for channel, value in data.items()}
    return Picture(seq=seq, data=shown, line=tuple(line.points), session=session)


def recent_facts(tx: Transaction, seq: int) -> list[Any]:
    """Return the newest facts up to a number, ready for the wire."""
    return [plain(fact) for fact in newest_facts(tx, SHOWN_FACTS, until=seq)]


def changes(before: Picture, after: Picture) -> Iterator[Message]:
    """Tell what changed; the status goes out every time, as the sign that the feed is alive."""
    for channel, kind in _WHOLE.items():
        if before.data[channel] != after.data[channel]:
            yield message(kind, after.seq, channel, data=after.data[channel])
    for channel, kind in _ROWS.items():
        difference = _row_changes(before.data[channel], after.data[channel])
        if difference:
            yield message(kind, after.seq, channel, data=difference)
    yield from _stats_change(before, after)


def _row_changes(
    before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]
) -> dict[str, list[Any]] | None:
    old, new = ({row["id"]: row for row in rows} for rows in (before, after))
    upsert = [row for key, row in new.items() if old.get(key) != row]
    remove = [key for key in old if key not in new]
    return {"upsert": upsert, "remove": remove} if upsert or remove else None


def _stats_change(before: Picture, after: Picture) -> Iterator[Message]:
    same_line = before.session == after.session
    known = len(before.line) if same_line else 0
    points = _pairs(after.line[known:])
    stats = after.data[Channel.STATS]
    if points or not same_line or stats != before.data[Channel.STATS]:
        name = "points" if same_line else "line"
        yield message("stats_update", after.seq, Channel.STATS, data={**stats, name: points})


def _pairs(points: Sequence[PnlPoint]) -> list[Any]:
    return [plain((point.at, point.pnl)) for point in points]
