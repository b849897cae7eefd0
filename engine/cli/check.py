"""`bellwether check`: is everything there that the desk needs?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import click

from engine.actions.audit import verify_audit
from engine.actions.broker_trouble import PROBED, account_troubles, is_skewed
from engine.alpaca_account import probe_account
from engine.cli.command import (
    DeskCommand,
    desk_settings,
    live_engine,
    open_database,
)
from engine.cli.desk import open_desk
from engine.clock import stopwatch, wall_now
from engine.desk import Desk
from engine.errors import DeskError
from engine.market_hours import MarketHours
from engine.rules.amounts import dollars
from engine.settings import Settings
from models.control import Heartbeat
from models.database import DatabaseUnusableError, revision_heads
from models.vocabulary import TradingMode

CALENDAR_AHEAD = timedelta(days=30)
STALE_AFTER = timedelta(seconds=30)
ENGINE = "engine"
OK, WARNING, ERROR = "ok", "warning", "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    subject: str
    level: str
    text: str


@click.command(cls=DeskCommand)
@click.option(
    "--broker",
    "probes",
    is_flag=True,
    help="Also place and cancel one share of each side with a stop, far from the market.",
)
@click.option("--symbol", default="SPY", show_default=True, help="What the probe is placed in.")
@click.option("--audit", is_flag=True, help="Follow the audit's chain instead, row by row.")
@click.pass_context
def check(ctx: click.Context, symbol: str, *, probes: bool, audit: bool) -> None:
    """Check all that the desk needs, one line for each thing; exit 1 on an error."""
    worst = OK
    for finding in audit_findings() if audit else findings(symbol if probes else None):
        click.echo(f"{finding.subject:9} {finding.level:8} {finding.text}")
        worst = ERROR if ERROR in {worst, finding.level} else worst
    if worst == ERROR:
        sentence = "the audit was changed" if audit else "the desk cannot run like this"
        click.echo(f"Error: {sentence}", err=True)
        ctx.exit(1)


def findings(probed: str | None = None) -> Iterator[Finding]:
    """Check one thing after the other; what needs a part that is broken is left out.

    With a symbol to probe with, the broker is asked which entries it takes.
    """
    try:
        settings = desk_settings()
        yield Finding("settings", OK, f"{settings.env}, {settings.broker} broker")
    except DeskError as problem:
        yield Finding("settings", ERROR, str(problem))
        return
    database = _database(settings.database_url)
    yield database
    yield _calendar()
    if database.level != OK:
        yield Finding("desk", WARNING, "broker, data and engine need the database first")
        return
    with open_desk() as desk:
        yield from (_broker(desk), _data(desk), _clock(desk), _engine(desk))
        yield from _accounts(desk)
        if probed is not None and desk.mode is not TradingMode.SIMULATED:
            yield from _probes(settings, desk, probed)


def audit_findings() -> Iterator[Finding]:
    """Say whether every row of the audit is the one that was written.

    The newest hash is worth noting elsewhere: rows missing at the end show in it alone.
    """
    with open_database(desk_settings().database_url) as db:
        verdict = verify_audit(db)
    if verdict.broken_at is not None:
        text = f"row {verdict.broken_at} is not what was written, or one before it is missing"
        yield Finding("audit", ERROR, text)
        return
    yield Finding("audit", OK, f"{verdict.rows} rows, newest hash {verdict.newest_hash}")


def _database(url: str) -> Finding:
    try:
        with open_database(url) as db:
            revision = db.revision()
            if revision is not None:
                db.check_writable()
    except (DatabaseUnusableError, DeskError) as problem:
        return Finding("database", ERROR, str(problem))
    if revision is None:
        return Finding("database", WARNING, "empty; it is made with the first start")
    if revision != revision_heads():
        return Finding("database", WARNING, f"revision {revision} is upgraded with the next start")
    return Finding("database", OK, f"revision {revision}, writable")


def _calendar() -> Finding:
    until = (wall_now() + CALENDAR_AHEAD).date()
    try:
        coming = MarketHours().next_session(until)
    except DeskError as problem:
        return Finding("calendar", ERROR, str(problem))
    return Finding("calendar", OK, f"XNYS, known beyond {coming.day}")


def _broker(desk: Desk) -> Finding:
    asked = stopwatch()
    try:
        account = desk.broker.account()
    except DeskError as problem:
        return Finding("broker", ERROR, f"{desk.broker.name} does not answer: {problem}")
    if trouble := next(account_troubles(desk.broker.name, account), None):
        return Finding("broker", ERROR, trouble.sentence)
    took = (stopwatch() - asked) * 1000
    text = f"{desk.broker.name}, equity {dollars(account.equity)}, answered in {took:.0f} ms"
    return Finding("broker", OK, text)


def _accounts(desk: Desk) -> Iterator[Finding]:
    """Ask each stored account with its own keys; one that is not traded is no hindrance."""
    if desk.accounts is None:
        return
    for account, mode in desk.accounts.modes.items():
        is_traded = account == desk.account
        name = f"{account}, {mode}{', traded' if is_traded else ''}"
        try:
            seen = desk.accounts.ask(account)
        except DeskError as problem:
            yield Finding("account", ERROR if is_traded else WARNING, f"{name}: {problem}")
            continue
        trouble = next(account_troubles(desk.broker.name, seen), None)
        level = OK if trouble is None else ERROR if is_traded else WARNING
        about = trouble.sentence if trouble else f"equity {dollars(seen.equity)}"
        yield Finding("account", level, f"{name}, {seen.number or 'without a number'}: {about}")


def _data(desk: Desk) -> Finding:
    session = desk.session() or desk.hours.next_open(desk.clock.now())
    if desk.mode is not TradingMode.SIMULATED:
        try:
            desk.data.marks([PROBED])
        except DeskError as problem:
            return Finding("data", ERROR, f"{desk.data.feed} feed: {problem}")
    return Finding("data", OK, f"{desk.data.feed} feed, session {session.day}")


def _clock(desk: Desk) -> Finding:
    if desk.mode is TradingMode.SIMULATED:
        text = f"not applicable: the simulated market keeps its own, at {desk.clock.speed:g}x"
        return Finding("clock", OK, text)
    try:
        skew = desk.broker.clock_skew()
    except DeskError as problem:
        return Finding("clock", ERROR, f"the broker's clock cannot be read: {problem}")
    level = ERROR if is_skewed(skew, desk.clock.speed) else OK
    return Finding("clock", level, f"the broker's differs by {skew.total_seconds():+.2f} s")


def _probes(settings: Settings, desk: Desk, symbol: str) -> Iterator[Finding]:
    """Ask the broker which entries it takes with a stop; without, the stop follows the fill."""
    try:
        for one in probe_account(settings, desk, symbol):
            text = "with an attached stop" if one.accepts else "stop placed on the fill"
            yield Finding("entries", OK, f"{one.side}: {text} ({one.detail})")
    except DeskError as problem:
        yield Finding("entries", ERROR, f"the probe failed: {problem}")


def _engine(desk: Desk) -> Finding:
    holder = live_engine(desk.db)
    if holder is None:
        return Finding(ENGINE, WARNING, "no engine is running")
    with desk.db.read() as tx:
        beat = tx.get(Heartbeat, ENGINE)
    age = wall_now() - beat.at if beat else None
    if age is None or age > STALE_AFTER:
        return Finding(ENGINE, ERROR, f"{holder} holds the lease and gives no sign of life")
    return Finding(ENGINE, OK, f"{holder}, last heartbeat {age.total_seconds():.0f} s ago")
