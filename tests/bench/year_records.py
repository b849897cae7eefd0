"""What a year of trading leaves beside it: snapshots, opening ranges, daily bars, the audit."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby

import numpy as np

from engine.actions.audit import BEGINNING
from engine.market_hours import Session
from models.vocabulary import (
    CommandKind,
    CommandStatus,
    DifferenceStatus,
    Outcome,
    RvolBasis,
    Way,
)
from tests.bench.year_trading import ACCOUNT, FEED, SIGNALS_A_DAY, SYMBOLS, Plan, Row

EQUITY = 100_000_000_000  # at the first open, in millionths
BENCHMARK = "SPY"
AUDIT_ROWS = 20_000
ACTIONS = ("log in", "pause", "resume", "change settings", "close position", "flatten")


def days(plans: Sequence[Plan]) -> Iterator[Row]:
    """Return what each finished session came to."""
    equity = EQUITY
    for session, group in groupby(plans, key=lambda plan: plan.session):
        traded = [plan for plan in group if plan.trade is not None]
        if any(plan.closed_at is None for plan in traded):
            return
        pnl = sum(plan.pnl for plan in traded)
        yield {
            "account": ACCOUNT,
            "session": session.day,
            "starting_equity": equity,
            "ending_equity": equity + pnl,
            "pnl": pnl,
            "residual": 0,
            "trades": len(traded),
            "winners": sum(plan.pnl > 0 for plan in traded),
            "losers": sum(plan.pnl < 0 for plan in traded),
            "max_drawdown": 0,
            "signals": SIGNALS_A_DAY,
            "naked_seconds": 2.5,
            "flat": True,
            "flat_at": session.flatten_at,
            "reconciled": True,
            "closed_at": session.closes_at,
        }
        equity += pnl


def account_now(equity: int, session: Session, now: datetime) -> Row:
    """Return the account as the broker shows it."""
    return {
        "account": ACCOUNT,
        "at": now,
        "session": session.day,
        "equity": equity + 812_500_000,
        "cash": equity,
        "buying_power": equity * 4,
        "long_value": equity // 2,
        "short_value": -equity // 4,
        "starting_equity": equity,
    }


def account_snapshots(sessions: Sequence[Session], now: datetime) -> Iterator[Row]:
    """Return a point of the equity curve for each minute up to now."""
    random = np.random.default_rng(2)
    for session in sessions:
        walk = random.normal(0, 40, session.minutes).cumsum()
        for minute, pnl in enumerate((walk * 1_000_000).astype(int).tolist()):
            at = session.opens_at + timedelta(minutes=minute)
            if at > now:
                return
            yield {
                "account": ACCOUNT,
                "session": session.day,
                "at": at,
                "equity": EQUITY + pnl,
                "cash": EQUITY,
                "buying_power": EQUITY * 4,
                "day_pnl": pnl,
                "open_positions": 3,
            }


def position_snapshots(plans: Sequence[Plan], now: datetime) -> Iterator[Row]:
    """Return the first thirty minutes of each position."""
    for plan in plans:
        end = plan.closed_at or now
        moments = (plan.opened_at + timedelta(minutes=minute) for minute in range(1, 31))
        for at in (at for at in moments if plan.trade is not None and at < end):
            yield {
                "trade_id": plan.trade,
                "symbol": plan.symbol,
                "at": at,
                "quantity": plan.side.sign * plan.quantity,
                "price": plan.level,
                "stop_price": plan.level - plan.side.sign * plan.distance,
                "unrealised": plan.pnl // 2,
            }


def opening_ranges(plans: Sequence[Plan]) -> Iterator[Row]:
    """Return the ranges of every symbol in each session: those of the signals passed."""
    for session, group in groupby(plans, key=lambda plan: plan.session):
        by_symbol = {plan.symbol: plan for plan in group}
        for symbol in SYMBOLS:
            yield _range(session, symbol, by_symbol.get(symbol))


def _range(session: Session, symbol: str, plan: Plan | None) -> Row:
    level = plan.level if plan else 50_000_000
    sign = plan.side.sign if plan else 1
    return {
        "session": session.day,
        "symbol": symbol,
        "open": level - sign * 800_000,
        "high": level + (0 if sign == 1 else 900_000),
        "low": level - (900_000 if sign == 1 else 0),
        "close": level - sign * 100_000,
        "volume": 250_000,
        "direction": sign,
        "rvol": plan.rvol if plan else 0.8,
        "rvol_basis": RvolBasis.OPENING_RANGE,
        "atr14": plan.distance * 10 if plan else 1_000_000,
        "avg_volume14": 2_500_000.0,
        "rank": plan.rank if plan else None,
        "passed": plan is not None,
        "failed": [] if plan else ["rvol"],
        "entry_level": level,
        "stop_distance": plan.distance if plan else 100_000,
        "feed": FEED,
        "scanned_at": session.scan_at,
    }


def universe(sessions: Sequence[Session]) -> Iterator[Row]:
    """Return the numbers of the symbols for the sessions that are kept."""
    for session in sessions[-30:]:
        for symbol in SYMBOLS:
            yield {
                "session": session.day,
                "symbol": symbol,
                "last_close": 50_000_000,
                "atr14": 1_000_000,
                "avg_volume14": 2_500_000.0,
                "mean_opening_volume14": 100_000.0,
                "tradable": True,
                "shortable": True,
                "failed": [],
                "source": FEED,
            }


def daily_bars(sessions: Sequence[Session]) -> Iterator[Row]:
    """Return thirty sessions of every symbol, and the whole year of the market itself."""
    random = np.random.default_rng(3)
    level = 600_000_000
    for at, session in enumerate(sessions[:-1]):
        level = int(level * (1 + random.normal(0.0004, 0.009)))
        symbols = (BENCHMARK, *SYMBOLS) if at >= len(sessions) - 30 else (BENCHMARK,)
        for symbol in symbols:
            close = level if symbol == BENCHMARK else 50_000_000
            yield {
                "session": session.day,
                "symbol": symbol,
                "open": close,
                "high": close + 1_000_000,
                "low": close - 1_000_000,
                "close": close,
                "volume": 5_000_000,
                "source": FEED,
            }


def differences(sessions: Sequence[Session]) -> Iterator[Row]:
    """Return two differences of each session with the broker, which ended by themselves."""
    for session in sessions:
        for code in ("quantity", "missing_order"):
            yield {
                "account": ACCOUNT,
                "code": code,
                "symbol": SYMBOLS[session.day.day],
                "sentence": "The broker holds fewer shares than the desk.",
                "status": DifferenceStatus.RESOLVED,
                "resolution": "the fill arrived",
                "found_at": session.scan_at,
                "seen_at": session.scan_at,
                "ended_at": session.scan_at + timedelta(seconds=4),
            }


def commands(sessions: Sequence[Session]) -> Iterator[Row]:
    """Return what people asked the engine for, once a session."""
    for session in sessions:
        yield {
            "kind": CommandKind.CLOSE_POSITION,
            "body": {"trade_id": 1},
            "status": CommandStatus.DONE,
            "actor": "otto",
            "reason": "too wide",
            "answer": "closed",
            "correlation_id": f"click-{session.day}",
            "requested_at": session.scan_at,
            "finished_at": session.scan_at + timedelta(seconds=2),
        }


def audit(sessions: Sequence[Session]) -> Iterator[Row]:
    """Return audit rows spread over the year; their chain is not kept, for nobody follows it."""
    each = AUDIT_ROWS // len(sessions)
    for number in range(AUDIT_ROWS):
        session = sessions[min(number // each, len(sessions) - 1)]
        yield {
            "at": session.opens_at + timedelta(seconds=number % each * 60),
            "actor": ("anna", "otto", "vera")[number % 3],
            "role": "operator",
            "way": Way.PAGE if number % 4 else Way.API,
            "address": "127.0.0.1",
            "action": ACTIONS[number % len(ACTIONS)],
            "target": f"session:{session.day}",
            "reason": "",
            "before": None,
            "after": None,
            "outcome": Outcome.DONE if number % 7 else Outcome.REFUSED,
            "sentence": None,
            "correlation_id": f"click-{number}",
            "previous_hash": BEGINNING,
            "hash": f"{number:064}",
        }
