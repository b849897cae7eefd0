"""A period's figures: the same for people and for programs, of finished sessions, and in force."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dashboard.pages.history.figures import metrics
from dashboard.queries.history import HistoryView, history_view
from dashboard.queries.results import performance
from dashboard.queries.trades import TradeFilter
from engine.desk import Desk
from models.market_data import BENCHMARK, DailyBar
from models.people import SettingsVersion
from models.vocabulary import SettingsKind, SignalStatus
from tests.dashboard import builders, desks

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 11, day) for day in (16, 17, 18, 19))
OPEN = datetime(2026, 11, 17, 14, 30, tzinfo=UTC)


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    made = desks.make_desk(sqlite_url)
    yield made
    made.db.close()


def lose(desk: Desk) -> None:
    """100,000, then 95,000, then 94,000."""
    for day, start, pnl in ((TUESDAY, "100000", "-5000"), (WEDNESDAY, "95000", "-1000")):
        builders.add_day(desk, day, start, pnl)
        builders.add_closed(desk, "AMD", pnl, session=day)


def view_of(desk: Desk, wanted: TradeFilter | None = None) -> HistoryView:
    with desk.db.read() as tx:
        return history_view(tx, desk, wanted or TradeFilter())


def test_a_drawdown_begins_with_the_equity_before_the_first_day(desk: Desk) -> None:
    lose(desk)
    with desk.db.read() as tx:
        told = performance(tx, desk, None, None)
    assert told.days.max_drawdown == 6000
    assert told.days.max_drawdown_part == 0.06
    assert (told.first, told.last) == (TUESDAY, WEDNESDAY)


def test_programs_are_told_what_people_are_shown(desk: Desk) -> None:
    lose(desk)
    builders.set_account(desk, "94200", "94000")
    builders.add_closed(desk, "NVDA", "200")
    with desk.db.read() as tx:
        told = performance(tx, desk, None, None)
    shown = view_of(desk)
    assert (told.days, told.trades) == (shown.ratios, shown.trades)


def test_a_session_that_is_not_finished_counts_in_no_ratio(desk: Desk) -> None:
    lose(desk)
    before = view_of(desk).ratios
    builders.set_account(desk, "93000", "94000")
    builders.add_closed(desk, "NVDA", "-1000")
    running = view_of(desk)
    assert running.ratios.sharpe == before.sharpe is not None
    assert running.ratios.sortino == before.sortino is not None
    assert running.ratios.max_drawdown == 7000  # what was lost is lost
    assert [day.is_finished for day in running.days] == [True, True, False]


def test_of_one_finished_session_there_is_neither_ratio(desk: Desk) -> None:
    builders.add_day(desk, WEDNESDAY, "100000", "-1000")
    builders.add_closed(desk, "AMD", "-1000", session=WEDNESDAY)
    builders.set_account(desk, "99000", "99000")
    ratios = view_of(desk).ratios
    assert (ratios.sharpe, ratios.sortino) == (None, None)


# ---------------------------------------------------------------------------- versions
def days_of(desk: Desk, **versions: int) -> list[date]:
    return [day.day for day in view_of(desk, TradeFilter(**versions)).days]  # type: ignore[arg-type]


def version_of(kind: SettingsKind, number: int, hours: int) -> SettingsVersion:
    at = OPEN + timedelta(hours=hours)
    said: dict[str, Any] = {"body": {}, "actor": "anna", "reason": "other", "created_at": at}
    return SettingsVersion(kind=kind, version=number, **said)


@pytest.fixture
def changed(desk: Desk) -> Desk:
    """Strategy 1 since Tuesday's open, 2 since Wednesday evening; risk 1 since its open."""
    builders.add(
        desk,
        version_of(SettingsKind.STRATEGY, 1, 0),
        version_of(SettingsKind.STRATEGY, 2, 30),
        version_of(SettingsKind.RISK, 1, 24),
    )
    for day in (MONDAY, TUESDAY, WEDNESDAY, THURSDAY):
        builders.add_day(desk, day, "100000")
    return desk


def test_a_version_counts_from_its_first_scan_to_the_last_before_the_next(changed: Desk) -> None:
    assert days_of(changed, strategy=0) == [MONDAY]
    assert days_of(changed, strategy=1) == [TUESDAY, WEDNESDAY]
    assert days_of(changed, strategy=2) == [THURSDAY]
    assert days_of(changed, risk=0) == [MONDAY, TUESDAY]
    assert days_of(changed, strategy=1, risk=1) == [WEDNESDAY]
    assert days_of(changed, strategy=77) == []


def test_a_version_counts_wherever_it_traded(changed: Desk) -> None:
    signal = builders.add_signal(changed, 1, "TSLA", SignalStatus.FILLED, strategy_version=2)
    builders.add_closed(changed, "TSLA", "77", signal_id=signal.id, session=WEDNESDAY)
    assert days_of(changed, strategy=2) == [WEDNESDAY, THURSDAY]


# ---------------------------------------------------------------------------- the market
def know_market(desk: Desk, *days: date) -> None:
    for day in days:
        prices = dict.fromkeys(("open", "high", "low", "close"), builders.D(600))
        bar = DailyBar(session=day, symbol=BENCHMARK, volume=1, source="recorded", **prices)
        builders.add(desk, bar)


def shown(view: HistoryView, name: str) -> Any:
    told = (figure.children for figure in metrics(view))
    return next(value.children for label, value in told if label.children == name)


def test_bars_that_begin_too_late_say_when(desk: Desk) -> None:
    lose(desk)
    assert shown(view_of(desk), BENCHMARK) == "no bars"
    know_market(desk, WEDNESDAY)
    assert shown(view_of(desk), BENCHMARK) == "no bars before 18 Nov 2026"


def test_a_period_of_today_alone_waits_for_the_markets_close(desk: Desk) -> None:
    builders.set_account(desk, "100000")
    know_market(desk, WEDNESDAY)
    view = view_of(desk, TradeFilter(first=THURSDAY))
    assert shown(view, BENCHMARK) == "no close yet"
    assert shown(view, "Return") == "0.00%"


def test_the_desks_return_is_that_of_the_same_days(desk: Desk) -> None:
    lose(desk)
    know_market(desk, MONDAY, TUESDAY)
    view = view_of(desk)
    assert view.benchmark is not None
    [last] = view.benchmark.days
    assert (view.return_until(last), view.total_return) == (-0.05, -0.06)
