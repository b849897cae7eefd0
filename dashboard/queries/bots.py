"""Other bots as pages and programs see them: who they are, and how they were last seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from dashboard.queries.pages import Page, Place, record_of, take_page
from engine.clock import wall_now
from engine.errors import NotFoundError
from models.bots import Bot, BotState, OddLine
from models.vocabulary import BotHealth, BotKind

LOOK_IS_GOOD_FOR = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class BotView:
    """One bot. Its health is unknown if nobody looks; `heard_at` is its last line or answer."""

    id: int
    name: str
    kind: BotKind
    place: str
    health: BotHealth
    sentence: str
    since: datetime | None
    looked_at: datetime | None
    heard_at: datetime | None
    lines: int
    odd_lines: int
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class OddLineRecord:
    """A line of a log that could not be read."""

    id: int
    at: datetime
    text: str
    reason: str


def bot_views(tx: Transaction) -> list[BotView]:
    """Return every bot that is watched, in the order in which they were added."""
    chosen = select(Bot, BotState).outerjoin(BotState, BotState.bot_id == Bot.id)
    found = tx.execute(chosen.where(Bot.removed_at.is_(None)).order_by(Bot.id))
    return [_view(bot, state) for bot, state in found]


def bot_view(tx: Transaction, number: int) -> BotView:
    """Return one bot.

    Raises:
        NotFoundError: there is none of that number.
    """
    bot = known_bot(tx, number)
    return _view(bot, tx.get(BotState, bot.id))


def known_bot(tx: Transaction, number: int, kind: BotKind | None = None) -> Bot:
    """Return a bot that is watched.

    Raises:
        NotFoundError: there is none of that number, or it is of another kind.
    """
    bot = tx.get(Bot, number)
    if bot is None or bot.removed_at is not None:
        raise NotFoundError(f"there is no bot {number}")
    if kind is not None and bot.kind is not kind:
        raise NotFoundError(f"{bot.name} is a {bot.kind} bot and tells nothing of this")
    return bot


def bot_numbers(tx: Transaction, kind: BotKind, name: str | None = None) -> Sequence[int]:
    """Return the numbers of the bots of a kind, or of the one of a name.

    Raises:
        NotFoundError: a name was given, and no such bot has it.
    """
    chosen = select(Bot.id).where(Bot.kind == kind, Bot.removed_at.is_(None)).order_by(Bot.id)
    if name is None:
        return tx.scalars(chosen).all()
    found = tx.scalars(chosen.where(Bot.name == name)).all()
    if not found:
        raise NotFoundError(f"there is no {kind} bot {name}")
    return found


def only_bot(tx: Transaction, kind: BotKind, name: str | None = None) -> Bot:
    """Return the bot of a name, or the first of a kind.

    Raises:
        NotFoundError: there is none.
    """
    numbers = bot_numbers(tx, kind, name)
    if not numbers:
        raise NotFoundError(f"no {kind} bot is watched: `bellwether bots add` lets the desk do so")
    return tx.get_one(Bot, numbers[0])


def odd_line_page(tx: Transaction, number: int, place: Place) -> Page[OddLineRecord]:
    """Return the lines that could not be read, the newest first."""
    chosen = select(OddLine).where(OddLine.bot_id == number)
    return take_page(tx, chosen, OddLine.id, place, record_of(OddLineRecord))


def _view(bot: Bot, state: BotState | None) -> BotView:
    health, sentence = _health(state)
    return BotView(
        id=bot.id,
        name=bot.name,
        kind=bot.kind,
        place=bot.place,
        health=health,
        sentence=sentence,
        since=state.since if state else None,
        looked_at=state.looked_at if state else None,
        heard_at=state.heard_at if state else None,
        lines=state.lines if state else 0,
        odd_lines=state.odd_lines if state else 0,
        detail=state.detail if state else {},
    )


def _health(state: BotState | None) -> tuple[BotHealth, str]:
    """Return how a bot is; who was well when the engine last looked may be anything by now."""
    if state is None:
        return BotHealth.UNKNOWN, ""
    is_old = wall_now() - state.looked_at > LOOK_IS_GOOD_FOR
    if is_old and state.health is not BotHealth.AWAY:
        return BotHealth.UNKNOWN, "The desk does not look at it: its engine stands still."
    return state.health, state.sentence
