"""Questions before something that matters: what it does, a reason, a way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from dashboard.components.panels import button, data

NO_REASON = "no reason given"  # stopping must not wait for words


def text_field(id_: str, label: str, **more: Any) -> html.Label:
    """Show a field for text with its name above it."""
    about = {"className": "field", "maxLength": 256, "autoComplete": "off", "value": "", **more}
    return html.Label([label, dcc.Input(id=id_, **about)], className="field-label")


def choice_field(id_: str, label: str, options: Mapping[str, str]) -> html.Label:
    """Show a list to choose from, values and words; the first is chosen."""
    made: Any = [{"label": words, "value": value} for value, words in options.items()]
    chosen = next(iter(options), None)
    field = dbc.Select(id=id_, options=made, value=chosen, class_name="field")
    return html.Label([label, field], className="field-label")


@dataclass(frozen=True, slots=True)
class Dialog:
    """The ids of one dialog."""

    name: str

    @property
    def box(self) -> str:
        """Return the id of the dialog itself."""
        return f"{self.name}-dialog"

    @property
    def reason(self) -> str:
        """Return the id of the field for the reason."""
        return f"{self.name}-reason"

    @property
    def password(self) -> str:
        """Return the id of the field for one's password, where the deed needs a proof."""
        return f"{self.name}-password"

    @property
    def code(self) -> str:
        """Return the id of the field for a code of one's second factor."""
        return f"{self.name}-code"

    @property
    def fields(self) -> tuple[str, str, str]:
        """Return the ids of reason, password and code: what a grave deed is asked with."""
        return self.reason, self.password, self.code

    @property
    def confirm(self) -> str:
        """Return the id of the button that does it."""
        return f"{self.name}-confirm"

    @property
    def cancel(self) -> str:
        """Return the id of the button that does not."""
        return f"{self.name}-cancel"

    def layout(
        self,
        title: str,
        *content: Component,
        does: str,
        kind: str = "danger",
        asks: str | None = "Reason, for the journal",
        enter: bool = False,
    ) -> dbc.Modal:
        """Show the question, closed; `does` names what the button does.

        `enter` lets Enter in the field do it too: only for what stops something and can be undone.
        """
        label = text_field(self.reason, asks, maxLength=200) if asks else None
        field = html.Div(label, **data(enter=self.confirm)) if enter else label
        buttons = [button(self.cancel, "Cancel"), button(self.confirm, does, kind)]
        name = f"{self.name}-title"
        end = html.Div(buttons, className="dialog-end")
        body = html.Div([html.H2(title, id=name), *content, field, end])
        return dbc.Modal(
            body, id=self.box, labelledby=name, centered=True, autofocus=True, class_name="dialog"
        )

    def proof(self) -> html.Div:
        """Show the fields in which somebody proves who they are."""
        password = text_field(
            self.password, "Your password", type="password", autoComplete="current-password"
        )
        code = text_field(
            self.code, "Code of your second factor, if you have one", autoComplete="one-time-code"
        )
        return html.Div([password, code], className="proof")

    def register(self, app: Dash, opened_by: str = "", *, is_kept: bool = False) -> None:
        """Open it by a button, close it by Cancel; both in the browser alone.

        Where a second step needs its words, they are kept.
        """
        opening = [Input(opened_by, "n_clicks")] if opened_by else []
        app.clientside_callback(
            ClientsideFunction("shell", "open_dialog"),
            Output(self.box, "is_open"),
            *opening,
            Input(self.cancel, "n_clicks"),
            prevent_initial_call=True,
        )
        if not is_kept:
            self.register_emptying(app)

    def register_emptying(self, app: Dash) -> None:
        """Forget what was typed and ticked, however it closes.

        Who opens it next must not find a password there, nor that they are sure.
        """
        app.clientside_callback(
            ClientsideFunction("shell", "empty_dialog"),
            Input(self.box, "is_open"),
            State(self.box, "id"),
            prevent_initial_call=True,
        )
