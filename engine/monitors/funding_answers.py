"""What the delta-neutral bot answers, understood: flat as N 3.1 has it, or nested as its appendix.

Whatever is not known is kept as it was told; what makes no sense is left out and said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any

from models.money import QUANTUM

GREATEST = Decimal(10) ** 12
MOST = 500  # positions or rates in one answer
MOST_NAMES = 60  # of one of them
MOST_TEXT = 200

# Each amount by its names: the path inside a position, the first that is there.
AMOUNTS: Mapping[str, Sequence[str]] = {
    "leverage": ("leverage",),
    "deployed": ("deployed_usd", "sizing.deployed_usd"),
    "long_value": ("long_value_usd", "sizing.position_size_usd"),
    "short_value": ("short_value_usd", "sizing.position_size_usd"),
    "delta": ("delta", "risk.delta"),
    "delta_ratio": ("delta_ratio", "risk.delta_ratio"),
    "health_factor": ("asgard_hf", "asgard.current_health_factor"),
    "margin_fraction": ("hyperliquid_mf", "hyperliquid.margin_fraction"),
    "total_pnl": ("total_pnl_usd", "pnl.total_pnl"),
    "funding_pnl": ("funding_pnl_usd", "pnl.funding_pnl"),
}


@dataclass(frozen=True, slots=True)
class TwoLegs:
    """A position with both of its legs."""

    position_id: str
    asset: str
    status: str
    opened_at: datetime | None
    amounts: Mapping[str, Decimal | None]
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rate:
    """A funding rate."""

    at: datetime
    asset: str
    venue: str
    rate: float


def read_positions(body: Any) -> tuple[list[TwoLegs], list[str]]:
    """Return the positions of an answer, and what was wrong with it."""
    listed = _listed(body, "positions")
    found: list[TwoLegs] = []
    problems = [] if _is_list(listed) else ["its positions are no list"]
    for key, told in _entries(listed):
        position_id = _text(told.get("position_id") or key, 64)
        asset = _text(told.get("asset"), 24)
        if not position_id or not asset:
            problems.append(f"position {key or '?'} has no id or no asset")
            continue
        amounts = {name: _amount(told, paths) for name, paths in AMOUNTS.items()}
        status = _text(told.get("status"), 24) or "unknown"
        opened_at = _moment(told.get("opened_at") or told.get("created_at"))
        found.append(TwoLegs(position_id, asset, status, opened_at, amounts, tidy(told)))
    return found, problems


def read_rates(body: Any) -> tuple[list[Rate], list[str]]:
    """Return the funding rates of an answer, and what was wrong with it."""
    found, problems = [], []
    for key, told in _entries(_listed(body, "rates", "items", "data_points", "funding")):
        at = _moment(told.get("timestamp") or told.get("at"))
        asset = _text(told.get("asset") or told.get("symbol") or key, 24)
        rate = _number(told.get("rate", told.get("funding_rate")))
        if at is None or not asset or rate is None:
            problems.append(f"a funding rate of {asset or '?'} has no time or no value")
            continue
        venue = _text(told.get("venue") or told.get("protocol"), 32)
        found.append(Rate(at, asset, venue, float(rate)))
    return found, problems


def state_of(health: Any) -> str:
    """Return what a bot calls its own state, such as `running` or `recovering`."""
    if not isinstance(health, Mapping):
        return ""
    return _text(health.get("state") or health.get("status"), 48)


def tidy(told: Any, depth: int = 4) -> Any:
    """Return what may be stored of an answer: printable text, and not without end."""
    if isinstance(told, str):
        return _text(told, MOST_TEXT)
    if not isinstance(told, Mapping | list):
        return told
    if not depth:
        return None
    if isinstance(told, list):
        return [tidy(each, depth - 1) for each in told[:MOST_NAMES]]
    few = list(told.items())[:MOST_NAMES]
    return {_text(str(name), MOST_TEXT): tidy(each, depth - 1) for name, each in few}


def _listed(body: Any, *names: str) -> Any:
    """Return what an answer lists: itself, or what it holds under one of some names."""
    if isinstance(body, Mapping):
        return next((body[name] for name in names if name in body), body)
    return body


def _is_list(listed: Any) -> bool:
    return isinstance(listed, list | Mapping)


def _entries(listed: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the entries of a list, or of a mapping with their ids."""
    if not _is_list(listed):
        return
    is_named = isinstance(listed, Mapping)
    pairs = list(listed.items()) if is_named else [("", each) for each in listed]
    for key, each in pairs[:MOST]:
        if isinstance(each, Mapping):
            yield str(key), each


def _amount(told: Mapping[str, Any], paths: Sequence[str]) -> Decimal | None:
    for path in paths:
        value: Any = told
        for name in path.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        if (number := _number(value)) is not None:
            return number.quantize(QUANTUM)
    return None


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, float) and not isfinite(value):
        return None
    try:
        number = Decimal(str(value)[:40])
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < GREATEST else None


def _text(value: Any, longest: int) -> str:
    text = value if isinstance(value, str) else ""
    return "".join(letter for letter in text if letter.isprintable())[:longest]


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
