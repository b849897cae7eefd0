"""What a setting may be, and what is wrong with a value, in sentences that are read at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from models.alert_settings import AlertRule, title_of
from models.money import PLACES

RULES = "rules"  # of alerts, by type: each has fields of its own
OF_A_RULE = 3  # parts of the way to a field of a rule: rules, type, field
LIMITS = ("ge", "gt", "le", "lt")
OUT_OF_BOUNDS = {"greater_than_equal", "greater_than", "less_than_equal", "less_than"}
TOO_FINE = "decimal_max_places"
Write = Callable[[Any], str]


def _number(value: Any) -> str:
    return f"{Decimal(str(value)):,f}"


def _dollars(value: Any) -> str:
    return f"${_number(value)}"


def _percent(value: Any) -> str:
    return f"{_number(Decimal(str(value)) * 100)} %"


def _times(value: Any) -> str:
    return f"{_number(value)}\N{MULTIPLICATION SIGN}"


def _unit(name: str) -> Write:
    return lambda value: f"{_number(value)} {name}"


PARTS = ("stop_atr_fraction", "ran_away_fraction", "risk_per_trade", "daily_loss_limit")
MONEY = ("min_price", "min_atr", "tick_size", "max_notional")
SECONDS = ("scan_patience", "warning_throttle", "critical_throttle")
UNITS: Mapping[str, Write] = {
    **dict.fromkeys(PARTS, _percent),
    **dict.fromkeys(MONEY, _dollars),
    **dict.fromkeys(SECONDS, _unit("seconds")),
    **dict.fromkeys(("min_rvol", "max_leverage"), _times),
    "min_avg_volume": _unit("shares"),
    "sessions_kept": _unit("sessions"),
    "heartbeat_minutes": _unit("minutes"),
}


def bounds(name: str, about: FieldInfo) -> str:
    """Return what a setting may be: `between 1 and 200`, `more than $0, or empty for none`."""
    words = _bounds(about, UNITS.get(name, _number))
    if name in PARTS:
        words += " (0.01 is 1 %)"
    is_optional = type(None) in getattr(about.annotation, "__args__", ())
    return f"{words}, or empty for none" if is_optional and words else words


def sentences(model: type[BaseModel], error: ValidationError) -> list[str]:
    """Return a sentence for each value that is wrong, in the words of the form."""
    found = error.errors(include_url=False, include_context=False)
    return [_sentence(model, one) for one in found]


def _sentence(model: type[BaseModel], wrong: Mapping[str, Any]) -> str:
    way: Sequence[Any] = wrong["loc"]
    of_a_rule = way[0] == RULES and len(way) >= OF_A_RULE
    fields = (AlertRule if of_a_rule else model).model_fields
    name = str(way[2] if of_a_rule else way[0])
    of = f"{title_of(str(way[1]))}: " if way[0] == RULES and len(way) > 1 else ""
    if name not in fields:
        return f"{of}{name.replace('_', ' ')} is no setting."
    about = fields[name]
    title = (about.title or name).partition(" (")[0]
    return f"{of}{title} {_must(name, about, wrong['type'])}."


def _must(name: str, about: FieldInfo, kind: str) -> str:
    if kind == TOO_FINE:
        return f"can have at most {PLACES} decimal places"
    words = bounds(name, about)
    if kind in OUT_OF_BOUNDS:
        return f"must be {words}"
    what = _what(about)
    if not what:
        return "cannot be this: choose another"
    return f"must be {what}{' ' if words.startswith('between') else ', '}{words}"


def _what(about: FieldInfo) -> str:
    types = getattr(about.annotation, "__args__", (about.annotation,))
    if int in types:
        return "a whole number"
    return "a number" if Decimal in types or float in types else ""


def _bounds(about: FieldInfo, write: Write) -> str:
    limits = {
        name: write(getattr(limit, name))
        for limit in about.metadata
        for name in LIMITS
        if getattr(limit, name, None) is not None
    }
    if "ge" in limits and "le" in limits:
        least, _, unit = limits["ge"].partition(" ")
        return (
            f"between {least if limits['le'].endswith(unit) else limits['ge']} and {limits['le']}"
        )
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    return " and ".join(f"{words[name]} {limits[name]}" for name in LIMITS if name in limits)
