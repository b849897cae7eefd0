"""How facts of other bots get into the journal, and how a bot is known to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session as Transaction

from engine.clock import wall_now
from engine.desk import Desk
from engine.journal import record
from models.bots import Bot, BotState
from models.control import JobRun
from models.vocabulary import BotHealth, Severity

NOTED_EVERY = timedelta(seconds=5)  # a look that brought nothing new is not worth a write


@dataclass(frozen=True, slots=True)
class Teller:
    """Writes facts of one bot within one transaction."""

    tx: Transaction
    bot: Bot
    now: datetime  # the desk's

    def tell(self, event: str, text: str, severity: Severity = Severity.DEBUG, **body: Any) -> None:
        """Write a fact; what comes often is for the feed and not for everybody's eye."""
        of: dict[str, Any] = {"bot_id": self.bot.id, "bot": self.bot.name, "event": event}
        scope = f"bot:{self.bot.id}"
        said = f"{self.bot.name}: {text}"
        record(self.tx, self.now, "bot", scope, severity=severity, text=said, **of, **body)


def state_of(tx: Transaction, bot: Bot) -> BotState:
    """Return what is known of a bot; its row is made when it is first looked at."""
    state = tx.get(BotState, bot.id)
    if state is None:
        state = BotState(
            bot_id=bot.id,
            health=BotHealth.UNKNOWN,
            sentence="",
            since=wall_now(),
            looked_at=wall_now(),
            lines=0,
            odd_lines=0,
            detail={},
        )
        tx.add(state)
    return state


def note_health(teller: Teller, state: BotState, health: BotHealth, sentence: str) -> None:
    """Keep how a bot is; a change is a fact."""
    state.looked_at = wall_now()
    if (state.health, state.sentence) == (health, sentence):
        return
    if state.health is not health:
        state.since = state.looked_at
        grave = health in {BotHealth.AWAY, BotHealth.SILENT}
        severity = Severity.WARNING if grave else Severity.INFO
        teller.tell("health", f"{health}. {sentence}".strip(), severity, health=health)
    state.health, state.sentence = health, sentence


def is_worth_noting(desk: Desk, bot: Bot, health: BotHealth) -> bool:
    """Say whether a look that brought nothing new is to be written down."""
    with desk.db.read() as tx:
        state = tx.get(BotState, bot.id)
    if state is None or state.health is not health:
        return True
    return wall_now() - state.looked_at >= NOTED_EVERY


def went_well(desk: Desk, job: str) -> str | None:
    """Return what a watcher has done: nothing to tell of, unless it had failed before."""
    with desk.db.read() as tx:
        last = tx.get(JobRun, job)
    return "all is well again" if last is not None and last.failed else None
