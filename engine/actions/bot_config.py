"""The configuration of another bot, as its file has it now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from engine.errors import NotFoundError
from engine.monitors.dip_config import LONGEST, ReadConfig, UnreadableConfigError, read_config
from models.bots import Bot


@dataclass(frozen=True, slots=True)
class BotConfig:
    """What a bot's file sets, and when the file was last changed."""

    path: str
    changed_at: datetime
    read: ReadConfig


def bot_config(bot: Bot) -> BotConfig:
    """Read a bot's configuration; nothing of it is run.

    Raises:
        NotFoundError: nobody said where it is, or it cannot be read; the message says why.
    """
    if bot.config is None:
        raise NotFoundError(f"where {bot.name} has its config.py was not said (--config)")
    path = Path(bot.config)
    try:
        if not path.is_file():
            raise NotFoundError(f"there is no file {path}")
        with path.open("rb") as file:
            text = file.read(LONGEST + 1).decode("utf-8", errors="replace")
        changed_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return BotConfig(str(path), changed_at, read_config(text))
    except OSError as error:
        raise NotFoundError(f"{path} cannot be read: {error.strerror}") from error
    except UnreadableConfigError as error:
        raise NotFoundError(f"{path} cannot be understood: {error}") from error
