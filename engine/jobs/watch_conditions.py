"""Say what stands wrong, louder the longer it stands, and when it is over; and that all is well."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Transaction

from engine.actions.raising import newest_alerts, raise_alert
from engine.actions.trading_settings import alert_settings
from engine.clock import wall_now
from engine.desk import Desk
from engine.jobs.conditions import ENGINE, Condition, conditions
from engine.jobs.ping_outside import is_well
from engine.journal import take_turn
from engine.rules.alerting import severity_after
from engine.rules.amounts import dollars, gain
from models.accounts import AccountNow
from models.alert_settings import AlertType
from models.alerts import AlertVerdict
from models.control import Heartbeat
from models.journal import JournalRow
from models.trading import Trade
from models.vocabulary import Severity, TradeStatus, Verdict

# What this job raises or makes graver; whatever else raises them, their end is told here.
WATCHED = {
    "naked": AlertType.UNPROTECTED,
    "difference": AlertType.RECONCILIATION,
    "stale_data": AlertType.STALE_DATA,
    "engine_down": AlertType.ENGINE_DOWN,
    "not_flat": AlertType.NOT_FLAT,
}
RECENT = timedelta(days=1)
LOOKED_AT = 200
LONG_GONE = timedelta(seconds=60)  # a restart takes less


def watch_conditions(desk: Desk) -> str | None:
    """Raise what stands wrong whenever it has become graver; tell its end; send the heartbeat.

    What was raised before is read from the journal, so a restart repeats nothing.
    """
    with desk.db.read() as tx:
        found = list(conditions(tx, desk))
        due = [severity for one in found if (severity := _graver(tx, one)) is not None]
        ended = _ended(tx, found)
        beats = _is_heartbeat_due(tx, desk)
    if not (due or ended or beats):
        return None
    with desk.db.write() as tx:
        take_turn(tx)  # another process may have said the same meanwhile
        for one in found:
            if (severity := _graver(tx, one)) is not None:
                _raise(tx, desk, one, severity)
        for row in _ended(tx, found):
            _tell_end(tx, desk, row)
        if _is_heartbeat_due(tx, desk):
            raise_alert(tx, desk, "heartbeat", ENGINE, how_it_is(tx, desk), severity=Severity.INFO)
    return None


def tell_of_gap(desk: Desk) -> None:
    """Say, before the engine begins, that none ran for a while though the market was open."""
    session = desk.session()
    now = desk.clock.now()
    with desk.db.read() as tx:
        beat = tx.get(Heartbeat, ENGINE)
    if session is None or beat is None or not session.opens_at <= now < session.closes_at:
        return
    gone = wall_now() - beat.at
    if gone < LONG_GONE:
        return
    minutes = f"{gone / timedelta(minutes=1):.0f} minutes"
    text = f"No engine ran for {minutes}, and the market is open; it starts now"
    with desk.db.write() as tx:
        raise_alert(
            tx, desk, "engine_down", ENGINE, text, severity=Severity.CRITICAL, since=beat.desk_at
        )


# ------------------------------------------------------------------------------ what was said
def _graver(tx: Transaction, one: Condition) -> Severity | None:
    """Return how grave something has become, None if that was said already."""
    severity = severity_after(one.type, one.seconds)
    if severity is None:
        return None
    for row in newest_alerts(tx, one.scope):
        if row.body.get("code") != one.code:
            continue
        if row.body.get("over") or row.at < one.since:
            break  # what was said before was about another time
        if row.severity.rank >= severity.rank:
            return None
    return severity


def _raise(tx: Transaction, desk: Desk, one: Condition, severity: Severity) -> None:
    more = {"symbol": one.symbol} if one.symbol else {}
    raise_alert(tx, desk, one.code, one.scope, one.text, severity=severity, since=one.since, **more)


def _ended(tx: Transaction, found: Sequence[Condition]) -> list[JournalRow]:
    """Return what was told of things that stand no more."""
    told = select(AlertVerdict).where(
        AlertVerdict.type.in_(WATCHED.values()),
        AlertVerdict.verdict == Verdict.TOLD,
        AlertVerdict.decided_at > wall_now() - RECENT,
    )
    newest: dict[str, AlertVerdict] = {}
    for verdict in tx.scalars(told.order_by(AlertVerdict.seq.desc()).limit(LOOKED_AT)):
        newest.setdefault(verdict.key, verdict)
    standing = {(one.code, one.scope) for one in found}
    begun = [verdict.seq for verdict in newest.values() if not verdict.is_over]
    rows = tx.scalars(select(JournalRow).where(JournalRow.seq.in_(begun))).all() if begun else []
    return [
        row
        for row in rows
        if row.body["code"] in WATCHED
        and (row.body["code"], row.scope) not in standing
        and not _is_over(tx, row)
    ]


def _is_over(tx: Transaction, row: JournalRow) -> bool:
    """Say whether the end is in the journal already, and waits for its verdict."""
    later = [each for each in newest_alerts(tx, row.scope) if each.seq > row.seq]
    return any(each.body.get("over") for each in later)


def _tell_end(tx: Transaction, desk: Desk, row: JournalRow) -> None:
    text = f"Over: {row.body.get('text')}"
    since = row.body.get("since") or row.at
    raise_alert(
        tx, desk, row.body["code"], row.scope, text, severity=Severity.INFO, over=True, since=since
    )


# ------------------------------------------------------------------------------ all is well
def _is_heartbeat_due(tx: Transaction, desk: Desk) -> bool:
    if not desk.channels or not desk.lease.is_held:
        return False
    settings, _version = alert_settings(tx)
    if not settings.rule(AlertType.HEARTBEAT).enabled:
        return False
    chosen = select(AlertVerdict.decided_at).where(AlertVerdict.type == AlertType.HEARTBEAT)
    last = tx.scalar(chosen.order_by(AlertVerdict.seq.desc()).limit(1))
    return last is None or wall_now() - last >= timedelta(minutes=settings.heartbeat_minutes)


def how_it_is(tx: Transaction, desk: Desk) -> str:
    """Return the desk's state in a sentence or two."""
    account = tx.get(AccountNow, desk.account)
    open_trades = Trade.account == desk.account, Trade.status == TradeStatus.OPEN
    held = tx.scalar(select(func.count()).select_from(Trade).where(*open_trades)) or 0
    well = "All is well." if is_well(tx, desk) else "Somebody should look."
    if account is None:
        return f"{well} {held} positions are open."
    change = account.equity - account.starting_equity
    return f"{well} Equity {dollars(account.equity)}, today {gain(change)}, {held} positions open."
