"""What Prometheus is told: the requests of this process, and the desk as its books say it is."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session as Transaction

from dashboard.feed.feed import Feed
from dashboard.queries.account import account_view
from dashboard.queries.journal import last_seq
from dashboard.queries.positions import open_trades, position_rows
from dashboard.queries.spreads import spread
from dashboard.queries.status import part_views
from engine.desk import Desk
from models.control import JobRun
from models.reconciliation import DifferenceRow
from models.statuses import OPEN_ORDER_STATUSES
from models.trading import Fill, Order, Signal, Trade
from models.vocabulary import DifferenceStatus

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Observed:
    """The figures of one process."""

    def __init__(self, desk: Desk, feed: Feed) -> None:
        self.registry = CollectorRegistry()
        readers = Gauge("bellwether_feed_readers", "Open feeds.", registry=self.registry)
        readers.set_function(lambda: feed.taken)
        most = Gauge("bellwether_feed_limit", "Feeds that may be open.", registry=self.registry)
        most.set(feed.limit)
        self._requests = Counter(
            "bellwether_requests",
            "Requests answered.",
            ("method", "endpoint", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "bellwether_request_seconds",
            "How long requests took.",
            ("endpoint",),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.registry.register(_Books(desk))

    def request(self, method: str, endpoint: str, status: int, seconds: float) -> None:
        """Count a request; methods that somebody invented are one, or they would never end."""
        known = method if method in METHODS else "other"
        self._requests.labels(known, endpoint, str(status)).inc()
        self._seconds.labels(endpoint).observe(seconds)


class _Books:
    """Reads the desk's books at each scrape."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def describe(self) -> Iterator[Metric]:
        """Name nothing beforehand: registering must not ask the database."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Return the desk's figures, or only that its database does not answer."""
        up = GaugeMetricFamily("bellwether_database_up", "Whether the database answers.")
        try:
            with self._desk.db.read() as tx:
                found = list(_figures(tx, self._desk))
        except SQLAlchemyError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield from found


def _figures(tx: Transaction, desk: Desk) -> Iterator[Metric]:
    ages = GaugeMetricFamily(
        "bellwether_part_age_seconds", "Since a part was last well.", labels=["part"]
    )
    for view in part_views(tx, desk):
        if view.age is not None:
            ages.add_metric([view.part], view.age)
    yield ages
    if (account := account_view(tx, desk)) is not None:
        yield _gauge("bellwether_equity_dollars", "Equity at the broker.", float(account.equity))
        yield _gauge("bellwether_day_pnl_dollars", "P&L of the day.", float(account.day_pnl))
    positions = position_rows(tx, open_trades(tx, desk))
    yield _gauge("bellwether_open_positions", "Positions held.", len(positions))
    naked = sum(not row.is_protected for row in positions)
    yield _gauge("bellwether_unprotected_positions", "Positions without a live stop.", naked)
    yield _gauge("bellwether_open_orders", "Orders that can trade.", _open_orders(tx, desk))
    yield _gauge("bellwether_failing_jobs", "Jobs whose last run failed.", _failing(tx))
    yield from _of_the_day(tx, desk)
    yield _gauge(
        "bellwether_open_differences", "Unexplained at the broker.", _differences(tx, desk)
    )
    yield _job_seconds(tx)
    yield _gauge("bellwether_journal_seq", "Number of the newest fact.", last_seq(tx))


def _of_the_day(tx: Transaction, desk: Desk) -> Iterator[Metric]:
    """Count what the session has brought so far; nothing on days without one."""
    session = desk.session()
    if session is None:
        return
    day = session.day
    orders = GaugeMetricFamily("bellwether_day_orders", "Orders of the day.", labels=["status"])
    yield _by(orders, tx, Order.status, Order.account == desk.account, Order.session == day)
    refused = GaugeMetricFamily("bellwether_day_refusals", "Signals refused.", labels=["code"])
    yield _by(refused, tx, Signal.code, Signal.account == desk.account, Signal.session == day)
    fills = tx.scalar(select(func.count(Fill.id)).where(Fill.session == day)) or 0
    yield _gauge("bellwether_day_fills", "Executions of the day.", fills)
    held = (Trade.account == desk.account, Trade.session == day)
    naked = tx.scalar(select(func.sum(Trade.naked_seconds)).where(*held)) or 0
    yield _gauge("bellwether_day_unprotected_seconds", "Without a live stop, all trades.", naked)
    yield _latencies(tx, desk, day)


def _latencies(tx: Transaction, desk: Desk, day: date) -> Metric:
    """Tell how long the day's orders waited for each step, and its fills for the books."""
    mine = Order.account == desk.account, Order.session == day
    sent = select(Order.intended_at, Order.submitted_at).where(*mine)
    answered = select(Order.submitted_at, Order.answered_at).where(*mine)
    booked = select(Fill.filled_at, Fill.recorded_at).where(
        Fill.account == desk.account, Fill.session == day
    )
    family = GaugeMetricFamily(
        "bellwether_day_order_seconds",
        "From one step of an order to the next.",
        labels=["step", "quantile"],
    )
    for step, asked in (("sent", sent), ("answered", answered), ("fill_booked", booked)):
        took = [(b - a).total_seconds() for a, b in tx.execute(asked) if a and b]
        found = spread(took)
        for quantile, seconds in (("0.5", found.median), ("0.95", found.p95), ("1", found.worst)):
            if seconds is not None:
                family.add_metric([step, quantile], seconds)
    return family


def _by(family: GaugeMetricFamily, tx: Transaction, column: Any, *where: Any) -> Metric:
    """Count rows by what a column says, those where it says something."""
    counted = select(column, func.count()).where(*where, column.is_not(None)).group_by(column)
    for value, count in tx.execute(counted):
        family.add_metric([str(value)], count)
    return family


def _differences(tx: Transaction, desk: Desk) -> int:
    counted = select(func.count()).where(
        DifferenceRow.account == desk.account, DifferenceRow.status == DifferenceStatus.OPEN
    )
    return tx.scalar(counted) or 0


def _job_seconds(tx: Transaction) -> Metric:
    took = GaugeMetricFamily("bellwether_job_seconds", "The last run of a job.", labels=["job"])
    for job, milliseconds in tx.execute(select(JobRun.job, JobRun.milliseconds)):
        took.add_metric([job], milliseconds / 1000)
    return took


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, value=value)


def _open_orders(tx: Transaction, desk: Desk) -> int:
    counted = select(func.count()).where(
        Order.account == desk.account, Order.status.in_(OPEN_ORDER_STATUSES)
    )
    return tx.scalar(counted) or 0


def _failing(tx: Transaction) -> int:
    return tx.scalar(select(func.count()).where(JobRun.failed)) or 0


def mount_metrics(server: Flask, observed: Observed, token: str | None) -> None:
    """Add `/metrics` for whoever brings the token; without one in the settings there is none."""

    @server.get("/metrics")
    def metrics() -> ResponseReturnValue:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token is None:
            return "Set BELLWETHER_METRICS_TOKEN to have metrics.\n", 404
        if not hmac.compare_digest(given.encode(), token.encode()):
            return "The token of BELLWETHER_METRICS_TOKEN is needed.\n", 401
        return Response(generate_latest(observed.registry), content_type=MEDIA_TYPE)
