"""The drawer of one symbol: its days, its opening range, and why it was taken or left."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.components import ids
from dashboard.components.charts import CONFIG
from dashboard.components.figures import clock, day, fixed, price
from dashboard.components.panels import NOTHING_YET
from dashboard.pages.scanner.checks import Check, checks
from dashboard.pages.scanner.days_chart import days_figure
from dashboard.pages.scanner.health import ago
from dashboard.pages.scanner.lists import SESSION, session_of
from dashboard.queries.scanner import newest_scan, newest_universe
from dashboard.queries.scanner_symbol import SymbolView, symbol_view
from dashboard.wording import BASES, FILTERS, sentences
from engine.desk import Desk
from models.vocabulary import SignalStatus

BOX = "scanner-drawer"
BODY = "scanner-drawer-body"
SHOWN = "scanner-shown"
CLOSED = "scanner-closed"
MARKS = {True: "✓", False: "✗", None: "·"}
SAID = {True: "held", False: "failed", None: "not yet known"}
LONGEST_SYMBOL = 16


def layout() -> list[Component]:
    """Return the drawer, closed."""
    box = dbc.Offcanvas(
        html.Div(id=BODY),
        id=BOX,
        placement="end",
        is_open=False,
        class_name="drawer",
        scrollable=True,
    )
    return [dcc.Store(id=SHOWN), dcc.Store(id=CLOSED), box]


def register_callbacks(app: Dash, desk: Desk, due: str) -> None:
    """Open and close it by the address, and read the symbol anew when something has happened."""
    app.clientside_callback(
        ClientsideFunction("scanner", "shown"),
        Output(SHOWN, "data"),
        Output(BOX, "is_open"),
        Input(ids.LOCATION, "search"),
    )
    app.clientside_callback(
        ClientsideFunction("scanner", "closed"),
        Output(CLOSED, "data"),
        Input(BOX, "is_open"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(BODY, "children"), Input(SHOWN, "data"), Input(due, "data"), State(SESSION, "value")
    )
    def show(symbol: str | None, due: str | None, session: str | None) -> object:
        if not symbol or due is None:
            return no_update
        symbol = symbol[:LONGEST_SYMBOL]
        with desk.db.read() as tx:
            newest = newest_scan(tx), newest_universe(tx)
            on = session_of(session) or max(filter(None, newest), default=None)
            view = symbol_view(tx, desk, symbol, on) if on else None
        return drawer(view) if view else [html.H2(symbol), html.P("Nothing is known of it yet.")]


def drawer(view: SymbolView) -> list[Component]:
    """Show everything that is known of a symbol in a session."""
    chart = dcc.Graph(
        figure=days_figure(view), config=CONFIG, className="chart days", id="scanner-days"
    )
    return [
        *_head(view),
        _verdict(view),
        html.H3(f"{len(view.bars.sessions)} sessions before"),
        chart,
        *_about_bars(view),
        html.H3("Filters"),
        _checks(view),
        *_opening_range(view),
        *_findings(view),
    ]


def _head(view: SymbolView) -> list[Component]:
    listed = view.listed
    name = f"{listed.name} · {listed.exchange}" if listed else "Not on the broker's list"
    said: list[Any] = [name]
    if listed:
        said += [" · list of ", clock(listed.listed_at), " ", ago(listed.listed_at)]
    return [
        html.H2([view.symbol, " ", html.Small(day(view.session))]),
        html.P(said, className="quiet"),
    ]


def _verdict(view: SymbolView) -> html.Section:
    """Say in a sentence what became of it, and lead on."""
    signal = view.signal
    if signal is not None:
        words: list[Any] = [html.Strong(f"Taken, rank {signal.rank}: "), _signal(view)]
        if signal.sentence:
            words.append(f" {signal.sentence}")
        if view.trade_id is not None:
            href = f"/positions/{view.trade_id}"
            words += [" ", html.A("Its position", href=href, className="inside")]
        kind = "taken" if signal.status is not SignalStatus.REFUSED else "left"
        return html.Section(words, className=f"verdict {kind}")
    if view.range is not None and view.range.failed:
        codes = ", ".join(view.range.failed)
        why = sentences(view.range.failed)
        return html.Section(
            [html.Strong("Left out: "), html.Code(codes), f" {why}"], className="verdict left"
        )
    return html.Section(_waiting(view), className="verdict")


def _signal(view: SymbolView) -> html.Span:
    signal = view.signal
    if signal is None:
        return html.Span()
    status = html.Span(str(signal.status), className=f"status {signal.status}")
    plan = (
        f" {signal.side}, {signal.quantity:,} shares, level {price(signal.entry_level)}, stop "
        f"{price(signal.planned_stop)}{', late' if signal.late else ''}."
    )
    return html.Span([status, plan])


def _waiting(view: SymbolView) -> str:
    if view.numbers is None:
        return "It is not in the universe of this session: no bar in the 15 sessions before."
    if view.numbers.failed:
        return f"The scan will not ask for it. {sentences(view.numbers.failed)}"
    return "It passes what is known before the open; the scan decides."


def _about_bars(view: SymbolView) -> list[Component]:
    source = view.numbers.source if view.numbers else None
    text = f"Raw bars from {source}, on the scale of the session. " if source else ""
    for split in view.splits:
        text += (
            f"Split on {split.session}: {split.new_shares.normalize():f} for "
            f"{split.old_shares.normalize():f}. "
        )
    missing = [
        str(session)
        for session, is_there in zip(view.bars.sessions, view.bars.present[0], strict=True)
        if not is_there
    ]
    if missing:
        text += f"No bar on {', '.join(missing)}."
    return [html.P(text, className="quiet")] if text else []


def _checks(view: SymbolView) -> html.Table:
    head = html.Thead(html.Tr([html.Th(name) for name in ("", "Filter", "Figure", "Asked")]))
    body = html.Tbody([_check(check) for check in checks(view)])
    return html.Table([head, body], className="plain checks")


def _check(check: Check) -> html.Tr:
    kind = {True: "held", False: "failed", None: ""}[check.held]
    code = html.Code(check.code, title=FILTERS.get(check.code, ""))
    mark = html.Span(MARKS[check.held], title=SAID[check.held], role="img")
    return html.Tr(
        [
            html.Td(mark),
            html.Td([check.name, " ", code]),
            html.Td(check.figure),
            html.Td(check.needs),
        ],
        className=kind,
    )


def _opening_range(view: SymbolView) -> list[Component]:
    seen = view.range
    if seen is None:
        return []
    rows: tuple[tuple[str, Any], ...] = (
        (
            "Open, high, low, close",
            " / ".join(map(price, (seen.open, seen.high, seen.low, seen.close))),
        ),
        ("Volume", f"{seen.volume:,}"),
        (
            "Mean opening volume, 14",
            fixed(view.numbers.mean_opening_volume14 if view.numbers else None, 0),
        ),
        ("RVOL against", BASES[seen.rvol_basis] if seen.rvol_basis else NOTHING_YET),
        ("Entry level", price(seen.entry_level)),
        ("Stop distance", price(seen.stop_distance)),
        ("Feed", seen.feed),
        ("Scanned", [clock(view.scanned_at), " ", ago(view.scanned_at)]),
    )
    body = html.Tbody([html.Tr([html.Td(name), html.Td(value)]) for name, value in rows])
    return [html.H3("Opening range"), html.Table(body, className="plain pairs")]


def _findings(view: SymbolView) -> list[Component]:
    if not view.findings:
        return []
    found = [
        html.Li([html.Span(str(f.session), className="time"), " ", html.Code(f.code), f" {f.text}"])
        for f in view.findings
    ]
    return [html.H3("Found in its data"), html.Ul(found, className="found")]
