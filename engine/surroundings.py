"""What a desk has around it: a played market, other accounts, and people who are elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from engine.rules.alert_texts import Message
from models.broker import AccountState
from models.vocabulary import TradingMode


class Simulation(Protocol):
    """The controls of a played market; only the simulated mode has them."""

    def set_speed(self, speed: float) -> None:
        """Let the market go at another speed; 0 pauses it."""
        ...

    def next_event(self) -> datetime:
        """Go to the next moment that matters and return it."""
        ...

    def follow(self) -> None:
        """Take over the clock as another process may have set it."""
        ...

    def keep_up(self) -> str | None:
        """Open the next session when this one is over; the engine's task."""
        ...


class Accounts(Protocol):
    """Every account whose keys are here, the traded one and those stored beside it."""

    @property
    def modes(self) -> Mapping[str, TradingMode]:
        """Return whose money each of them is, by the names of their books."""
        ...

    def ask(self, account: str) -> AccountState:
        """Return an account's number and money now, asked with its own keys.

        Raises:
            DeskError: it does not answer, refuses its keys, or has none.
        """
        ...


class Outside(Protocol):
    """Somebody outside who raises the alarm when nothing is heard of the desk any more."""

    def ping(self) -> None:
        """Say that all is well, without waiting for an answer."""
        ...


class Channel(Protocol):
    """A way to people who are not at the screen. Its address is a secret that only it knows."""

    @property
    def name(self) -> str:
        """Return what it is called in settings, pages and the journal."""
        ...

    @property
    def kind(self) -> str:
        """Return what it is: a webhook, a messenger, e-mail."""
        ...

    def send(self, message: Message) -> str | None:
        """Send a message and wait, but not for long; return what went wrong, None if nothing."""
        ...
