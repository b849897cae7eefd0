"""The keys of more accounts than one: `ALPACA_API_KEY_<NAME>` and what belongs to it.

The first pair, without a name, stays what it always was; its books are called `paper` or `live`.
The others' books are called by their names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from engine.errors import ConfigurationError

FIRST_PAIR = frozenset({"paper", "live"})
RESERVED = FIRST_PAIR | {"simulated"}
NAME = re.compile(r"[A-Z][A-Z0-9_]{0,15}")
FIELDS = {
    "ALPACA_API_KEY_": "api_key",
    "ALPACA_SECRET_KEY_": "secret_key",
    "ALPACA_PAPER_": "paper",
    "ALPACA_TRADING_URL_": "trading_url",
    "ALPACA_STREAM_URL_": "stream_url",
}
PAIR = ("ALPACA_API_KEY_", "ALPACA_SECRET_KEY_")


class AccountKeys(BaseModel):
    """One account beside the first pair. Paper, unless it is said to be live."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: str  # of its books
    api_key: SecretStr
    secret_key: SecretStr
    paper: bool = True
    trading_url: str | None = None
    stream_url: str | None = None


def slot_of(account: str) -> str:
    """Return what the database calls an account by: nothing for the first pair.

    Whose money the first pair is, its variable ALPACA_PAPER says anew with each start.
    """
    return "" if account in FIRST_PAIR else account


def variables_of(account: str) -> tuple[str, ...]:
    """Return the variables that hold an account's keys."""
    name = slot_of(account).upper()
    return tuple(f"{prefix}{name}" if name else prefix.removesuffix("_") for prefix in PAIR)


def account_values(
    layer: Mapping[str, str], known: Collection[str], read: Callable[[str, str], str]
) -> dict[str, str]:
    """Return what one layer says of named accounts; a name given directly beats its `NAME_FILE`."""
    given = {name: value for name, value in layer.items() if value and _is_ours(name, known)}
    files = {name for name in given if name.endswith("_FILE")}
    found = {name.removesuffix("_FILE"): read(name, given[name]) for name in sorted(files)}
    return found | {name: value for name, value in given.items() if name not in files}


def stored_accounts(values: Mapping[str, str]) -> tuple[AccountKeys, ...]:
    """Make the accounts that the variables name, in the order of their names.

    Raises:
        ConfigurationError: a name cannot be used, or a key is missing.
    """
    by_name: dict[str, dict[str, Any]] = {}
    for variable, value in sorted(values.items()):
        prefix = next(prefix for prefix in FIELDS if variable.startswith(prefix))
        by_name.setdefault(_name(variable, prefix), {})[FIELDS[prefix]] = value
    return tuple(_account(name, fields) for name, fields in sorted(by_name.items()))


def twins(first: str | None, others: Collection[AccountKeys]) -> str | None:
    """Say which variable holds a key that another account has: it would have two books."""
    owners = {first}
    for account in others:
        key = account.api_key.get_secret_value()
        if key in owners:
            return variables_of(account.name)[0]
        owners.add(key)
    return None


def _is_ours(variable: str, known: Collection[str]) -> bool:
    return variable.startswith(tuple(FIELDS)) and variable.removesuffix("_FILE") not in known


def _name(variable: str, prefix: str) -> str:
    name = variable.removeprefix(prefix)
    if not NAME.fullmatch(name):
        raise ConfigurationError(
            f"{variable}: an account's name is 1 to 16 capital letters, digits and underscores"
        )
    if name.lower() in RESERVED:
        raise ConfigurationError(f"{variable}: no account can be called {name}; it means another")
    return name


def _account(name: str, fields: Mapping[str, Any]) -> AccountKeys:
    missing = [prefix for prefix in PAIR if FIELDS[prefix] not in fields]
    if missing:
        names = " and ".join(prefix + name for prefix in missing)
        raise ConfigurationError(f"the account {name} lacks {names}: an account has both keys")
    try:
        return AccountKeys(name=name.lower(), **fields)
    except ValidationError:
        raise ConfigurationError(f"ALPACA_PAPER_{name}: it is true or false") from None
