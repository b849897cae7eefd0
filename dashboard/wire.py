"""How values leave the desk: money as text, moments as UTC ISO text, everything else plain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, cast

import msgpack
import orjson
from pydantic import BaseModel

LEAST_PLACES = 2


def plain(value: Any) -> Any:
    """Return a value as JSON and msgpack can carry it; dataclasses become dictionaries."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Decimal):
        return money_text(value)
    if isinstance(value, date):
        return moment_text(value) if isinstance(value, datetime) else value.isoformat()
    return _plain_container(value)


def money_text(value: Decimal) -> str:
    """Return an amount with at least two places and no zeros beyond them: exact, but short."""
    text = f"{value:f}".rstrip("0") if "." in f"{value:f}" else f"{value:f}."
    whole, places = text.split(".")
    return f"{whole}.{places.ljust(LEAST_PLACES, '0')}"


def moment_text(value: datetime) -> str:
    """Return a moment as UTC ISO text to the millisecond."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_json(value: Any) -> str:
    """Return a plain value as JSON text."""
    return orjson.dumps(value).decode()


def to_msgpack(value: Any) -> bytes:
    """Return a plain value as msgpack."""
    return cast("bytes", msgpack.packb(value))


def _plain_container(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, BaseModel):
        return plain(value.model_dump())
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no form outside the desk")
