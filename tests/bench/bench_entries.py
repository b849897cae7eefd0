"""From the end of the opening range to the last of twenty entries accepted by the broker."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from engine.actions.permissions import SYSTEM
from engine.actions.trading_settings import change_settings
from engine.adapters.market_playback import Market
from engine.alpaca_account import alpaca_desk
from engine.clock import DrivenClock, stopwatch
from engine.jobs import JOBS
from engine.scheduler import Rounds
from models.database import Database
from models.market import BarColumns
from models.vocabulary import SettingsKind
from tests.alpaca.conftest import session_of
from tests.alpaca.lockstep import BEFORE_OPEN, Lockstep, settings_for
from tests.builders import a_day, a_market, at
from tests.local_alpaca import LocalAlpaca, PlayedMarket, Rules
from tests.local_alpaca.faults import Slow

TOO_MANY = 429
NAMES = [f"S{number:02d}" for number in range(20)]
RUNS = {1: 20, 8: 100}  # by how many are sent side by side; the desk sends eight
LATENCY = 0.2  # 100 ms each way


def _one(market: Market, folder: Path, latency: float, side_by_side: int) -> float:
    """Return the seconds from the moment the bars are there to the last entry accepted."""
    bars: dict[str, BarColumns] = dict(market.minutes)
    clock = DrivenClock(session_of().opens_at - 2 * BEFORE_OPEN)
    with ExitStack() as opened:
        local = opened.enter_context(
            LocalAlpaca(PlayedMarket(bars=bars, daily=market.daily), clock, Rules())
        )
        db = Database(f"sqlite:///{folder / 'desk.db'}")
        db.upgrade()
        opened.callback(db.close)
        Lockstep(local, db).desk.lease.release()
        desk = alpaca_desk(db, settings_for(local), clock, side_by_side=side_by_side)
        change_settings(desk, SYSTEM, SettingsKind.RISK, {"max_positions": 20}, "for the bench")
        assert desk.lease.acquire()
        rounds = Rounds(desk, JOBS)
        local.advance_to(at("09:25"))
        rounds.run()
        local.advance_to(at("09:35"))
        if latency:
            local.faults.add(Slow(latency), times=None)
        started = stopwatch()
        rounds.run()
        took = stopwatch() - started
        assert len({o.symbol for o in local.exchange.book.open() if o.opens_position}) == 20
        assert all(seen.status != TOO_MANY for seen in local.ledger.requests)
    return took


@pytest.mark.timeout(900)
@pytest.mark.parametrize("latency", [0.0, LATENCY])
@pytest.mark.parametrize("side_by_side", [1, 8])
def test_twenty_entries(
    tmp_path_factory: pytest.TempPathFactory, latency: float, side_by_side: int
) -> None:
    runs = RUNS[side_by_side]
    market = a_market(*(a_day(name, opens=(100, 101, 99, 100.9)) for name in NAMES))
    took = sorted(
        _one(market, tmp_path_factory.mktemp("bench"), latency, side_by_side) for _ in range(runs)
    )
    p50, p99 = took[runs // 2], took[min(runs - 1, int(runs * 0.99))]
    print(
        f"\n20 entries, {latency / 2 * 1000:.0f} ms each way, {side_by_side} side by side: "
        f"p50 {p50:.2f} s, p99 {p99:.2f} s ({runs} runs)"
    )
