"""Follow the logs of other bots: every line once, whatever happens to the desk or to the file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import CursorResult, delete, insert, select, update
from sqlalchemy.orm import Session as Transaction

from engine.actions.bot_facts import Teller, is_worth_noting, note_health, state_of, went_well
from engine.actions.bots import watched_bots
from engine.actions.dip_books import DipBooks
from engine.clock import wall_now
from engine.desk import Desk
from engine.errors import NotTheEngineError, SourceUnavailableError
from engine.monitors.dip_lines import Event, Odd, legible, read_line
from models.bots import Bot, BotState, LogMark, OddLine
from models.tables import rows
from models.vocabulary import BotHealth, BotKind, Severity
from models.watching import LogPiece, LogPlace, OtherBots

SILENT_AFTER = timedelta(minutes=3)  # it says how it stands once a minute
ODD_LINES_KEPT = 200

_MARKS = rows(LogMark)


def follow_logs(desk: Desk) -> str | None:
    """Read on in every dip bot's log, a piece of each at a time."""
    if desk.bots is None:
        return None
    with desk.db.read() as tx:
        bots = watched_bots(tx, BotKind.DIP)
    for bot in bots:
        _follow(desk, desk.bots, bot)
    return went_well(desk, follow_logs.__name__)


def _follow(desk: Desk, others: OtherBots, bot: Bot) -> None:
    """Read a piece and keep what it tells, together with the place after it."""
    with desk.db.read() as tx:
        mark = tx.get(LogMark, bot.id)
    place = LogPlace(mark.inode, mark.offset, mark.tail, mark.changed_ns) if mark else None
    try:
        piece = others.read_log(bot.place, place)
    except SourceUnavailableError as trouble:
        _note(desk, bot, BotHealth.AWAY, str(trouble))
        return
    if piece.lines or piece.lost or place is None or _is_elsewhere(place, piece.place):
        _keep(desk, bot, place, piece)
    else:
        _note(desk, bot, *_how(desk, bot))


def _is_elsewhere(place: LogPlace, after: LogPlace) -> bool:
    return (place.inode, place.offset) != (after.inode, after.offset)


def _how(desk: Desk, bot: Bot) -> tuple[BotHealth, str]:
    """Say how a bot is whose log is there and has nothing new."""
    with desk.db.read() as tx:
        state = tx.get(BotState, bot.id)
    heard = state.heard_at if state else None
    if heard is None:
        return BotHealth.SILENT, "Its log is empty."
    if wall_now() - heard > SILENT_AFTER:
        return BotHealth.SILENT, f"Nothing was added to its log since {heard:%Y-%m-%d %H:%M} UTC."
    return BotHealth.WELL, ""


def _written_at(place: LogPlace) -> datetime:
    """Return when a log was last written to."""
    return datetime.fromtimestamp(place.changed_ns / 1e9, UTC)


def _note(desk: Desk, bot: Bot, health: BotHealth, sentence: str) -> None:
    if is_worth_noting(desk, bot, health):
        with desk.db.write() as tx:
            note_health(Teller(tx, bot, desk.clock.now()), state_of(tx, bot), health, sentence)


def _keep(desk: Desk, bot: Bot, place: LogPlace | None, piece: LogPiece) -> None:
    """Write what was read and where it ended, both or neither."""
    events = _understood(bot, piece.lines)
    with desk.db.write() as tx:
        _move(tx, bot, place, piece.place)
        teller, state = Teller(tx, bot, desk.clock.now()), state_of(tx, bot)
        if piece.lost:
            teller.tell("lost", piece.lost, Severity.WARNING)
        books = DipBooks(teller, state)
        for event in events:
            if isinstance(event, Odd):
                _keep_odd(teller, state, event)
            else:
                books.write(event)
        books.close()
        state.lines += len(piece.lines)
        if piece.lines:
            state.heard_at = min(_written_at(piece.place), wall_now())
            note_health(teller, state, BotHealth.WELL, "")


def _understood(bot: Bot, lines: Sequence[bytes]) -> list[Event | Odd]:
    zone, before, found = ZoneInfo(bot.zone), wall_now(), []
    for line in lines:
        event = read_line(line, zone, before)
        if event is not None:
            found.append(event)
        if event is not None and not isinstance(event, Odd):
            before = event.at
    return found


def _keep_odd(teller: Teller, state: BotState, odd: Odd) -> None:
    """Count a line that cannot be read, and keep the newest of them for people to see."""
    state.odd_lines += 1
    line = OddLine(bot_id=teller.bot.id, at=wall_now(), text=legible(odd.text), reason=odd.reason)
    teller.tx.add(line)
    teller.tx.flush()
    oldest = (
        select(OddLine.id)
        .where(OddLine.bot_id == teller.bot.id)
        .order_by(OddLine.id.desc())
        .offset(ODD_LINES_KEPT)
        .limit(1)
    )
    if (gone := teller.tx.scalar(oldest)) is not None:
        teller.tx.execute(
            delete(OddLine).where(OddLine.bot_id == teller.bot.id, OddLine.id <= gone)
        )
    teller.tell("odd_line", f"a line cannot be read: {odd.reason}", line=line.text)


def _move(tx: Transaction, bot: Bot, place: LogPlace | None, after: LogPlace) -> None:
    """Move the mark, if it is where it was when this piece was read.

    Raises:
        NotTheEngineError: another engine has read on meanwhile; nothing of this piece is kept.
    """
    values = {
        "inode": after.inode,
        "offset": after.offset,
        "tail": after.tail,
        "changed_ns": after.changed_ns,
    }
    if place is None:
        if tx.get(LogMark, bot.id) is not None:
            raise NotTheEngineError(f"somebody else reads the log of {bot.name}")
        tx.execute(insert(_MARKS).values(bot_id=bot.id, **values))
        return
    here = (_MARKS.c.bot_id == bot.id, _MARKS.c.inode == place.inode)
    moved = tx.execute(
        update(_MARKS).where(*here, _MARKS.c.offset == place.offset).values(**values)
    )
    if not isinstance(moved, CursorResult) or moved.rowcount != 1:
        raise NotTheEngineError(f"somebody else reads the log of {bot.name}")
