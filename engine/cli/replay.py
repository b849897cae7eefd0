"""`bellwether replay`: recorded sessions through the very engine that trades live."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

import click
from pydantic import BaseModel, ValidationError

from engine.actions.trading_settings import change_settings, parse_overrides, settings_in_force
from engine.bootstrap import ReplayDesk, load_market, replay_desk
from engine.cli.command import DeskCommand, local_actor
from engine.cli.exports import write_candidates, write_journal, write_trades
from engine.cli.pace import Speed, pace_of
from engine.clock import stopwatch
from engine.desk import Desk
from engine.errors import DeskError
from engine.logs import configure_logs
from engine.replay import Replay
from models.accounts import DailyMetrics
from models.database import IN_MEMORY, Database
from models.money import ZERO
from models.vocabulary import Intrabar

A_FILE = click.Path(path_type=Path)
A_DAY = click.DateTime(["%Y-%m-%d"])
OUTPUT = click.File("w", encoding="utf-8", lazy=False)  # opened first: no replay ends at a bad path


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the options of a replay said."""

    bars: Path
    daily: Path
    first: date | None
    last: date | None
    speed: float | None
    overrides: Sequence[str]
    intrabar: Intrabar
    database: str
    journal: IO[str] | None
    trades: IO[str] | None
    candidates: IO[str] | None


@dataclass(kw_only=True)
class Outcome:
    """What a replay came to."""

    bars: int
    loading: float  # seconds
    playing: float = 0.0  # seconds
    sessions: list[DailyMetrics] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Say whether every session ended flat and reconciled."""
        return all(day.flat and day.reconciled for day in self.sessions)


@click.command(cls=DeskCommand)
@click.option("--bars", type=A_FILE, required=True, help="Minute bars, parquet or CSV.")
@click.option("--daily", type=A_FILE, required=True, help="Daily bars, parquet or CSV.")
@click.option("--session", type=A_DAY, help="Play this session alone.")
@click.option("--from", "first", type=A_DAY, help="The first session to play.")
@click.option("--to", "last", type=A_DAY, help="The last session to play.")
@click.option("--speed", type=Speed(), default="max", help="Times real time.", show_default=True)
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="risk.max_positions=20 …"
)
@click.option(
    "--intrabar",
    type=click.Choice([str(rule) for rule in Intrabar]),
    default=str(Intrabar.CONSERVATIVE),
    show_default=True,
    help="Whether a stop can be touched on the bar of its own entry.",
)
@click.option("--database", default=IN_MEMORY, help="A database to keep; a killed replay goes on.")
@click.option("--journal", type=OUTPUT, help="Write the journal as JSON lines.")
@click.option("--trades", type=OUTPUT, help="Write the trades as CSV.")
@click.option("--candidates", type=OUTPUT, help="Write every symbol's opening range as CSV.")
@click.pass_context
def replay(ctx: click.Context, /, **options: Any) -> None:
    """Play recorded sessions through the very engine that trades live.

    Exits 0 only if every session ended flat and reconciled.
    """
    configure_logs(level="ERROR", as_json=False)
    asked = _asked(**options)
    db = Database(asked.database)
    try:
        db.upgrade()
        outcome = _replay(db, asked)
    finally:
        db.close()
    _summarise(outcome)
    if not outcome.is_clean:
        click.echo("Error: not every session ended flat and reconciled", err=True)
        ctx.exit(1)


def _asked(
    *,
    session: datetime | None,
    first: datetime | None,
    last: datetime | None,
    intrabar: str,
    **options: Any,
) -> Asked:
    if session is not None and (first or last):
        raise click.UsageError("--session goes without --from and --to")
    if first is not None and last is not None and first > last:
        raise click.UsageError("--from is after --to")
    first, last = session or first, session or last
    return Asked(
        first=first.date() if first else None,
        last=last.date() if last else None,
        intrabar=Intrabar(intrabar),
        **options,
    )


def _replay(db: Database, asked: Asked) -> Outcome:
    began = stopwatch()
    market = load_market(asked.bars, asked.daily)
    outcome = Outcome(bars=sum(map(len, market.minutes.values())), loading=stopwatch() - began)
    prepared = replay_desk(db, market, first=asked.first, last=asked.last, intrabar=asked.intrabar)
    desk = prepared.played.desk
    _take_lease(desk)
    try:
        _override(desk, asked.overrides)
        began = stopwatch()
        outcome.sessions.extend(_played(prepared, asked))
        outcome.playing = stopwatch() - began
    finally:
        desk.lease.release()
    _write_files(desk, asked, [session.day for session in prepared.sessions])
    return outcome


def _take_lease(desk: Desk) -> None:
    if not desk.lease.acquire():
        raise DeskError("an engine is running on this database; give the replay one of its own")


def _override(desk: Desk, pairs: Sequence[str]) -> None:
    """Store the settings that `--set` changes; a replay that goes on finds them in force."""
    for kind, changes in parse_overrides(list(pairs)).items():
        with desk.db.read() as tx:
            inforce = settings_in_force(tx)
        if _differs(getattr(inforce, kind), changes):
            change_settings(desk, local_actor(), kind, changes, "replay --set")


def _differs(current: BaseModel, changes: dict[str, Any]) -> bool:
    try:
        return current.model_validate(current.model_dump() | changes) != current
    except ValidationError:
        return True  # storing it says in a sentence what is wrong


def _played(prepared: ReplayDesk, asked: Asked) -> Iterator[DailyMetrics]:
    played = prepared.played
    playing = Replay(
        played.desk, prepared.clock, played.exchange, prepared.sessions, pace_of(asked.speed)
    )
    if not sys.stdout.isatty():
        for day in playing.run():
            click.echo(_line(day))
            yield day
        return
    with click.progressbar(
        playing.run(), length=len(prepared.sessions), label="Sessions", item_show_func=_shown
    ) as bar:
        yield from bar


def _shown(day: DailyMetrics | None) -> str | None:
    return _line(day) if day else None


def _line(day: DailyMetrics) -> str:
    state = f"{'flat' if day.flat else 'NOT FLAT'}, "
    state += "reconciled" if day.reconciled else f"NOT RECONCILED by {day.residual:,.2f}"
    return f"{day.session}  {day.trades:3} trades  P&L {day.pnl:>12,.2f}  {state}"


def _write_files(desk: Desk, asked: Asked, days: Sequence[date]) -> None:
    with desk.db.read() as tx:
        if asked.trades is not None:
            write_trades(tx, asked.trades, desk.account, days)
        if asked.candidates is not None:
            write_candidates(tx, asked.candidates, days)
        if asked.journal is not None:
            write_journal(tx, asked.journal)


def _summarise(outcome: Outcome) -> None:
    days = outcome.sessions
    winners, losers = sum(day.winners for day in days), sum(day.losers for day in days)
    each_second = outcome.bars / outcome.loading if outcome.loading else 0.0
    click.echo(f"Sessions   {len(days)}, {days[0].session} to {days[-1].session}")
    click.echo(f"Trades     {sum(d.trades for d in days)}, {winners} won and {losers} lost")
    click.echo(f"P&L        {sum((day.pnl for day in days), ZERO):,.2f}")
    click.echo(f"Equity     {days[0].starting_equity:,.2f} to {days[-1].ending_equity:,.2f}")
    click.echo(f"Loading    {outcome.bars:,} bars, {each_second:,.0f} a second")
    click.echo(f"Playing    {outcome.playing:.1f} s")
