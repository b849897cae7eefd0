"""Settings from the environment, `.env` and secret files (contracts, Settings)."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from engine.account_keys import AccountKeys, account_values, stored_accounts, twins, variables_of
from engine.environment import (
    CHANNEL,
    PREFIX,
    bot_key_names,
    channel_name,
    channels_of,
    contents_of,
    dotenv,
    values_of,
)
from engine.errors import ConfigurationError

ALPACA_HOSTS = ("alpaca.markets",)
LEAST_SECRET_LENGTH = 32
READ_APART = "alpaca_accounts"  # no variable of its own: engine/account_keys.py gathers them
BOT_KEYS = "bot_keys"  # nor these: there is one for each bot, see `bot_key_names`


class Environment(StrEnum):
    """Where the desk runs."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class ProcessRole(StrEnum):
    """What this process does."""

    ALL = "all"
    WEB = "web"
    ENGINE = "engine"


class BrokerName(StrEnum):
    """Where orders go."""

    SIMULATED = "simulated"
    ALPACA = "alpaca"


class Settings(BaseModel):
    """Every setting of the process. Strategy and risk are not here: they live in the database."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, hide_input_in_errors=True
    )

    database_url: Annotated[str, Field(repr=False)] = "sqlite:///data/bellwether.db"
    secret_key: SecretStr | None = None
    env: Environment = Environment.DEVELOPMENT
    role: ProcessRole = ProcessRole.ALL
    broker: BrokerName = BrokerName.SIMULATED
    data: Annotated[str | None, Field(pattern="^(recorded|alpaca)$")] = None
    daily: Annotated[str | None, Field(pattern="^(recorded|alpaca|massive)$")] = None
    bars: Path | None = None
    daily_bars: Path | None = None
    clock_start: datetime | None = None
    clock_speed: Annotated[float | None, Field(gt=0)] = None
    clock_epoch: datetime | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8050
    feed_limit: Annotated[int, Field(ge=1)] = 100
    threads: Annotated[int | None, Field(ge=4)] = None
    log_level: Annotated[str, Field(pattern="^(DEBUG|INFO|WARNING|ERROR)$")] = "INFO"
    log_format: Annotated[str | None, Field(pattern="^(console|json)$")] = None
    admin_password: SecretStr | None = None
    metrics_token: SecretStr | None = None
    heartbeat_url: SecretStr | None = None  # its address is as good as a password
    limits: Annotated[str, Field(pattern="^(memory|database)$")] = "memory"
    public_url: str | None = None
    alert_channels: Annotated[dict[str, SecretStr], Field(exclude=True)] = {}

    alpaca_api_key: SecretStr | None = Field(
        None, validation_alias=AliasChoices("ALPACA_API_KEY", "ALPACA_KEY")
    )
    alpaca_secret_key: SecretStr | None = Field(
        None, validation_alias=AliasChoices("ALPACA_SECRET_KEY", "ALPACA_SECRET")
    )
    alpaca_paper: bool = Field(default=True, validation_alias="ALPACA_PAPER")
    alpaca_trading_url: str | None = Field(None, validation_alias="ALPACA_TRADING_URL")
    alpaca_data_url: str | None = Field(None, validation_alias="ALPACA_DATA_URL")
    alpaca_stream_url: str | None = Field(None, validation_alias="ALPACA_STREAM_URL")
    alpaca_data_stream_url: str | None = Field(None, validation_alias="ALPACA_DATA_STREAM_URL")
    alpaca_feed: Annotated[str, Field(pattern="^(sip|iex)$")] = Field(
        "iex", validation_alias="ALPACA_FEED"
    )
    alpaca_accounts: tuple[AccountKeys, ...] = ()  # beside the first pair
    massive_api_key: SecretStr | None = Field(
        None, validation_alias=AliasChoices("MASSIVE_API_KEY", "POLYGON_API_KEY")
    )
    massive_url: str | None = Field(None, validation_alias="MASSIVE_URL")
    sentry_dsn: SecretStr | None = Field(None, validation_alias="SENTRY_DSN")
    bot_keys: Mapping[str, SecretStr] = {}  # by name, from BELLWETHER_BOT_KEY_<NAME>

    @property
    def feed_threads(self) -> int:
        """Return the threads of the one worker, should every reader of the feed come at once."""
        return self.threads or self.feed_limit + 32

    @property
    def is_production(self) -> bool:
        """Say whether production's demands apply."""
        return self.env is Environment.PRODUCTION

    @property
    def logs_as_json(self) -> bool:
        """Say whether log lines are JSON."""
        return (self.log_format or ("json" if self.is_production else "console")) == "json"

    @property
    def first_account(self) -> str:
        """Return the name of the books of ALPACA_API_KEY's account."""
        return "paper" if self.alpaca_paper else "live"

    def trading_as(self, account: str) -> Settings:
        """Return these settings as they are for one of the stored accounts.

        Raises:
            ConfigurationError: its keys are not here.
        """
        if account == self.first_account:
            return self
        own = next((each for each in self.alpaca_accounts if each.name == account), None)
        if own is None:
            names = " and ".join(variables_of(account))
            raise ConfigurationError(f"the account {account} has no keys here: set {names}")
        return self.model_copy(
            update={
                "alpaca_api_key": own.api_key,
                "alpaca_secret_key": own.secret_key,
                "alpaca_paper": own.paper,
                "alpaca_trading_url": own.trading_url or self.alpaca_trading_url,
                "alpaca_stream_url": own.stream_url or self.alpaca_stream_url,
            }
        )

    @model_validator(mode="after")
    def _makes_sense(self) -> Settings:
        if self.is_production and self.secret_key is None:
            raise ValueError("BELLWETHER_SECRET_KEY must be given when BELLWETHER_ENV=production")
        if self.secret_key and len(self.secret_key.get_secret_value()) < LEAST_SECRET_LENGTH:
            raise ValueError(
                f"BELLWETHER_SECRET_KEY must have at least {LEAST_SECRET_LENGTH} characters"
            )
        if self._shifts_clock and self.broker is BrokerName.ALPACA and self._at_alpaca():
            raise ValueError("BELLWETHER_CLOCK_* is refused when the orders go to Alpaca itself")
        if self.heartbeat_url and not _is_web(self.heartbeat_url.get_secret_value()):
            raise ValueError("BELLWETHER_HEARTBEAT_URL begins with https:// or http://")
        first = self.alpaca_api_key.get_secret_value() if self.alpaca_api_key else None
        if (twin := twins(first, self.alpaca_accounts)) is not None:
            raise ValueError(f"{twin} is another account's key: one account would have two books")
        for name in ("clock_start", "clock_epoch"):
            given: datetime | None = getattr(self, name)
            if given is not None and given.tzinfo is None:
                raise ValueError(f"{PREFIX}{name.upper()} needs a time zone")
        return self

    @model_validator(mode="after")
    def _has_addresses(self) -> Settings:
        if self.public_url and not _is_web(self.public_url):
            raise ValueError("BELLWETHER_PUBLIC_URL begins with https:// or http://")
        for name, address in self.alert_channels.items():
            if "://" not in address.get_secret_value():
                raise ValueError(f"{CHANNEL}{name.upper()} is no address: it needs a ://")
        return self

    @property
    def _shifts_clock(self) -> bool:
        return any((self.clock_start, self.clock_epoch, self.clock_speed))

    def _at_alpaca(self) -> bool:
        common = self.alpaca_trading_url
        urls = (common, *(each.trading_url or common for each in self.alpaca_accounts))
        hosts = (urlsplit(url).hostname or "" if url else ALPACA_HOSTS[0] for url in urls)
        return any(host.endswith(ALPACA_HOSTS) for host in hosts)


def _is_web(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"https", "http"} and bool(parts.netloc)


def load_settings(environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read the settings: overrides beat the environment, that beats `.env`, that the defaults.

    Raises:
        ConfigurationError: a name is unknown or a value is not allowed; the message names it.
    """
    nearest = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    accounts: dict[str, str] = {}
    bot_keys: dict[str, str] = {}
    for layer in (dotenv(), nearest):
        _refuse_unknown(layer)
        channels = values.get("alert_channels", {}) | channels_of(layer)
        values |= values_of(layer, _names()) | {"alert_channels": channels}
        bot_keys |= values_of(layer, bot_key_names(layer))
        accounts |= account_values(layer, _names(), contents_of)
    values |= {BOT_KEYS: bot_keys} | overrides
    if values.get("broker") == BrokerName.ALPACA:  # elsewhere such names are not our affair
        values[READ_APART] = stored_accounts(accounts)
    try:
        return Settings(**values)
    except ValidationError as error:
        raise ConfigurationError(_sentence(error)) from error


def keep_secret_key(settings: Settings, folder: Path) -> str:
    """Return the secret key, made once and kept in `folder/secret_key` when none was given.

    Raises:
        ConfigurationError: the kept file holds no key.
    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    path = folder / "secret_key"
    with suppress(FileExistsError):  # it is kept already, or another process was quicker
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
    key = path.read_text(encoding="utf-8").strip()
    if len(key) < LEAST_SECRET_LENGTH:
        raise ConfigurationError(f"{path} holds no key: delete it, and a new one is made")
    return key


def _names() -> dict[str, str]:
    """Map the name of each environment variable to its field."""
    names = {}
    for field, info in Settings.model_fields.items():
        if field in {READ_APART, BOT_KEYS}:
            continue
        alias = info.validation_alias
        choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
        for name in choices if alias else [PREFIX + field.upper()]:
            names[str(name)] = field
    del names[f"{PREFIX}ALERT_CHANNELS"]  # each has a name of its own
    return names


def _refuse_unknown(layer: Mapping[str, str]) -> None:
    known = _names() | bot_key_names(layer)
    for name in layer:
        if not name.startswith(PREFIX) or name.removesuffix("_FILE") in known:
            continue
        if channel_name(name) is None:
            raise ConfigurationError(f"unknown setting {name}: see the README's settings table")


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    field = str(first["loc"][0]) if first["loc"] else ""
    name = next((n for n, f in _names().items() if field in {f, n}), field)
    message = first["msg"].removeprefix("Value error, ")
    return f"{name}: {message}" if name else message
