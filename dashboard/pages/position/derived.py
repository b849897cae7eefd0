"""How a position's P&L, its multiple of the risk and its size follow from what is stored."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal

from dash import html

from dashboard.components.figures import clock, dollars, fixed, gain, gain_r, percent
from dashboard.pages.position.steps import OVER, TIMES, Cells, Step, exactly, table, unknown
from dashboard.queries.records import SignalRecord
from dashboard.queries.trade_life import TradeLife
from dashboard.queries.trade_sources import AccountThen, Sources
from models.money import ZERO
from models.trading_settings import RiskBasis, RiskSettings
from models.vocabulary import Side

Cap = tuple[str, Decimal]  # how it is computed, and the shares that it leaves


def pnl(life: TradeLife) -> Step:
    """Return the P&L: what was paid and received, and what is held at the last price."""
    trade, now = life.trade, life.position
    left = sum(fill.quantity for fill in life.fills if fill.side is trade.side.exit)
    rows = _realised(life, left) if left else []
    if now is not None and now.last is not None and now.pnl is not None:
        rows += _held(life, now.last, now.pnl - trade.pnl)
        rows += [("Realised and open together", gain(now.pnl))] if left else []
    return Step(gain(now.pnl if now else trade.pnl), table(rows))


def in_r(life: TradeLife) -> Step:
    """Return how many times the planned risk the P&L is."""
    trade, now = life.trade, life.position
    amount, multiple = (now.pnl, now.pnl_r) if now else (trade.pnl, trade.pnl_r)
    if amount is None or multiple is None or trade.stop_distance is None:
        return unknown("without a known price or risk")
    risk = trade.stop_distance * trade.quantity
    each = f"{exactly(trade.stop_distance)} {TIMES} {trade.quantity:,} shares"
    rows: list[Cells] = [
        ("Risk per share: the planned stop distance", exactly(trade.stop_distance)),
        (f"Planned risk: {each}", dollars(risk)),
        (f"P&L {OVER} planned risk: {fixed(amount)} {OVER} {fixed(risk)}", gain_r(multiple)),
    ]
    return Step(gain_r(multiple), table(rows))


def size(life: TradeLife) -> Step:
    """Return why the entry was for so many shares (engine.rules.sizing), from what is stored."""
    signal, risk, account = life.signal, life.sources.risk, life.sources.account
    if signal is None:
        return unknown("none: adopted")
    if risk is None or account is None:
        return unknown("the settings or the account of that moment are not kept")
    caps = _caps(signal, risk, account)
    least = int(min(shares for _how, shares in caps).to_integral_value(rounding=ROUND_FLOOR))
    rows: list[Cells] = [
        ("Settings", _settings(life.sources)),
        (f"Equity as recorded at {clock(account.at)}", dollars(account.equity)),
        *((how, f"{fixed(shares)} shares") for how, shares in caps),
        ("The least of these, whole shares", f"{least:,}"),
        ("Ordered", f"{signal.quantity:,}"),
    ]
    return Step(f"{signal.quantity:,} shares", html.Div([table(rows), *_rest(least, signal)]))


def _settings(sources: Sources) -> str:
    """Name the version that the size was computed with, as far as that is known."""
    version = f"risk version {sources.risk_version}"
    return version if sources.is_of_order else f"{version}, of the signal: the order's is not kept"


def _caps(signal: SignalRecord, risk: RiskSettings, account: AccountThen) -> list[Cap]:
    level, equity, slots = signal.entry_level, account.equity, risk.max_positions
    by_slot = risk.risk_basis is RiskBasis.SLOT
    places = f" {OVER} {slots} positions"
    at_level = f" {OVER} level {exactly(level)}"
    at_risk = f"Risk: {percent(risk.risk_per_trade, 2)} of the equity{places if by_slot else ''}"
    risked = risk.risk_per_trade * equity / (slots if by_slot else 1) / signal.stop_distance
    borrowed = risk.max_leverage * equity / slots / level
    caps = [
        (f"{at_risk} {OVER} stop distance {exactly(signal.stop_distance)}", risked),
        (f"Leverage: {risk.max_leverage} {TIMES} equity{places}{at_level}", borrowed),
    ]
    if risk.max_notional is not None:
        most = f"Most in one symbol: {dollars(risk.max_notional)}{at_level}"
        caps.append((most, risk.max_notional / level))
    return caps


def _rest(least: int, signal: SignalRecord) -> list[html.P]:
    """Say what is missing where the stored figures do not give the very size."""
    if least == signal.quantity:
        return []
    words = (
        "The equity of the very moment, and its buying power shared among the free places, "
        "which limits the size too, are not kept."
    )
    return [html.P(words, className="empty")]


def _realised(life: TradeLife, shares: int) -> list[Cells]:
    """Return what the shares that were left again cost and brought."""
    trade = life.trade
    first, then = ("Bought", "Sold") if trade.side is Side.LONG else ("Sold", "Bought back")
    left = trade.exit_price or ZERO
    return [
        _amount(first, shares, trade.entry_price),
        _amount(then, shares, left),
        ("Difference: realised", gain(trade.pnl)),
    ]


def _held(life: TradeLife, last: Decimal, amount: Decimal) -> list[Cells]:
    """Return what the shares that are still held cost, and are worth at the last price."""
    trade = life.trade
    first = "Bought" if trade.side is Side.LONG else "Sold"
    return [
        _amount(f"Still open. {first}", trade.open_quantity, trade.entry_price),
        _amount("At the last price", trade.open_quantity, last),
        ("Difference: open", gain(amount)),
    ]


def _amount(what: str, shares: int, each: Decimal) -> Cells:
    return f"{what} {shares:,} {TIMES} {exactly(each)}", dollars(each * shares)
