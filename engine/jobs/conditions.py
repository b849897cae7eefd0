"""What stands wrong at the desk now, as the stored state tells it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from engine.actions.raising import newest_alerts
from engine.clock import wall_now
from engine.desk import Desk
from engine.rules.alerting import severity_after
from models.alert_settings import AlertType
from models.control import TROUBLE, EngineLease, Heartbeat
from models.reconciliation import DifferenceRow
from models.trading import Trade
from models.vocabulary import DifferenceStatus, TradeStatus

ENGINE = "engine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that is wrong now."""

    type: AlertType
    code: str
    scope: str
    since: datetime  # of the desk's clock
    seconds: float  # of the wall clock
    text: str
    symbol: str | None = None


def conditions(tx: Transaction, desk: Desk) -> Iterator[Condition]:
    """Yield everything that stands wrong now."""
    trades = tx.scalars(
        select(Trade).where(Trade.account == desk.account, Trade.status == TradeStatus.OPEN)
    ).all()
    yield from _naked(desk, trades)
    yield from _not_flat(desk, trades)
    yield from _differences(tx, desk)
    yield from _silent_engine(tx)
    if trades:
        yield from _stale_data(tx, desk)
        yield from _broker_troubles(tx, desk)


def _naked(desk: Desk, trades: Sequence[Trade]) -> Iterator[Condition]:
    for trade in trades:
        if trade.naked_since is not None:
            yield Condition(
                type=AlertType.UNPROTECTED,
                code="naked",
                scope=f"trade:{trade.id}",
                since=trade.naked_since,
                seconds=_seconds(desk, trade.naked_since),
                text=f"{trade.symbol}: {trade.open_quantity:,} shares have no live stop",
                symbol=trade.symbol,
            )


def _not_flat(desk: Desk, trades: Sequence[Trade]) -> Iterator[Condition]:
    """Yield each session that is over while something of it is open."""
    now = desk.clock.now()
    for day in sorted({trade.session for trade in trades}):
        session = desk.hours.session_on(day)
        if session is None or now < session.closes_at:
            continue
        held = ", ".join(sorted(t.symbol for t in trades if t.session == day))
        yield Condition(
            type=AlertType.NOT_FLAT,
            code="not_flat",
            scope=f"session:{desk.account}:{day}",
            since=session.closes_at,
            seconds=_seconds(desk, session.closes_at),
            text=f"NOT FLAT after the close of {day}: {held}",
        )


def _differences(tx: Transaction, desk: Desk) -> Iterator[Condition]:
    standing = select(DifferenceRow).where(
        DifferenceRow.account == desk.account, DifferenceRow.status == DifferenceStatus.OPEN
    )
    for row in tx.scalars(standing.order_by(DifferenceRow.id)):
        yield Condition(
            type=AlertType.RECONCILIATION,
            code="difference",
            scope=f"difference:{row.id}",
            since=row.found_at,
            seconds=_seconds(desk, row.found_at),
            text=row.sentence,
            symbol=row.symbol,
        )


def _silent_engine(tx: Transaction) -> Iterator[Condition]:
    """Yield that no engine gives a sign of life; only a process beside it can say so."""
    beat = tx.get(Heartbeat, ENGINE)
    alive = select(EngineLease.holder).where(EngineLease.expires_at > wall_now())
    if beat is None or tx.execute(alive).first() is not None:
        return
    silent = (wall_now() - beat.at).total_seconds()
    if severity_after(AlertType.ENGINE_DOWN, silent) is None:
        return
    yield Condition(
        type=AlertType.ENGINE_DOWN,
        code="engine_down",
        scope=ENGINE,
        since=beat.desk_at,
        seconds=silent,
        text="No engine runs: nothing is watched, entered or closed",
    )


def _stale_data(tx: Transaction, desk: Desk) -> Iterator[Condition]:
    """Yield that prices are old while something is held and the market is open."""
    session, now = desk.session(), desk.clock.now()
    beat = tx.get(Heartbeat, "data")
    if session is None or beat is None or not session.opens_at <= now < session.closes_at:
        return
    old = (wall_now() - beat.at).total_seconds()
    if severity_after(AlertType.STALE_DATA, old) is None:
        return
    yield Condition(
        type=AlertType.STALE_DATA,
        code="stale_data",
        scope="data",
        since=datetime.fromisoformat(beat.detail.get("newest") or beat.desk_at.isoformat()),
        seconds=old,
        text=f"The newest price of the {desk.data.feed} feed is old, and something is held",
    )


def _broker_troubles(tx: Transaction, desk: Desk) -> Iterator[Condition]:
    """Yield what `watch_broker` has found, which is graver while something is held."""
    beat = tx.get(Heartbeat, TROUBLE)
    scope = f"broker:{desk.account}"
    for code, sentence in ((beat.detail.get("troubles") or {}) if beat else {}).items():
        about = (row for row in newest_alerts(tx, scope) if row.body.get("code") == code)
        raised = list(takewhile(lambda row: not row.body.get("over"), about))
        if not raised:
            continue
        began = raised[-1].at
        yield Condition(
            type=AlertType.BROKER,
            code=code,
            scope=scope,
            since=began,
            seconds=_seconds(desk, began),
            text=f"{sentence} Something is held.",
        )


def _seconds(desk: Desk, since: datetime) -> float:
    """Return how long something has stood, by the wall clock: a fast market frightens nobody."""
    return (desk.clock.now() - since).total_seconds() / max(1.0, desk.clock.speed)
