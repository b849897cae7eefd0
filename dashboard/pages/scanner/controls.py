"""The scanner's work by hand: scan, sync, clean up, and a dry run."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component

from dashboard.auth import current_actor, demanded
from dashboard.components import ids
from dashboard.components.dialogs import NO_REASON, Dialog
from dashboard.components.figures import clock, dollars, fixed, price
from dashboard.components.panels import aria, button, panel
from dashboard.components.toasts import say
from dashboard.queries.scanner import beyond_window
from engine.actions import control
from engine.actions.permissions import Actor, Permission, may
from engine.desk import Desk
from engine.jobs.preview import Preview, PreviewOrder, preview

SCAN = "scanner-scan"
SYNC = "scanner-sync"
DRY_RUN = "scanner-dry-run"
CLEAN = "scanner-clean"
CLEANED = "scanner-cleaned"
PROGRESS = "scanner-progress"
COMMANDS = "scanner-commands"
PREVIEW = "scanner-preview"
BY_HAND = "asked for on the Scanner page"

CLEANING = Dialog("clean-up")
COLUMNS = ("#", "Symbol", "Side", "RVOL", "Level", "Stop", "Shares", "Value", "Risk", "Order")


def layout(actor: Actor) -> html.Section:
    """Show the controls that the person's role allows, and how far the work is."""
    allowed = may(actor, Permission.SCAN)
    buttons = [
        button(SCAN, "Scan now", disabled=not allowed),
        button(SYNC, "Sync", disabled=not allowed),
        button(DRY_RUN, "Dry run", disabled=not allowed),
        button(CLEAN, "Clean up…", "danger outline", disabled=not allowed),
    ]
    return panel(
        "Controls",
        html.Div(buttons, className="buttons"),
        html.Div(id=PROGRESS, className="progress-rows", **aria(live="polite")),
        html.Ol(id=COMMANDS, className="commands"),
        CLEANING.layout("Remove old bars?", html.P(id=CLEANED), does="Remove them"),
        name="controls",
    )


def preview_panel() -> html.Div:
    """Show the place of a dry run's outcome, empty until somebody asks."""
    return html.Div(id=PREVIEW, **aria(live="polite"))


def register_callbacks(app: Dash, desk: Desk) -> None:
    """Connect the controls to the engine."""
    app.clientside_callback(
        ClientsideFunction("scanner", "progress"),
        Output(PROGRESS, "children"),
        Input(ids.STATUS, "data"),
        Input(PROGRESS, "id"),
    )
    CLEANING.register(app, opened_by=CLEAN)
    _register_requests(app, desk)
    _register_cleaning(app, desk)
    _register_dry_run(app, desk)


def _register_requests(app: Dash, desk: Desk) -> None:
    @app.callback(Input(SCAN, "n_clicks"), prevent_initial_call=True)
    def scan(clicks: int | None) -> None:
        if clicks:
            number = control.scan(desk, current_actor(), BY_HAND)
            say(f"The engine scans (command {number}).")

    @app.callback(Input(SYNC, "n_clicks"), prevent_initial_call=True)
    def sync(clicks: int | None) -> None:
        if clicks:
            number = control.sync(desk, current_actor(), BY_HAND)
            say(f"The engine fetches what is missing (command {number}).")


def _register_cleaning(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(CLEANED, "children"),
        Output(CLEANING.confirm, "disabled"),
        Input(CLEANING.box, "is_open"),
        prevent_initial_call=True,
    )
    def describe(is_open: bool | None) -> tuple[object, object]:  # noqa: FBT001  # Dash's order
        if not is_open:
            return no_update, no_update
        with desk.db.read() as tx:
            oldest, sessions, bars = beyond_window(tx, desk)
        return _what_goes(str(oldest), sessions, bars), not sessions

    @app.callback(
        Output(CLEANING.box, "is_open", allow_duplicate=True),
        Input(CLEANING.confirm, "n_clicks"),
        State(CLEANING.reason, "value"),
        prevent_initial_call=True,
    )
    def clean_up(clicks: int | None, reason: str | None) -> object:
        if not clicks:
            return no_update
        number = control.clean_up(desk, current_actor(), reason or NO_REASON)
        say(f"The engine removes what is older than the window (command {number}).")
        return False


def _register_dry_run(app: Dash, desk: Desk) -> None:
    @app.callback(
        Output(PREVIEW, "children"), Input(DRY_RUN, "n_clicks"), prevent_initial_call=True
    )
    def dry_run(clicks: int | None) -> object:
        if not clicks:
            return no_update
        demanded(desk, Permission.SCAN, "dry_run")  # it asks the data source
        return outcome(preview(desk))


def _what_goes(oldest: str, sessions: int, bars: int) -> str:
    if not sessions:
        return f"Nothing is older than the window, which begins on {oldest}."
    return (
        f"{bars:,} daily bars of {sessions} sessions from before {oldest} are removed, and what "
        "hangs on them: universe, opening volumes, findings. Trades and what they were made of, "
        "signals and the journal stay."
    )


def outcome(found: Preview) -> html.Section:
    """Show what would happen now."""
    text = (
        f"As of {clock(found.at)}, feed {found.feed}: {found.looked_at:,} symbols looked at, "
        f"{found.ranked:,} ranked, {found.stale:,} without a bar, {len(found.orders)} pass every "
        f"filter, {found.sent} orders would follow. Nothing was stored."
    )
    notes = [html.P(text), *(html.P(note, className="rises") for note in _notes(found))]
    return panel("Dry run: what a scan would do now", *notes, _orders(found), name="dry-run")


def _notes(found: Preview) -> list[str]:
    notes = []
    if not found.is_final:
        notes.append("The opening range is not over: these are its figures so far.")
    if found.is_scanned:
        notes.append("Today's scan is stored: another one changes nothing and sends nothing.")
    if found.equity is None:
        notes.append("The account has not been read yet: nothing can be sized.")
    return notes


def _orders(found: Preview) -> Component:
    if not found.orders:
        return html.P("No symbol passes every filter.", className="empty")
    head = html.Thead(html.Tr([html.Th(name) for name in COLUMNS]))
    body = html.Tbody([html.Tr(_cells(order)) for order in found.orders])
    return html.Div(html.Table([head, body], className="plain orders-table"), className="scroll")


def _cells(order: PreviewOrder) -> list[html.Td]:
    said: Any = order.sentence or "would follow"
    verdict: list[Any] = (
        [html.Span(order.code, className="status refused"), " "] if order.code else []
    )
    return [
        html.Td(order.rank),
        html.Td(symbol_link(order.symbol)),
        html.Td(str(order.side)),
        html.Td(fixed(order.rvol) + "\N{MULTIPLICATION SIGN}"),
        html.Td(price(order.entry_level)),
        html.Td(price(order.planned_stop)),
        html.Td(f"{order.quantity:,}"),
        html.Td(dollars(order.value)),
        html.Td(dollars(order.risk)),
        html.Td([*verdict, html.Small(said)]),
    ]


def symbol_link(symbol: str) -> html.A:
    """Lead to a symbol's drawer."""
    return html.A(symbol, href=f"/scanner?show={symbol}", className="opens-symbol symbol")
