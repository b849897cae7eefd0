"""Ask other bots how they are, and keep what they answered; the last known values stay."""

from __future__ import annotations

from typing import Any

from engine.actions.bot_facts import Teller, is_worth_noting, note_health, state_of, went_well
from engine.actions.bots import watched_bots
from engine.actions.funding_books import keep_positions, keep_rates
from engine.clock import wall_now
from engine.desk import Desk
from engine.journal import plain_body
from engine.monitors import funding_answers
from models.bots import Bot
from models.vocabulary import BotHealth, BotKind
from models.watching import Told


def ask_bots(desk: Desk) -> str | None:
    """Ask every funding bot whose last answer is no longer fresh."""
    if desk.bots is None:
        return None
    with desk.db.read() as tx:
        bots = watched_bots(tx, BotKind.FUNDING)
    for bot in bots:
        told = desk.bots.ask(bot.name, bot.place)
        if told is not None:
            _keep(desk, bot, told)
    return went_well(desk, ask_bots.__name__)


def _keep(desk: Desk, bot: Bot, told: Told) -> None:
    if told.trouble:
        _note_trouble(desk, bot, told.trouble)
        return
    at = wall_now()
    positions, problems = funding_answers.read_positions(told.parts["positions"])
    rates, more = funding_answers.read_rates(told.parts.get("funding"))
    with desk.db.write() as tx:
        teller, state = Teller(tx, bot, desk.clock.now()), state_of(tx, bot)
        keep_positions(teller, positions, at, is_whole=not problems)
        keep_rates(teller, rates)
        state.heard_at = at
        state.detail = _detail(told)
        sentence = "; ".join([*problems, *more][:3])
        note_health(teller, state, BotHealth.WELL, sentence)


def _note_trouble(desk: Desk, bot: Bot, trouble: str) -> None:
    if is_worth_noting(desk, bot, BotHealth.AWAY):
        with desk.db.write() as tx:
            note_health(
                Teller(tx, bot, desk.clock.now()), state_of(tx, bot), BotHealth.AWAY, trouble
            )


def _detail(told: Told) -> dict[str, Any]:
    """Return what the bot says of itself, as much of it as is looked at."""
    return {
        "state": funding_answers.state_of(told.parts["health"]),
        "health": _told(told.parts["health"]),
        "stats": _told(told.parts["stats"]),
        "tells_funding": "funding" in told.parts,
    }


def _told(part: Any) -> dict[str, Any]:
    return plain_body(funding_answers.tidy(part)) if isinstance(part, dict) else {}
