"""A period's figures."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard.components.figures import dollars, fixed, gain, multiple, percent
from dashboard.queries.benchmark import BENCHMARK
from dashboard.queries.history import HistoryView

CONVENTIONS = {
    "Win rate": "Winners / all trades; a trade of exactly zero is no winner",
    "Profit factor": "Gains / losses; none without a loss",
    "Expectancy": "Mean P&L as a multiple of what the stop would have cost",
    "Sharpe": "Mean daily return / its deviation, a year of 252 sessions, risk-free rate 0",
    "Sortino": "Mean daily return / root mean square of the falls, a year of 252 sessions",
    "Max drawdown": "Greatest fall from a peak, day by day",
    "Return": "P&L of these trades / equity before the first day",
    BENCHMARK: "Its return from the close before the first day to the last close that is known",
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
        *_against_market(view),
    ]
    return [_metric(name, value) for name, value in shown]


def _against_market(view: HistoryView) -> list[tuple[str, Any]]:
    """Return the desk's return and the market's, where both are known."""
    if view.benchmark is None or view.total_return is None:
        return []
    market = view.benchmark.returns[-1]
    return [
        ("Return", percent(view.total_return, 2)),
        (BENCHMARK, percent(market, 2)),
        (f"Above {BENCHMARK}", percent(view.total_return - market, 2)),
    ]


def conventions() -> html.Details:
    """Show how the figures are computed, for whoever has no pointer to hover with."""
    told = [part for name, how in CONVENTIONS.items() for part in (html.Dt(name), html.Dd(how))]
    return html.Details(
        [html.Summary("How these figures are computed"), html.Dl(told)], className="conventions"
    )


def _metric(name: str, value: Any) -> html.Div:
    parts = [html.Span(name, className="label"), html.Span(value, className="value")]
    return html.Div(parts, className="figure", title=CONVENTIONS.get(name))
