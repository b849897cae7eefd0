"""Fields that narrow a list down. They begin with what the address says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

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
    id_: str, label: str, words: Iterable[str], value: str, everything: str | None
) -> html.Div:
    """Show a choice of words, or of all of them where there is a name for that."""
    options: list[Any] = [{"label": everything, "value": ANY}] if everything else []
    options += [{"label": word.replace("_", " ").capitalize(), "value": word} for word in words]
    known = {option["value"] for option in options}
    chosen = value if value in known else options[0]["value"]
    return _labelled(label, dbc.Select(id=id_, options=options, value=chosen, class_name="field"))


def day_field(id_: str, label: str, value: str) -> html.Div:
    """Show a field for a day."""
    date: Any = "date"  # Bootstrap's component takes it, its annotation does not
    return _labelled(label, dbc.Input(id=id_, type=date, value=value, class_name="field"))


def filter_bar(*fields: Component) -> html.Div:
    """Show fields in a row."""
    return html.Div(list(fields), className="filters", role="search")


def _labelled(label: str, field: Any) -> html.Div:
    """Name a field by what stands above it, and not by what can be chosen in it as well."""
    return html.Div([html.Label(label, htmlFor=field.id), field], className="filter")
