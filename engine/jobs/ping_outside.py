"""Tell somebody outside that all is well; silence is what raises the alarm."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from engine.clock import wall_now
from engine.desk import Desk
from models.control import Heartbeat, JobRun
from models.trading import Trade
from models.vocabulary import TradeStatus

FRESH = timedelta(seconds=30)
PRICES_FRESH = timedelta(seconds=90)  # minute bars


def ping_outside(desk: Desk) -> str | None:
    """Ping while the engine works, the broker answers and no job fails.

    While something is held the prices must be fresh as well. A kill switch that somebody threw is
    no illness.
    """
    if desk.outside is None:
        return None
    with desk.db.read() as tx:
        well = is_well(tx, desk)
    if well:
        desk.outside.ping()
    return None


def is_well(tx: Transaction, desk: Desk) -> bool:
    """Say whether nobody needs to look."""
    if tx.scalar(select(JobRun.job).where(JobRun.failed).limit(1)) is not None:
        return False
    seen = {row.part: row.at for row in tx.scalars(select(Heartbeat))}
    held = select(Trade.id).where(Trade.account == desk.account, Trade.status == TradeStatus.OPEN)
    holds = tx.scalar(held.limit(1)) is not None
    return _is_fresh(seen.get("broker"), FRESH) and (
        not holds or _is_fresh(seen.get("data"), PRICES_FRESH)
    )


def _is_fresh(at: datetime | None, within: timedelta) -> bool:
    return at is not None and wall_now() - at <= within
