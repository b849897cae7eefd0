"""Other bots that the desk watches: which, how they are, and how far their logs have been read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.tables import Id, Identity, Table
from models.types import Word
from models.vocabulary import BotHealth, BotKind

BotId = Annotated[int, mapped_column(Identity, ForeignKey("bots.id"))]
OneBot = Annotated[
    int, mapped_column(Identity, ForeignKey("bots.id"), primary_key=True, autoincrement=False)
]


class Bot(Table):
    """A bot to watch. Secrets are not here: its key comes from the environment."""

    __tablename__ = "bots"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(48), unique=True)
    kind: Mapped[BotKind] = mapped_column(Word(BotKind))
    place: Mapped[str]  # the path of its log, or its address
    config: Mapped[str | None]  # the path of its config.py
    zone: Mapped[str] = mapped_column(String(48))  # of times in its log that name none
    added_by: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime]  # wall clock, as every moment of a bot
    removed_at: Mapped[datetime | None]


class BotState(Table):
    """How a bot was when the desk last looked, and what was read of it so far."""

    __tablename__ = "bot_states"

    bot_id: Mapped[OneBot]
    health: Mapped[BotHealth] = mapped_column(Word(BotHealth))
    sentence: Mapped[str]
    since: Mapped[datetime]  # its health has been what it is
    looked_at: Mapped[datetime]
    heard_at: Mapped[datetime | None]  # it last wrote a line, or answered
    lines: Mapped[int] = mapped_column(default=0)
    odd_lines: Mapped[int] = mapped_column(default=0)
    detail: Mapped[dict[str, Any]]  # what it says of itself


class LogMark(Table):
    """Up to where a bot's log has been read; it moves in the transaction of what was read."""

    __tablename__ = "log_marks"

    bot_id: Mapped[OneBot]
    inode: Mapped[int]
    offset: Mapped[int]
    tail: Mapped[str] = mapped_column(String(64))  # hash of what stands before the offset
    changed_ns: Mapped[int]  # when the file was last written to, as far as it was read


class OddLine(Table):
    """A line of a log that could not be read: the newest are kept for people to see."""

    __tablename__ = "odd_lines"
    __table_args__ = (Index(None, "bot_id", "id"),)

    id: Mapped[Id]
    bot_id: Mapped[BotId]
    at: Mapped[datetime]  # when it was read
    text: Mapped[str]
    reason: Mapped[str]
