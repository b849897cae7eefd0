"""Fields of a form, made from the settings' own types and bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from engine.actions.trading_settings import MODELS
from engine.rules.settings_sentences import PARTS, bounds, types_of
from models.vocabulary import SettingsKind

ON = "on"


def field_id(kind: SettingsKind, name: str) -> str:
    """Return the id of the field for a setting."""
    return f"settings-{kind}-{name}"


def field_ids(kind: SettingsKind) -> list[str]:
    """Return the ids of all fields of a form, in their order."""
    return [field_id(kind, name) for name in MODELS[kind].model_fields]


def form_field(kind: SettingsKind, name: str, *, may_change: bool) -> html.Label:
    """Show the field for one setting, empty."""
    about = MODELS[kind].model_fields[name]
    content = _control(field_id(kind, name), about, may_change=may_change)
    title = f"{about.title or name}{', %' if name in PARTS else ''}"
    parts = [html.Span(title), content, html.Small(bounds(name, about, in_percent=True))]
    return html.Label(parts, className="filter setting")


def shown(settings: BaseModel) -> list[str]:
    """Return the values as the fields hold them: parts in percent."""
    return [_shown(name, getattr(settings, name)) for name in type(settings).model_fields]


def read(kind: SettingsKind, said: Sequence[Any]) -> dict[str, Any]:
    """Return what the fields hold, by name, as it would be stored; `problems` judges it."""
    fields = MODELS[kind].model_fields.items()
    pairs = zip(fields, said, strict=True)
    return {name: _read(name, about, value) for (name, about), value in pairs}


def changes_of(
    kind: SettingsKind, settings: BaseModel, wanted: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what somebody changed in the fields that showed the settings."""
    before = read(kind, shown(settings))
    return {name: value for name, value in wanted.items() if value != before[name]}


def _control(id_: str, about: FieldInfo, *, may_change: bool) -> Any:
    disabled = not may_change
    words = _words(about)
    if words:
        options: list[Any] = [{"label": word.capitalize(), "value": word} for word in words]
        return dbc.Select(id=id_, options=options, disabled=disabled, class_name="field")
    keypad: Any = "decimal"
    return dbc.Input(
        id=id_,
        type="text",  # not a number field: browsers drop what they cannot read
        inputmode=keypad,
        disabled=disabled,
        autocomplete="off",
        class_name="field",
    )


def _words(about: FieldInfo) -> list[str]:
    if about.annotation is bool:
        return [ON, "off"]
    if isinstance(about.annotation, type) and issubclass(about.annotation, Enum):
        return [str(word.value) for word in about.annotation]
    return []


def _shown(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return ON if value else "off"
    if isinstance(value, Enum):
        return str(value.value)
    if name in PARTS:
        return f"{(value * 100).normalize():f}"
    return "" if value is None else str(value)


def _read(name: str, about: FieldInfo, value: Any) -> Any:
    if about.annotation is bool:
        return value == ON
    text = str(value if value is not None else "").strip()
    if not text and type(None) in types_of(about):
        return None
    return _part(text) if name in PARTS else text


def _part(text: str) -> str:
    """Return a percentage as a part of one; what is none, as it was typed."""
    try:
        return str((Decimal(text.removesuffix("%").strip()) / 100).normalize())
    except InvalidOperation:
        return text
