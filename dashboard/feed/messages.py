"""What goes over the wire: messages, built once for all readers whatever their format."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from dashboard.queries.journal import Fact
from dashboard.wire import moment_text, plain, to_json, to_msgpack
from engine.clock import wall_now


class Channel(StrEnum):
    """What a reader can subscribe to."""

    POSITIONS = "positions"
    ACCOUNT = "account"
    SIGNALS = "signals"
    TRADES = "trades"
    ORDERS = "orders"
    LOGS = "logs"
    PAUSE_STATE = "pause_state"
    STATS = "stats"
    STATUS = "status"
    BOTS = "bots"
    ALERTS = "alerts"


EVERYONE = frozenset(Channel)

# A fact is one message, for those who read its channel and for those who read all of the journal.
_FACT_CHANNELS = {
    "signal": Channel.SIGNALS,
    "order": Channel.ORDERS,
    "fill": Channel.ORDERS,
    "trade": Channel.TRADES,
    "alert": Channel.ALERTS,
    "bot": Channel.BOTS,
}
_TYPES = {"bot": "bot_update"}  # others are called what they are


class Wire(StrEnum):
    """How messages are written."""

    JSON = "json"
    MSGPACK = "msgpack"


LONGEST_TOKEN = 4_000
Seq = Annotated[int, Field(ge=0, lt=2**63)]  # more is no number of a row


class Subscribe(BaseModel):
    """What a reader says first, and again whenever it wants something else."""

    model_config = ConfigDict(extra="ignore")

    action: Literal["subscribe"]
    channels: Annotated[frozenset[Channel], Field(min_length=1)]
    last_seq: Seq = 0
    format: Wire = Wire.JSON


class CatchUp(BaseModel):
    """What a reader says to be told more of what it missed than one message holds."""

    model_config = ConfigDict(extra="ignore")

    action: Literal["catch_up"]
    last_seq: Seq


class RefreshToken(BaseModel):
    """What a program says after `token_refresh_required`."""

    model_config = ConfigDict(extra="ignore")

    action: Literal["refresh_token"]
    token: Annotated[str, Field(max_length=LONGEST_TOKEN)]


Said = Annotated[Subscribe | CatchUp | RefreshToken, Field(discriminator="action")]
SAID: TypeAdapter[Subscribe | CatchUp | RefreshToken] = TypeAdapter(Said)


@dataclass(frozen=True)
class Message:
    """One message; `channels` says who wants it."""

    content: dict[str, Any]
    channels: frozenset[Channel] = EVERYONE

    @cached_property
    def text(self) -> str:
        """Return it as JSON."""
        return to_json(self.content)

    @cached_property
    def binary(self) -> bytes:
        """Return it as msgpack."""
        return to_msgpack(self.content)

    def content_in(self, wire: Wire) -> str | bytes:
        """Return what is said in a format."""
        return self.binary if wire is Wire.MSGPACK else self.text


def message(kind: str, seq: int, channel: Channel | None = None, **parts: Any) -> Message:
    """Make a message with its number and time."""
    content = {"type": kind, "seq": seq, "timestamp": moment_text(wall_now()), **plain(parts)}
    return Message(content, frozenset({channel}) if channel else EVERYONE)


def fact_message(fact: Fact) -> Message:
    """Tell a fact: `signal`, `order`, `fill`, `trade`, `alert`, `bot_update`, else `log`."""
    channel = _FACT_CHANNELS.get(fact.kind)
    kind = _TYPES.get(fact.kind, fact.kind) if channel else "log"
    made = message(kind, fact.seq, data=fact)
    return Message(made.content, frozenset({Channel.LOGS, channel or Channel.LOGS}))


def error_message(seq: int, code: str, sentence: str) -> Message:
    """Tell a reader what was wrong with what it asked for."""
    return message("error", seq, data={"code": code, "sentence": sentence})
