"""What a setting may be, and what is wrong with a value, in sentences that are read at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from models.alert_settings import AlertRule, title_of
from models.money import PLACES

RULES = "rules"  # of alerts, by type: each has fields of its own
OF_A_RULE = 3  # parts of the way to a field of a rule: rules, type, field
WORDS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
OUT_OF_BOUNDS = {"greater_than_equal", "greater_than", "less_than_equal", "less_than"}
TOO_FINE = "decimal_max_places"


@dataclass(frozen=True, slots=True)
class Unit:
    """How a setting's numbers are written: `$5`, `300 seconds`, a part of one as `1 %`."""

    prefix: str = ""
    suffix: str = ""
    scale: int = 1

    def number(self, value: Any) -> str:
        """Return a number that another one with its unit follows."""
        number = Decimal(str(value))
        if self.scale != 1:  # what was 0.10 is 10, not 10.00
            number = (number * self.scale).normalize()
        return f"{self.prefix}{number:,f}"

    def written(self, value: Any) -> str:
        """Return a number with its unit."""
        return self.number(value) + self.suffix


PLAIN, DOLLARS, SECONDS = Unit(), Unit(prefix="$"), Unit(suffix=" seconds")
PERCENT, TIMES = Unit(suffix=" %", scale=100), Unit(suffix="\N{MULTIPLICATION SIGN}")
PARTS = ("stop_atr_fraction", "ran_away_fraction", "risk_per_trade", "daily_loss_limit")
UNITS: Mapping[str, Unit] = {
    **dict.fromkeys(PARTS, PERCENT),
    **dict.fromkeys(("min_price", "min_atr", "tick_size", "max_notional"), DOLLARS),
    **dict.fromkeys(("scan_patience", "warning_throttle", "critical_throttle"), SECONDS),
    **dict.fromkeys(("min_rvol", "max_leverage"), TIMES),
    "min_avg_volume": Unit(suffix=" shares"),
    "sessions_kept": Unit(suffix=" sessions"),
    "heartbeat_minutes": Unit(suffix=" minutes"),
}


def bounds(name: str, about: FieldInfo, *, in_percent: bool = False) -> str:
    """Return what a setting may be: `between 1 and 200`, `more than $0, or empty for none`.

    Where parts are given `in_percent`, 1 is 1 % and needs no word.
    """
    words = _bounds(about, UNITS.get(name, PLAIN))
    if name in PARTS and not in_percent:
        words += " (0.01 is 1 %)"
    is_optional = type(None) in types_of(about)
    return f"{words}, or empty for none" if is_optional and words else words


def types_of(about: FieldInfo) -> Sequence[Any]:
    """Return the types that a setting may be of."""
    return get_args(about.annotation) or (about.annotation,)


def sentences(
    model: type[BaseModel], error: ValidationError, *, in_percent: bool = False
) -> list[str]:
    """Return a sentence for each value that is wrong, in the words of the form."""
    found = error.errors(include_url=False, include_context=False)
    return [_sentence(model, one, in_percent=in_percent) for one in found]


def _sentence(model: type[BaseModel], wrong: Mapping[str, Any], *, in_percent: bool) -> str:
    way: Sequence[Any] = wrong["loc"]
    if not way:  # a rule about several of them, which has words of its own
        return as_sentence(wrong["msg"].removeprefix("Value error, "))
    of_a_rule = way[0] == RULES and len(way) >= OF_A_RULE
    fields = (AlertRule if of_a_rule else model).model_fields
    name = str(way[2] if of_a_rule else way[0])
    of = f"{title_of(str(way[1]))}: " if way[0] == RULES and len(way) > 1 else ""
    if name not in fields:
        return f"{of}{name.replace('_', ' ')} is no setting."
    about = fields[name]
    title = (about.title or name).partition(" (")[0]
    if wrong["type"] == TOO_FINE:
        return f"{of}{title} can have at most {PLACES} decimal places."
    words = bounds(name, about, in_percent=in_percent)
    return f"{of}{title} {_must(about, words, wrong['type'])}."


def as_sentence(words: str) -> str:
    """Return words with a capital letter and a full stop."""
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."


def _must(about: FieldInfo, words: str, kind: str) -> str:
    if kind in OUT_OF_BOUNDS:
        return f"must be {words}"
    what = _what(about)
    if not what:
        return "cannot be this: choose another"
    return f"must be {what}{' ' if words.startswith('between') else ', '}{words}"


def _what(about: FieldInfo) -> str:
    types = types_of(about)
    if int in types:
        return "a whole number"
    return "a number" if Decimal in types or float in types else ""


def _bounds(about: FieldInfo, unit: Unit) -> str:
    limits = {
        name: getattr(limit, name)
        for limit in about.metadata
        for name in WORDS
        if getattr(limit, name, None) is not None
    }
    if limits.keys() >= {"ge", "le"}:
        return f"between {unit.number(limits['ge'])} and {unit.written(limits['le'])}"
    return " and ".join(
        f"{word} {unit.written(limits[name])}" for name, word in WORDS.items() if name in limits
    )
