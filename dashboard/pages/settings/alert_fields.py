"""Fields of the alert rules: a row for each type of alert."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from dashboard.components.panels import aria
from engine.rules.settings_sentences import bounds
from engine.surroundings import Channel
from models.alert_settings import ABOUT_TYPES, AlertRule, AlertSettings, AlertType
from models.vocabulary import Severity

ON, OFF = "on", "off"
EVERY = "*"  # every channel, also one that is set up later
FLOORS = (Severity.INFO, Severity.WARNING, Severity.CRITICAL, Severity.EMERGENCY)
FIELDS = ("enabled", "floor", "warning_throttle", "critical_throttle", "channels")
TITLES = ("Alert", "Told", "From severity", "Warnings (s)", "Criticals (s)", "Channels")
HEARTBEAT = "alert-heartbeat-minutes"


def field_id(type_: str, name: str) -> str:
    """Return the id of a field of a type's rule."""
    return f"alert-{type_}-{name}"


def field_ids() -> list[str]:
    """Return the ids of all fields, in the order in which they are read and shown."""
    return [HEARTBEAT, *(field_id(type_, name) for type_ in AlertType for name in FIELDS)]


def rule_rows(channels: Sequence[Channel], *, may_change: bool) -> html.Div:
    """Show the fields of every type, empty, under their titles."""
    head = [html.Span(title) for title in TITLES]
    rows = [_row(type_, channels, disabled=not may_change) for type_ in AlertType]
    return html.Div(
        [html.Div(head, className="rule head", **aria(hidden="true")), *rows], className="rules"
    )


def heartbeat_field(*, may_change: bool) -> html.Label:
    """Show the field for how often all is well."""
    about = AlertSettings.model_fields["heartbeat_minutes"]
    content = [html.Span(about.title), _number(HEARTBEAT, disabled=not may_change)]
    return html.Label(
        [*content, html.Small(bounds("heartbeat_minutes", about))], className="filter setting"
    )


def shown(settings: AlertSettings) -> list[Any]:
    """Return the values as the fields hold them."""
    rules = [settings.rule(type_) for type_ in AlertType]
    return [str(settings.heartbeat_minutes), *(value for rule in rules for value in _shown(rule))]


def read(said: Sequence[Any]) -> dict[str, Any]:
    """Return what the fields hold; whether it makes sense is for `problems`."""
    minutes, *values = said
    parts = iter(values)
    rules = {type_.value: _read([next(parts) for _ in FIELDS]) for type_ in AlertType}
    return {"heartbeat_minutes": str(minutes or "").strip(), "rules": rules}


def changes_of(before: AlertSettings, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return what somebody changed in the fields that showed the rules: whole rules."""
    was = read(shown(before))
    names = [name for name, rule in wanted["rules"].items() if rule != was["rules"][name]]
    changes = {"rules": {name: wanted["rules"][name] for name in names}} if names else {}
    if wanted["heartbeat_minutes"] != was["heartbeat_minutes"]:
        changes["heartbeat_minutes"] = wanted["heartbeat_minutes"]
    return changes


# ------------------------------------------------------------------------------ a row
def _row(type_: AlertType, channels: Sequence[Channel], *, disabled: bool) -> html.Div:
    about = ABOUT_TYPES[type_]
    name = html.Div([html.Strong(about.title), html.Small(about.does)], className="name")
    fields = zip(FIELDS, TITLES[1:], _controls(type_, channels, disabled=disabled), strict=True)
    cells = [
        html.Label([_label(about.title, title), control])
        if field != "channels"
        else _group(f"{about.title}: {title}", control)
        for field, title, control in fields
    ]
    return html.Div([name, *cells], className="rule")


def _controls(
    type_: AlertType, channels: Sequence[Channel], *, disabled: bool
) -> Iterator[Component]:
    yield _choice(field_id(type_, "enabled"), (ON, OFF), disabled=disabled)
    yield _choice(field_id(type_, "floor"), FLOORS, disabled=disabled)
    yield _number(field_id(type_, "warning_throttle"), disabled=disabled)
    yield _number(field_id(type_, "critical_throttle"), disabled=disabled)
    named = {EVERY: "every one"} | {channel.name: channel.name for channel in channels}
    options: Any = [
        {"label": label, "value": value, "disabled": disabled} for value, label in named.items()
    ]
    yield dbc.Checklist(
        id=field_id(type_, "channels"), options=options, class_name="ticks", inline=True
    )


def _label(of: str, title: str) -> html.Span:
    """Name a field for everybody who does not see the titles above the rows."""
    return html.Span([html.Span(f"{of}: ", className="visually-hidden"), title], className="label")


def _group(label: str, control: Component) -> html.Div:
    return html.Div(control, className="group", role="group", **aria(label=label))


def _choice(id_: str, words: Sequence[str], *, disabled: bool) -> dbc.Select:
    options: Any = [{"label": word.capitalize(), "value": str(word)} for word in words]
    return dbc.Select(id=id_, options=options, disabled=disabled, class_name="field")


def _number(id_: str, *, disabled: bool) -> dbc.Input:
    keypad: Any = "numeric"
    return dbc.Input(
        id=id_,
        type="text",  # not a number field: browsers drop what they cannot read
        inputmode=keypad,
        disabled=disabled,
        autocomplete="off",
        class_name="field",
    )


def _shown(rule: AlertRule) -> list[Any]:
    told = ON if rule.enabled else OFF
    throttles = [str(rule.warning_throttle), str(rule.critical_throttle)]
    ticked = [EVERY] if rule.channels is None else list(rule.channels)
    return [told, str(rule.floor.value), *throttles, ticked]


def _read(values: Sequence[Any]) -> dict[str, Any]:
    told, floor, warnings, criticals, ticked = values
    return {
        "enabled": told == ON,
        "floor": floor,
        "warning_throttle": str(warnings or "").strip(),
        "critical_throttle": str(criticals or "").strip(),
        "channels": None if EVERY in (ticked or ()) else ticked or (),
    }
