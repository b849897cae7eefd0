"""Every list that a page, the feed or a program reads, in each of the ways it can be asked for."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session as Transaction

from dashboard import links
from dashboard.queries import (
    account,
    accounts,
    alerts,
    analytics,
    audit,
    benchmark,
    bot_cards,
    bots,
    control,
    dip,
    funding,
    health,
    history,
    journal,
    lists,
    logs,
    orders,
    positions,
    reconciliation,
    results,
    scanner,
    scanner_lists,
    scanner_symbol,
    settings,
    signal_chain,
    signals,
    status,
    today,
    trade_facts,
    trade_life,
    trade_sources,
    trades,
    versions,
)
from dashboard.queries.measures import Measure
from dashboard.queries.pages import Place
from engine.desk import Desk
from engine.errors import NotFoundError
from models.trading import Order, Signal, Trade
from models.vocabulary import (
    BotKind,
    ExitReason,
    OrderPurpose,
    OrderStatus,
    Outcome,
    SettingsKind,
    Severity,
    Side,
    SignalStatus,
    TradeStatus,
    Way,
)
from tests.dashboard.builders import DAY, NOW

Ask = Callable[[Transaction, Desk], object]

SYMBOL = "S00007"
WEEK = timedelta(days=7)
FIRST = Place(50)
OFS = {
    "all": lists.Of(),
    "of a symbol": lists.Of(symbol=SYMBOL),
    "of a session": lists.Of(session=DAY),
    "of both": lists.Of(SYMBOL, DAY),
}
TRADES: dict[str, dict[str, Any]] = {
    "all": {},
    "of a symbol": {"symbol": "S00"},
    "of one day": {"first": DAY, "last": DAY},
    "of a side": {"side": Side.LONG},
    "of a status": {"status": TradeStatus.OPEN},
    "of a strategy": {"strategy": 2},
    "of the defaults": {"strategy": 0, "risk": 0},
    "of a risk": {"risk": 2},
    "of an hour": {"hour": 10},
    "of a weekday": {"weekday": 2},
    "of a volume": {"rvol": "5 to 10"},
    "of no volume": {"rvol": "unknown"},
    "of one symbol": {"symbol": '"S00007"'},
    "of an exit": {"reason": ExitReason.STOP},
    "of a week": {"first": DAY - WEEK, "last": DAY, "symbol": SYMBOL},
}
SIGNALS: dict[str, dict[str, Any]] = {
    "of today": {},
    "of a year": {"last": DAY},
    "of a symbol": {"symbol": "S00", "last": DAY},
    "of a side": {"side": Side.LONG, "last": DAY},
    "of a status": {"status": SignalStatus.REFUSED, "first": DAY - WEEK},
}
LOGS: dict[str, dict[str, str]] = {
    **{f"from {severity}": {"severity": severity} for severity in Severity},
    **{f"of {kind}": {"kind": kind} for kind in ("job", "control", "alert", "login")},
    "rare and severe": {"kind": "login", "severity": "critical"},
    "with a rare word": {"text": "volatility"},
    "with a common word": {"text": "working"},
    "with a beginning": {"text": "s0001"},
    "with words and a kind": {"text": "working S00007", "kind": "order"},
    "without a match": {"text": "nowhere"},
}
FACTS: dict[str, dict[str, Any]] = {
    "all": {},
    "of a kind": {"kind": "control"},
    "of a severity": {"severity": Severity.CRITICAL},
    "of a scope": {"scope": "trade:77"},
    "of one cause": {"correlation_id": "run-7"},
    "of an hour": {"since": NOW - timedelta(hours=1), "until": NOW},
    "of a kind in an hour": {"kind": "login", "since": NOW - timedelta(hours=1)},
}
UNIVERSE: dict[str, dict[str, Any]] = {
    "all": {},
    "of a symbol": {"symbol": "S00"},
    "of a code": {"code": "price"},
    "of a price": {"price": Decimal(5), "shortable": True},
}
AUDITS: dict[str, dict[str, Any]] = {
    "all": {},
    "of an actor": {"actor": "nobody"},
    "of an action": {"action": "nothing"},
    "of an outcome": {"outcome": Outcome.REFUSED},
    "of a way": {"way": Way.COMMAND_LINE},
    "of an hour": {"since": NOW - timedelta(hours=1), "until": NOW},
    "of a beginning": {"actor_begins": "ott"},
}


def every_query() -> Iterator[tuple[str, Ask]]:
    """Return each way of asking, by a name."""
    yield from _live()
    yield from _of_signals()
    yield from _of_the_scanner()
    yield from _of_trades()
    yield from _of_programs()
    yield from _of_the_journal()
    yield from _of_bots()


def _with_desk(function: Callable[..., object], *rest: object, **more: object) -> Ask:
    return lambda tx, desk: function(tx, desk, *rest, **more)


def _without(function: Callable[..., object], *rest: object) -> Ask:
    return lambda tx, _desk: function(tx, *rest)


def _open_positions(tx: Transaction, desk: Desk) -> object:
    return positions.position_rows(tx, positions.open_trades(tx, desk))


def _first_of_file(tx: Transaction, wanted: audit.AuditFilter) -> object:
    return next(audit.audit_export(tx, wanted), None)


def _audit_lines(tx: Transaction, wanted: audit.AuditFilter) -> object:
    return audit.audit_lines(tx, wanted, up_to=1_000_000, offset=100, limit=100)


def _audit_count(tx: Transaction, wanted: audit.AuditFilter) -> object:
    return audit.count_audit(tx, wanted, up_to=1_000_000)


def _earlier(tx: Transaction, wanted: logs.LogFilter) -> object:
    return logs.log_facts(tx, wanted, before=1_000_000)


def _live() -> Iterator[tuple[str, Ask]]:
    yield "account", account.account_view
    yield "stored accounts", accounts.account_lines
    yield "the traded account's number", accounts.traded_number
    yield "the last switch", _without(accounts.last_switch)
    yield "P&L line", _with_desk(account.pnl_points, DAY)
    yield "P&L line from a moment on", _with_desk(account.pnl_points, DAY, NOW)
    yield "controls", lambda tx, desk: control.control_view(tx, desk.session())
    yield "paused scopes", _without(control.paused_scopes)
    yield "health", lambda _tx, desk: health.health_view(desk)
    yield "open orders", orders.open_orders
    yield "open positions", _open_positions
    yield "signals today", _with_desk(signals.signal_rows, DAY)
    yield "ranges", _without(signals.range_rows, DAY)
    yield "newest ranged", _without(signals.newest_ranged, DAY, None)
    yield "one range", _without(signals.range_of, DAY, SYMBOL)
    yield "scanned at", _without(signals.scanned_at, DAY)
    yield "status", status.status_view
    yield "parts", status.part_views
    yield "engine_trouble", status.engine_trouble
    yield "closed today", _with_desk(today.closed_trades, DAY)
    yield "differences", reconciliation.difference_lines
    yield "days tied", reconciliation.day_ties
    for kind in SettingsKind:
        yield f"versions of {kind}", _without(settings.version_rows, kind)


def _of_signals() -> Iterator[tuple[str, Ask]]:
    for name, said in SIGNALS.items():
        wanted = signal_chain.SignalFilter(**said)
        yield f"chains {name}", _with_desk(signal_chain.chain_rows, wanted, limit=100)
        yield f"count of chains {name}", _with_desk(signal_chain.count_signals, wanted)


def _of_the_scanner() -> Iterator[tuple[str, Ask]]:
    yield "scanner's health", scanner.scanner_health
    yield "newest universe", _without(scanner.newest_universe)
    yield "newest scan", _without(scanner.newest_scan)
    yield "beyond the window", scanner.beyond_window
    yield "fetches", _without(scanner.fetch_views)
    yield "scanner's commands", _without(scanner.scanner_commands)
    yield "a symbol's session", _with_desk(scanner_symbol.symbol_view, SYMBOL, DAY)
    for name, said in UNIVERSE.items():
        chosen = scanner_lists.UniverseFilter(**said)
        for column in ("symbol", "atr14"):
            part = scanner_lists.Part([(column, True)], 0, 100)
            lines = _without(scanner_lists.universe_lines, DAY, chosen, part)
            yield f"symbols {name} by {column}", lines
        yield f"count of symbols {name}", _without(scanner_lists.count_universe, DAY, chosen)
    for code in ("", "rvol"):
        part = scanner_lists.Part(limit=100)
        found = _without(scanner_lists.candidate_lines, "simulated", DAY, code, part)
        yield f"opening ranges {code}", found
        yield f"count of ranges {code}", _without(scanner_lists.count_candidates, DAY, code)
    for finding in (scanner_lists.FindingFilter(), scanner_lists.FindingFilter(code="jump")):
        part = scanner_lists.Part(limit=100)
        yield f"findings {finding.code}", _without(scanner_lists.finding_lines, finding, part)
        yield f"count of findings {finding.code}", _without(scanner_lists.count_findings, finding)


def _of_trades() -> Iterator[tuple[str, Ask]]:
    for name, said in TRADES.items():
        wanted = trades.TradeFilter(**said)
        yield f"trades {name}", _with_desk(trades.trade_lines, wanted, limit=100)
        yield f"count of trades {name}", _with_desk(trades.count_trades, wanted)
        yield f"history {name}", _with_desk(history.history_view, wanted)
        yield f"analytics {name}", _with_desk(analytics.analytics_view, wanted)
        by = Measure.WITHOUT_STOP
        yield f"one measure {name}", _with_desk(analytics.measured_view, wanted, by)
    for column in trades.SORTABLE:
        sort = [(column, True)]
        anything = trades.TradeFilter()
        yield f"trades by {column}", _with_desk(trades.trade_lines, anything, sort=sort, limit=9)
    for word in analytics.BY:
        yield f"trades grouped by {word}", _with_desk(analytics.grouped_by, wanted, word)
    yield "the market", _with_desk(benchmark.comparison, [DAY - WEEK, DAY])
    yield "allocation", analytics.allocation_now
    yield "sectors", _without(results.sectors_of, {SYMBOL})
    yield "versions to choose", _without(versions.newest_versions, SettingsKind.RISK)
    for of in (trades.TradeFilter(strategy=0), trades.TradeFilter(strategy=2, risk=1)):
        yield f"in force {of.strategy}", _with_desk(versions.in_force, of)
    yield "a trade's life", _with_desk(trade_life.trade_life, 4_321)
    yield "what a trade's figures come from", _trade_sources
    yield "the scans that found a trade", _trade_scans
    yield "a trade's facts", _trade_facts
    yield "the way from an order", _without(links._of_order, 5)
    yield "the way from a signal", _without(links._of_signal, 5)
    for first in (None, DAY - WEEK):
        yield f"performance from {first}", _with_desk(results.performance, first, None)
        yield f"daily summaries from {first}", _with_desk(results.daily_summaries, first, None)
        yield f"P&L days from {first}", _with_desk(results.pnl_days, first, None)


def _of_programs() -> Iterator[tuple[str, Ask]]:
    for name, of in OFS.items():
        yield f"orders {name}", _with_desk(lists.order_page, of, None, FIRST)
        yield f"fills {name}", _with_desk(lists.fill_page, of, FIRST)
        yield f"trades {name}, by program", _with_desk(lists.trade_page, of, None, FIRST)
        yield f"signals {name}", _with_desk(lists.signal_page, of, None, FIRST)
    of = lists.Of()
    yield "rejected orders", _with_desk(lists.order_page, of, OrderStatus.REJECTED, FIRST)
    yield "open trades", _with_desk(lists.trade_page, of, TradeStatus.OPEN, FIRST)
    yield "refused signals", _with_desk(lists.signal_page, of, SignalStatus.REFUSED, FIRST)
    for day in (None, DAY):
        yield f"snapshots of {day}", _with_desk(lists.snapshot_page, day, FIRST)
    yield "points of a position", _without(lists.position_points, 77, FIRST)
    yield "days", _with_desk(lists.day_page, FIRST)
    yield "universe", _without(lists.universe_page, DAY, FIRST)
    yield "candidates", _without(lists.candidate_page, DAY, FIRST)
    yield "commands", _without(lists.command_page, FIRST)
    yield "versions", _without(lists.version_page, None, FIRST)


def _of_the_journal() -> Iterator[tuple[str, Ask]]:
    yield "newest number", _without(journal.last_seq)
    yield "facts after", _without(journal.facts_after, 1_000_000)
    yield "newest facts", _without(journal.newest_facts, 60, 1_500_000)
    yield "told about", _without(journal.told_about, ["trade:77", "order:5", "order:6"])
    for name, said in LOGS.items():
        lines = logs.read_log_filter(said)
        yield f"logs {name}", _without(logs.log_facts, lines)
        yield f"earlier logs {name}", _without(_earlier, lines)
    for name, asked in FACTS.items():
        yield f"facts {name}", _without(lists.fact_page, lists.FactFilter(**asked), FIRST)
    for name, asked in AUDITS.items():
        wanted = audit.AuditFilter(**asked)
        yield f"audit {name}", _without(audit.audit_page, wanted, FIRST)
        yield f"audit file {name}", _without(_first_of_file, wanted)
        yield f"audit table {name}", _without(_audit_lines, wanted)
        yield f"count of audit {name}", _without(_audit_count, wanted)
    for only_open in (True, False):
        seen = alerts.AlertFilter(only_open=only_open)
        yield f"alerts, only open: {only_open}", _without(alerts.alert_page, seen, FIRST)
    yield "some alerts", _without(alerts.alert_records, [5, 6])
    yield "open alerts", _without(alerts.open_alerts, 500)
    yield "open alerts themselves", _without(alerts.standing_alerts, 100)
    yield "channels", alerts.channel_records
    yield "newest audited", _without(audit.newest_audited)
    yield "audited actions", _without(audit.audited_actions)


def _of_bots() -> Iterator[tuple[str, Ask]]:
    one, some = 1, [1, 2]
    yield "bots", _without(bots.bot_views)
    yield "one bot", _without(_one_bot)
    for kind in BotKind:
        yield f"numbers of {kind} bots", _without(bots.bot_numbers, kind)
    yield "odd lines", _without(bots.odd_line_page, one, FIRST)
    for symbol in (None, SYMBOL):
        yield f"dip trades of {symbol}", _without(dip.dip_trade_page, some, FIRST, symbol)
        yield f"opportunities of {symbol}", _without(dip.opportunity_page, some, FIRST, symbol)
        for reason in (None, "wash_sale"):
            skips = _without(dip.skip_page, some, FIRST, symbol, reason)
            yield f"skips of {symbol} for {reason}", skips
        yield f"funding of {symbol}", _without(funding.funding_page, some, FIRST, symbol)
    for since in (None, NOW - WEEK):
        yield f"best scores since {since}", _without(dip.best_scores, some, since, 20)
        yield f"brakes since {since}", _without(dip.brake_page, some, FIRST, since)
        yield f"wash sales since {since}", _without(dip.wash_sales, some, since)
        yield f"dips since {since}", _without(dip.dip_distribution, some, since)
    yield "dip accounts", _without(dip.dip_account_page, some, FIRST)
    yield "newest dip account", _without(dip.newest_account, one)
    yield "newest brake", _without(dip.newest_brake, one)
    yield "equity", _without(dip.equity_points, one, NOW - WEEK)
    yield "cards", _without(bot_cards.bot_cards)
    yield "a dip bot", _without(bot_cards.dip_view, one)
    yield "dip days", _without(dip.dip_day_page, one, FIRST)
    yield "dip positions", _without(dip.dip_positions, one)
    yield "funding positions", _without(funding.funding_positions, one)


def _one_bot(tx: Transaction) -> None:
    """Each way to one bot; here there is none."""
    for ask in (bots.bot_view, bots.known_bot):
        with suppress(NotFoundError):
            ask(tx, 1)
    with suppress(NotFoundError):
        bots.only_bot(tx, BotKind.DIP)


def _trade_sources(tx: Transaction, desk: Desk) -> object:
    signal = Signal(risk_version=3)
    return trade_sources.sources_of(tx, desk, _trade(desk), signal, None)


def _trade_scans(tx: Transaction, desk: Desk) -> object:
    return trade_facts.scans_of(tx, _trade(desk))


def _trade_facts(tx: Transaction, desk: Desk) -> object:
    order = Order(id=7, purpose=OrderPurpose.EXIT, correlation_id="c-1")
    trade = _trade(desk)
    trade.id = 77
    return trade_facts.facts_of(tx, trade, [order])


def _trade(desk: Desk) -> Trade:
    return Trade(account=desk.account, session=DAY, symbol="S00001")
