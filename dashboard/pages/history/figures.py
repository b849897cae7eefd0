"""A period's figures."""

from __future__ import annotations

from datetime import date
from typing import Any

from dash import html

from dashboard.components.figures import dollars, fixed, gain, multiple, percent, short_day
from dashboard.components.panels import NOTHING_YET
from dashboard.queries.benchmark import Comparison
from dashboard.queries.history import HistoryView
from models.market_data import BENCHMARK

ABOVE = f"Above {BENCHMARK}"
SESSIONS = (
    "Of finished sessions, at least two; one without such a trade counts as 0, of a version only "
    "while it was in force"
)
CONVENTIONS = {
    "Win rate": "Winners / all trades; a trade of exactly zero is no winner",
    "Profit factor": "Gains / losses; none without a loss",
    "Expectancy": "Mean P&L as a multiple of what the stop would have cost",
    "Sharpe": "Mean daily return / its deviation, a year of 252 sessions, risk-free rate 0. "
    + SESSIONS,
    "Sortino": "Mean daily return / root mean square of the falls, a year of 252 sessions. "
    + SESSIONS,
    "Max drawdown": "Greatest fall from a peak, day by day, from the equity before the first day",
    "Max drawdown %": "Greatest fall as a part of the peak that it was from",
    "Return": "P&L of these trades / equity before the first day",
    BENCHMARK: "Its return from the close before the first day to the last close that is known",
    ABOVE: "The return of these trades to the end of that day, less its own",
}


def metrics(view: HistoryView) -> list[html.Div]:
    """Return the figures of a period, each with its convention for whoever hovers."""
    trades, ratios = view.trades, view.ratios
    shown: list[tuple[str, Any]] = [
        ("Total P&L", gain(trades.total)),
        ("Trades", f"{trades.trades:,}"),
        ("Win rate", percent(trades.win_rate)),
        ("Average win", dollars(trades.average_win)),
        ("Average loss", dollars(trades.average_loss)),
        ("Profit factor", fixed(trades.profit_factor)),
        ("Expectancy", multiple(trades.expectancy_r)),
        ("Sharpe", fixed(ratios.sharpe)),
        ("Sortino", fixed(ratios.sortino)),
        ("Max drawdown", dollars(-ratios.max_drawdown)),
        ("Max drawdown %", _fall(ratios.max_drawdown_part)),
        ("Return", percent(view.total_return, 2)),
        *_against_market(view, view.benchmark),
    ]
    return [_metric(name, value) for name, value in shown]


def _against_market(view: HistoryView, market: Comparison | None) -> list[tuple[str, Any]]:
    """Return the market's return, and how far the desk's was above it on the same last day."""
    if market is None:
        return [(BENCHMARK, NOTHING_YET)]
    if not market.days:
        return [(BENCHMARK, _why_unknown(market, view.days[0].day))]
    last, part = market.days[-1], market.returns[-1]
    until = html.Small(f" to {short_day(last)}")
    desks = view.return_until(last)
    above = NOTHING_YET if desks is None else [percent(desks - part, 2), until]
    return [(BENCHMARK, [percent(part, 2), until]), (ABOVE, above)]


def _why_unknown(market: Comparison, first: date) -> str:
    if market.begins is None:
        return "no bars"
    return "no close yet" if market.begins < first else f"no bars before {short_day(market.begins)}"


def _fall(part: float | None) -> str:
    return percent(None if part is None else -part, 2)


def conventions() -> html.Details:
    """Show how the figures are computed, for whoever has no pointer to hover with."""
    told = [part for name, how in CONVENTIONS.items() for part in (html.Dt(name), html.Dd(how))]
    return html.Details(
        [html.Summary("How these figures are computed"), html.Dl(told)], className="conventions"
    )


def _metric(name: str, value: Any) -> html.Div:
    parts = [html.Span(name, className="label"), html.Span(value, className="value")]
    return html.Div(parts, className="figure", title=CONVENTIONS.get(name))
