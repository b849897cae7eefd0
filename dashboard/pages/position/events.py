"""Every event of a position's life, from the scan that found its symbol."""

from __future__ import annotations

from datetime import datetime

from dash import html

from dashboard.components.figures import clock, price
from dashboard.queries.journal import Fact
from dashboard.queries.records import SignalRecord
from dashboard.queries.trade_life import TradeLife
from models.vocabulary import Severity


def events(life: TradeLife) -> list[html.Li]:
    """Return the events in the order of time: scan, signal, and what followed."""
    planned = [_planned(life.signal)] if life.signal else []
    return [*map(_event, life.scans), *planned, *map(_event, life.facts)]


def _event(fact: Fact) -> html.Li:
    return _line(fact.at, fact.kind, fact.text, fact.severity)


def _planned(signal: SignalRecord) -> html.Li:
    """Show the making of the signal: the journal tells only of what becomes of it."""
    text = (
        f"{signal.symbol} signal planned: {signal.side} at {price(signal.entry_level)}, "
        f"stop at {price(signal.planned_stop)}"
    )
    return _line(signal.created_at, "signal", text, Severity.INFO)


def _line(at: datetime, kind: str, text: str, severity: Severity) -> html.Li:
    parts = [html.Time(clock(at)), html.Span(kind, className="kind")]
    return html.Li([*parts, html.Span(text, className="text")], className=severity)
