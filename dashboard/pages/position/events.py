"""Every event of a position's life, from the scan that found its symbol."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from dash import html

from dashboard.components.figures import clock, many, price
from dashboard.queries.journal import Fact
from dashboard.queries.records import SignalRecord
from dashboard.queries.trade_life import TradeLife
from dashboard.queries.trades import TradeLine
from models.vocabulary import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line: when, what, and where more of it stands."""

    at: datetime
    kind: str
    text: str
    severity: Severity = Severity.INFO
    scope: str = ""
    href: str = ""


def events(life: TradeLife) -> list[html.Li]:
    """Return the events in the order of the seconds that they show.

    Within one second the scan comes first, then the signal, then facts by their numbers.
    """
    found = sorted(_found(life), key=lambda event: event.at.replace(microsecond=0))
    return [_line(event) for event in found]


def _found(life: TradeLife) -> Iterator[Event]:
    for scan in life.scans:
        yield _event(scan, life.trade)
    if life.signal:
        yield _planned(life.signal, life.trade)
    for fact in life.facts.first:
        yield _event(fact, life.trade)
    if life.facts.left_out:
        yield _gap(life)
    for fact in life.facts.last:
        yield _event(fact, life.trade)


def _event(fact: Fact, trade: TradeLine) -> Event:
    return Event(
        at=fact.at,
        kind=fact.kind,
        text=fact.text + _exchange_time(fact),
        severity=fact.severity,
        scope=fact.scope,
        href=_place(fact.kind, fact.scope, trade),
    )


def _exchange_time(fact: Fact) -> str:
    """Say when the exchange did it, where the desk wrote it down in another second."""
    filled_at = fact.body.get("filled_at")
    if not filled_at:
        return ""
    there = clock(datetime.fromisoformat(str(filled_at)))
    return "" if there == clock(fact.at) else f", at the exchange at {there}"


def _planned(signal: SignalRecord, trade: TradeLine) -> Event:
    """Show the making of the signal: the journal tells only of what becomes of it."""
    text = (
        f"{signal.symbol} signal planned: {signal.side} at {price(signal.entry_level)}, "
        f"stop at {price(signal.planned_stop)}"
    )
    scope = f"signal:{signal.id}"
    href = _place("signal", scope, trade)
    return Event(at=signal.created_at, kind="signal", text=text, scope=scope, href=href)


def _gap(life: TradeLife) -> Event:
    text = f"{many(life.facts.left_out, 'fact')} left out here; the logs have them all"
    scope = f"trade:{life.trade.id}"
    href = _place("trade", scope, life.trade)
    return Event(at=life.facts.first[-1].at, kind="\N{HORIZONTAL ELLIPSIS}", text=text, href=href)


def _place(kind: str, scope: str, trade: TradeLine) -> str:
    """Return where more of a fact stands: the scan and the signals of the day, or the logs."""
    if kind == "scan":
        return f"/scanner?session={trade.session}&show={trade.symbol}"
    if kind == "signal":
        words = {"symbol": trade.symbol, "first": trade.session, "last": trade.session}
        return f"/signals?{urlencode(words)}"
    return f"/logs?{urlencode({'severity': Severity.DEBUG, 'text': scope})}"


def _line(event: Event) -> html.Li:
    parts = [html.Time(clock(event.at)), html.Span(event.kind, className="kind")]
    more = html.A(event.scope or "more", href=event.href, className="inside")
    text = html.Span([*_grave(event.severity), html.Span(event.text), " ", more], className="text")
    return html.Li([*parts, text], className=event.severity)


def _grave(severity: Severity) -> list[html.Strong | str]:
    """Say how grave something is, before its words: the colour only repeats it."""
    if severity.rank < Severity.WARNING.rank:
        return []
    return [html.Strong(f"\N{BLACK UP-POINTING TRIANGLE} {severity}", className="grave"), " "]
