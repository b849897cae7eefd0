"""Which other bots the desk watches: added, removed and listed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from engine.actions.deeds import Deed, doing
from engine.actions.permissions import Actor, Permission
from engine.clock import wall_now
from engine.desk import Desk
from engine.errors import InvalidRequestError, NotFoundError
from engine.journal import record
from models.bots import Bot
from models.vocabulary import BotKind

# Its key is BELLWETHER_BOT_KEY_<NAME>: the name must be found in it again.
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+){0,9}")
LONGEST_NAME = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A bot as somebody wants it watched."""

    name: str
    kind: BotKind
    place: str
    config: str | None = None
    zone: str = "UTC"


def add_bot(desk: Desk, actor: Actor, wanted: Wanted) -> int:
    """Watch a bot from now on; return its number. One that was removed goes on where it stood.

    Raises:
        InvalidRequestError: the name is taken, or something of it makes no sense.
    """
    target = f"bot:{wanted.name}"[:96]
    with doing(desk, actor, Permission.MANAGE_BOTS, "add_bot", target=target) as deed:
        _check(wanted)
        bot = _again(deed.tx, wanted) or Bot(name=wanted.name, kind=wanted.kind)
        bot.place, bot.config, bot.zone = wanted.place, wanted.config, wanted.zone
        bot.added_by, bot.added_at, bot.removed_at = actor.name, wall_now(), None
        deed.tx.add(bot)
        deed.tx.flush()
        deed.entry.after = {"kind": bot.kind, "place": bot.place, "config": bot.config}
        _tell(deed, desk, bot, f"{actor.name} added the bot {bot.name} ({bot.kind})")
    return bot.id


def remove_bot(desk: Desk, actor: Actor, name: str) -> None:
    """Watch a bot no more. What it told stays in the database.

    Raises:
        NotFoundError: there is none of that name.
    """
    target = f"bot:{name}"[:96]
    with doing(desk, actor, Permission.MANAGE_BOTS, "remove_bot", target=target) as deed:
        bot = deed.tx.scalar(select(Bot).where(Bot.name == name, Bot.removed_at.is_(None)))
        if bot is None:
            raise NotFoundError(f"there is no bot {name}")
        bot.removed_at = wall_now()
        _tell(deed, desk, bot, f"{actor.name} removed the bot {name}")


def watched_bots(tx: Transaction, kind: BotKind | None = None) -> Sequence[Bot]:
    """Return the bots that are watched, in the order in which they were added."""
    chosen = select(Bot).where(Bot.removed_at.is_(None))
    if kind is not None:
        chosen = chosen.where(Bot.kind == kind)
    return tx.scalars(chosen.order_by(Bot.id)).all()


def _again(tx: Transaction, wanted: Wanted) -> Bot | None:
    """Return the bot that once had this name, if it may have it again."""
    known = tx.scalar(select(Bot).where(Bot.name == wanted.name))
    if known is None:
        return None
    if known.removed_at is None:
        raise InvalidRequestError(f"there is already a bot {wanted.name}")
    if known.kind is not wanted.kind:
        raise InvalidRequestError(f"{wanted.name} was a {known.kind} bot: take another name")
    return known


def _check(wanted: Wanted) -> None:
    if len(wanted.name) > LONGEST_NAME or not NAME.fullmatch(wanted.name):
        raise InvalidRequestError("a bot's name has up to 48 small letters, digits and single -")
    if wanted.name.endswith("-file"):
        raise InvalidRequestError("a bot's name does not end in -file: its key would be a file's")
    if wanted.kind is BotKind.FUNDING:
        _check_address(wanted.place)
    if not wanted.place or "\0" in wanted.place + (wanted.config or ""):
        raise InvalidRequestError("where the bot is to be found is not said")
    try:
        ZoneInfo(wanted.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidRequestError(f"there is no time zone {wanted.zone}") from error


def _check_address(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidRequestError("the address of a bot begins with http:// or https://")
    if parts.username or parts.password or parts.query:
        raise InvalidRequestError(
            "no secret in a bot's address: its key is BELLWETHER_BOT_KEY_<NAME>"
        )


def _tell(deed: Deed, desk: Desk, bot: Bot, text: str) -> None:
    of: dict[str, Any] = {"bot_id": bot.id, "bot": bot.name, "event": "watched"}
    record(deed.tx, desk.clock.now(), "bot", f"bot:{bot.id}", text=text, **of)
