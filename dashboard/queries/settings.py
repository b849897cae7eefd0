"""Versions of the strategy, risk and alert settings, and what each of them changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from engine.actions.trading_settings import MODELS, AnySettings
from engine.rules.settings_sentences import UNITS
from models.alert_settings import AlertRule, AlertSettings, title_of
from models.people import SettingsVersion
from models.vocabulary import SettingsKind

SHOWN_VERSIONS = 50
RULES = "rules"  # of alerts, by type: each has parts of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One setting that differs between two versions."""

    name: str
    title: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One version, and what it changed of the one before."""

    version: int
    actor: str
    reason: str
    created_at: datetime
    body: Mapping[str, Any]
    changed: Sequence[Difference]


def version_rows(tx: Transaction, kind: SettingsKind) -> list[VersionRow]:
    """Return the newest versions of a kind, the newest first."""
    chosen = (
        select(SettingsVersion)
        .where(SettingsVersion.kind == kind)
        .order_by(SettingsVersion.version.desc())
        .limit(SHOWN_VERSIONS + 1)
    )
    found = tx.scalars(chosen).all()
    older = [*(row.body for row in found[1:]), {}]
    pairs = zip(found, older, strict=False)  # before the first version there were the defaults
    return [_row(kind, row, before) for row, before in pairs][:SHOWN_VERSIONS]


def differences(
    kind: SettingsKind, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[Difference]:
    """Return what differs between two bodies; what a body lacks has its default."""
    old, new = (_as_it_was(kind, body) for body in (before, after))
    fields = MODELS[kind].model_fields
    found = [
        Difference(
            name=name,
            title=field.title or name,
            before=value_text(name, getattr(old, name)),
            after=value_text(name, getattr(new, name)),
        )
        for name, field in fields.items()
        if name != RULES and getattr(old, name) != getattr(new, name)
    ]
    if isinstance(old, AlertSettings) and isinstance(new, AlertSettings):
        found += [each for type_ in new.rules for each in _of_rules(old, new, type_)]
    return found


def _as_it_was(kind: SettingsKind, body: Mapping[str, Any]) -> AnySettings:
    """Read a body; values that are out of today's bounds are shown as they were written."""
    model = MODELS[kind]
    try:
        return model.model_validate(body)
    except ValidationError as error:
        wrong = {str(each["loc"][0]) for each in error.errors() if each["loc"]}
        kept = {name: value for name, value in body.items() if name not in wrong}
        shown = (wrong & body.keys() & model.model_fields.keys()) - {RULES}
        return model.model_validate(kept).model_copy(update={name: body[name] for name in shown})


def _of_rules(old: AlertSettings, new: AlertSettings, type_: str) -> Iterator[Difference]:
    """Yield what differs between two rules for the same type of alert."""
    before, after = old.rule(type_), new.rule(type_)
    for name, field in AlertRule.model_fields.items():
        was, is_now = getattr(before, name), getattr(after, name)
        if was != is_now:
            yield Difference(
                name=f"{RULES}.{type_}.{name}",
                title=f"{title_of(type_)}: {field.title}",
                before=_rule_text(name, was),
                after=_rule_text(name, is_now),
            )


def _rule_text(name: str, value: Any) -> str:
    if name == "channels":
        return "every channel" if value is None else ", ".join(value) or "none"
    return value_text(name, value)


def value_text(name: str, value: Any) -> str:
    """Return a setting's value for a person, with its unit: `1 %` and not `0.01`."""
    if value is None:
        return "no limit"
    if isinstance(value, bool):
        return "on" if value else "off"
    unit = UNITS.get(name)
    return unit.written(value) if unit and isinstance(value, int | float | Decimal) else str(value)


def _row(kind: SettingsKind, row: SettingsVersion, before: Mapping[str, Any]) -> VersionRow:
    return VersionRow(
        version=row.version,
        actor=row.actor,
        reason=row.reason,
        created_at=row.created_at,
        body=row.body,
        changed=differences(kind, before, row.body),
    )
