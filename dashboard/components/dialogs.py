"""Questions before something that matters: what it does, a reason, a way back."""

from __future__ import annotations

from dataclasses import dataclass

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from dashboard.components.panels import button

NO_REASON = "no reason given"  # stopping must not wait for words


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
    def confirm(self) -> str:
        """Return the id of the button that does it."""
        return f"{self.name}-confirm"

    @property
    def cancel(self) -> str:
        """Return the id of the button that does not."""
        return f"{self.name}-cancel"

    def layout(self, title: str, *content: Component, does: str, kind: str = "danger") -> dbc.Modal:
        """Show the question, closed; `does` names what the button does."""
        reason = dcc.Input(
            id=self.reason, className="field", maxLength=200, autoComplete="off", value=""
        )
        label = html.Label(["Reason, for the journal", reason], className="field-label")
        buttons = [button(self.cancel, "Cancel"), button(self.confirm, does, kind)]
        name = f"{self.name}-title"
        end = html.Div(buttons, className="dialog-end")
        body = html.Div([html.H2(title, id=name), *content, label, end])
        return dbc.Modal(
            body, id=self.box, labelledby=name, centered=True, autofocus=True, class_name="dialog"
        )

    def register(self, app: Dash, opened_by: str) -> None:
        """Open it by one button, close it by Cancel; both in the browser alone."""
        app.clientside_callback(
            ClientsideFunction("shell", "open_dialog"),
            Output(self.box, "is_open"),
            Input(opened_by, "n_clicks"),
            Input(self.cancel, "n_clicks"),
            prevent_initial_call=True,
        )
