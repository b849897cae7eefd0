"""What is done in two steps: the first says what will happen, the second brings its seal back.

The seal is of one person and login, soon too old, and good for nothing but what it said.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.actions.permissions import Actor
from engine.actions.vault import Vault
from engine.clock import wall_now
from engine.errors import InvalidRequestError

GOOD_FOR = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the second step brings: the first one's seal, and the words that were typed."""

    sealed: str
    words: str = ""


def seal_step(vault: Vault, actor: Actor, *said: object) -> str:
    """Return what the first step said, sealed."""
    return vault.seal(json.dumps([actor.name, actor.login, *said, wall_now().isoformat()]))


def check_step(vault: Vault, actor: Actor, sealed: str, *said: object, changed: str) -> None:
    """Take the first step's seal back.

    Raises:
        InvalidRequestError: it is not the actor's, or too old; or what it said is no longer so,
            which the sentence `changed` tells.
    """
    opened = vault.open(sealed)
    if opened is None:
        raise InvalidRequestError("begin with the first step")
    *about, at = json.loads(opened)
    if about[:2] != [actor.name, actor.login]:
        raise InvalidRequestError("somebody else took the first step; take it yourself")
    if wall_now() - datetime.fromisoformat(at) > GOOD_FOR:
        raise InvalidRequestError("the first step was too long ago; take it again")
    if about[2:] != list(said):
        raise InvalidRequestError(f"{changed} since the first step; take it again")


def check_words(typed: str, words: str) -> None:
    """Compare what somebody typed with what had to be typed.

    Raises:
        InvalidRequestError: it is something else.
    """
    if typed.strip().casefold() != words.casefold():
        raise InvalidRequestError(f"type exactly: {words}")
