"""How one layer of the environment is read: variables, the files they name, and names of a kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic_settings import BaseSettings, DotEnvSettingsSource

from engine.errors import ConfigurationError

PREFIX = "BELLWETHER_"
CHANNEL = f"{PREFIX}ALERT_"  # then the name of a channel; its address holds secrets
CHANNEL_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,31}")
BOT_KEY_NAME = re.compile(rf"{PREFIX}BOT_KEY_([A-Z0-9]+(?:_[A-Z0-9]+)*)")


def dotenv() -> dict[str, str]:
    """Return what `.env` says, nothing where there is none."""
    read = DotEnvSettingsSource(BaseSettings, env_file=".env", case_sensitive=True).env_vars
    return {name: value for name, value in read.items() if value is not None}


def values_of(layer: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    """Return what one layer says of the fields; a name given directly beats its `NAME_FILE`.

    A name without a value is as good as none: that is how compose files pass on what is not set.
    """
    found: dict[str, str] = {}
    for name, field in names.items():
        if layer.get(name):
            found.setdefault(field, layer[name])
    for name, field in names.items():
        if field not in found and (path := layer.get(f"{name}_FILE")):
            found[field] = contents_of(f"{name}_FILE", path)
    return found


def channels_of(layer: Mapping[str, str]) -> dict[str, str]:
    """Return the addresses that one layer gives, by the channel's name."""
    found: dict[str, str] = {}
    for name, value in sorted(layer.items()):  # NAME comes before NAME_FILE, and beats it
        channel = channel_name(name)
        if channel is None or channel in found or not value:
            continue
        found[channel] = contents_of(name, value) if name.endswith("_FILE") else value
    return found


def channel_name(name: str) -> str | None:
    """Return the channel that a setting is of, None for another setting."""
    if not name.startswith(CHANNEL) or name == f"{CHANNEL}CHANNELS":
        return None
    channel = name.removeprefix(CHANNEL).removesuffix("_FILE")
    return channel.lower() if CHANNEL_NAME.fullmatch(channel) else None


def contents_of(name: str, path: str) -> str:
    """Return what stands in the file that a setting names.

    Raises:
        ConfigurationError: it cannot be read, or is empty.
    """
    try:
        contents = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationError(f"{name}: {path} cannot be read: {error}") from error
    if not contents:
        raise ConfigurationError(f"{name}: {path} is empty")
    return contents


def bot_key_names(layer: Mapping[str, str]) -> dict[str, str]:
    """Map the names of the bots' keys in a layer to the bots: `..._DELTA_NEUTRAL` is of one."""
    given = (BOT_KEY_NAME.fullmatch(name.removesuffix("_FILE")) for name in layer)
    return {each[0]: each[1].replace("_", "-").lower() for each in given if each}
