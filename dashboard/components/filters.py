"""Fields that narrow a list down. They begin with what the address says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from dashboard.components.panels import aria

ANY = "any"  # not empty: an empty choice would show nothing


def search_field(id_: str, label: str, value: str, hint: str = "") -> html.Div:
    """Show a field for text, which counts once somebody stops typing."""
    field = dbc.Input(
        id=id_,
        type="search",
        value=value,
        placeholder=hint,
        debounce=300,
        autocomplete="off",
        class_name="field",
        maxLength=100,
    )
    return _labelled(label, field)


def choice(
    id_: str,
    label: str,
    words: Iterable[str],
    value: str,
    everything: str | None,
    labels: Mapping[str, str] | None = None,
) -> html.Div:
    """Show a choice of words, or of all of them where there is a name for that.

    Words that do not explain themselves come with labels that do.
    """
    options: list[Any] = [{"label": everything, "value": ANY}] if everything else []
    known_as = labels or {}
    options += [{"label": known_as.get(word) or _label(word), "value": word} for word in words]
    known = {option["value"] for option in options}
    chosen = value if value in known else options[0]["value"]
    return _labelled(label, dbc.Select(id=id_, options=options, value=chosen, class_name="field"))


def day_field(id_: str, label: str, value: str) -> html.Div:
    """Show a field for a day."""
    date: Any = "date"  # Bootstrap's component takes it, its annotation does not
    return _labelled(label, dbc.Input(id=id_, type=date, value=value, class_name="field"))


def filter_bar(*fields: Component, of: str = "") -> html.Div:
    """Show fields in a row; `of` names what they narrow down where a page has several such rows."""
    named = aria(label=f"Filters of {of}") if of else {}
    return html.Div(list(fields), className="filters", role="search", **named)


def _label(word: str) -> str:
    return word.replace("_", " ").capitalize()


def _labelled(label: str, field: Any) -> html.Div:
    """Name a field by what stands above it, and not by what can be chosen in it as well."""
    return html.Div([html.Label(label, htmlFor=field.id), field], className="filter")
