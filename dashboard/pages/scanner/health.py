"""The head of the Scanner page: what the next scan rests on, and each session that is held."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components.figures import clock, day
from dashboard.components.panels import NOTHING_YET
from dashboard.queries.scanner import HeldSession, ScannerCommand, ScannerHealth

AGO = "ago"  # assets/scanner.js keeps these ages going


def figures(health: ScannerHealth) -> list[Component]:
    """Show what there is, with its source and age."""
    return [
        _figure("Universe", f"{health.universe:,}", _universe(health)),
        _figure("Scan", clock(health.scanned_at), _scan(health)),
        _figure("Sessions held", _held(health), _gaps(health)),
        _figure("Daily bars", f"{health.rows:,}", f"newest {day(health.newest_bars)}"),
        _figure("Last sync", clock(health.last_sync), ago(health.last_sync)),
        _figure(
            "Findings",
            f"{health.findings:,}",
            html.A("in the data", href="#findings", className="findings-of"),
        ),
        _figure("Daily source", health.daily_source, f"{health.daily_feed} volume"),
        _figure("Scan feed", health.scan_feed, _comparable(health)),
    ]


def sessions_table(sessions: Sequence[HeldSession]) -> html.Table | html.P:
    """List the finished sessions of the window; what is missing says so."""
    if not sessions:
        return html.P("No session of the window is over yet.", className="empty")
    names = ("Session", "Bars", "Source", "Stored", "Findings")
    head = html.Tr([html.Th(name) for name in names])
    rows = [html.Tr(_cells(held), className="gap" if held.is_gap else "") for held in sessions]
    return html.Table([html.Thead(head), html.Tbody(rows)], className="plain sessions")


def commands(asked: Sequence[ScannerCommand]) -> list[html.Li]:
    """Show what people asked for, and how far the engine is with it."""
    return [
        html.Li(
            [
                html.Span(clock(each.requested_at), className="time"),
                html.Span(each.kind.replace("_", " ").capitalize()),
                html.Span(str(each.status), className=f"status {each.status}"),
                html.Span(each.actor, className="time"),
                html.Small(each.answer or ""),
            ],
            className="command",
        )
        for each in asked
    ]


def ago(at: datetime | None) -> html.Span:
    """Show an age that goes on rising."""
    moment: Any = {"data-at": at.isoformat()} if at else {}
    return html.Span("", className=AGO, **moment)


def _figure(label: str, value: Any, source: Any) -> html.Div:
    parts = [
        html.Span(label, className="label"),
        html.Span(value, className="value"),
        html.Span(source, className="source"),
    ]
    return html.Div(parts, className="figure")


def _universe(health: ScannerHealth) -> str:
    if health.universe_session is None:
        return "made on a session's morning"
    return f"{health.complete:,} complete, for {day(health.universe_session)}"


def _scan(health: ScannerHealth) -> str:
    if health.scanned_at is None:
        return f"none yet on {day(health.session)}"
    return f"{health.ranked:,} ranked on {day(health.session)}"


def _held(health: ScannerHealth) -> html.Span:
    held = len(health.sessions) - len(health.gaps)
    text = f"{held} of {len(health.sessions)}"
    return html.Span(text, className="loss" if health.gaps else "")


def _gaps(health: ScannerHealth) -> str:
    gaps = health.gaps
    if not gaps:
        return f"no gaps, window of {health.window}"
    more = f" and {len(gaps) - 1} more" if len(gaps) > 1 else ""
    return f"missing: {gaps[0]}{more}"


def _comparable(health: ScannerHealth) -> str:
    if health.scan_feed == health.daily_feed:
        return "as the daily bars"
    return "compared with its own past alone"


def _cells(held: HeldSession) -> list[html.Td]:
    moment: Any = {"data-session": str(held.session)}
    link = html.A(f"{held.findings:,}", href="#findings", className="findings-of", **moment)
    return [
        html.Td(str(held.session)),
        html.Td(_bars(held)),
        html.Td(held.source or NOTHING_YET),
        html.Td(clock(held.synced_at)),
        html.Td(link if held.findings else "0"),
    ]


def _bars(held: HeldSession) -> str:
    if held.symbols is None:
        return "missing"
    return f"{held.symbols:,}" if held.symbols else "none at the source"
