"""How fast recorded sessions are replayed, job by job, beside a loop that walks every bar."""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import merge
from operator import itemgetter
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import pytest

from engine.adapters.market_playback import Market
from engine.bootstrap import load_market
from engine.desk import Desk
from engine.jobs import JOBS, Job
from models.market import Bar
from models.trading import Signal
from models.vocabulary import Side
from tests.builders import HOURS, Playing, start

REFERENCE: dict[str, Any] = {  # as the recorded reference trades were computed
    "risk": {"max_positions": 20, "daily_loss_limit": "1"},
    "strategy": {"tick_size": "0"},
}


@dataclass
class Took:
    """Seconds of the wall clock and of the processor."""

    wall: float
    cpu: float

    @classmethod
    def measure(cls, act: Callable[[], object]) -> Took:
        wall, cpu = perf_counter(), process_time()
        act()
        return cls(perf_counter() - wall, process_time() - cpu)


class Stopwatches:
    """The timetable's jobs, each with the seconds that it has used."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.runs: Counter[str] = Counter()
        self.jobs = tuple(replace(job, run=self._timed(job)) for job in JOBS)

    def _timed(self, job: Job) -> Callable[[Desk], str | None]:
        @functools.wraps(job.run)
        def run(desk: Desk) -> str | None:
            began = perf_counter()
            try:
                return job.run(desk)
            finally:
                self.seconds[job.name] += perf_counter() - began
                self.runs[job.name] += 1

        return run


class Walk:
    """The alternative: every bar of every symbol, one by one, against the signals of its day."""

    def __init__(self, market: Market, signals: list[Signal]) -> None:
        self._market = market
        self._signals = {(signal.session, signal.symbol): signal for signal in signals}
        self.entered: set[tuple[object, str]] = set()
        self.bars = 0

    def run(self) -> None:
        for start_, symbol, bar in merge(*map(self._bars, self._market.minutes)):
            self.bars += 1
            self._see(start_, symbol, bar)

    def _bars(self, symbol: str) -> Iterator[tuple[datetime, str, Bar]]:
        columns = self._market.minutes[symbol]
        for place in range(len(columns)):
            bar = columns.at(place)
            yield bar.start, symbol, bar

    def _see(self, at: datetime, symbol: str, bar: Bar) -> None:
        session = HOURS.session_at(at)
        if session is None or not session.scan_at <= at < session.flatten_at:
            return
        signal = self._signals.get((session.day, symbol))
        if signal is None:
            return
        long = signal.side is Side.LONG
        if bar.high >= signal.entry_level if long else bar.low <= signal.entry_level:
            self.entered.add((session.day, symbol))


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "market"


def test_bars_per_second(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [folder / f"us2025q1_1min_{kind}.parquet" for kind in ("bars", "daily")]
    loaded: list[Market] = []
    loading = Took.measure(lambda: loaded.append(load_market(files[0], files[1])))
    watches = Stopwatches()
    monkeypatch.setattr("engine.replay.JOBS", watches.jobs)
    playing = start(loaded[0], **REFERENCE)
    replaying = Took.measure(playing.to_the_end)
    walk = Walk(loaded[0], playing.signals)
    walking = Took.measure(walk.run)
    _print(playing, walk, watches, {"load": loading, "replay": replaying, "walk": walking})
    assert walk.entered == {(trade.session, trade.symbol) for trade in playing.trades}


def _print(playing: Playing, walk: Walk, watches: Stopwatches, took: dict[str, Took]) -> None:
    print(f"\n{walk.bars:,} bars, {len(playing.sessions)} sessions, {len(playing.trades)} trades")
    jobs = sum(watches.seconds.values())
    took["walk + jobs"] = Took(took["walk"].wall + jobs, took["walk"].cpu + jobs)
    for name, of in took.items():
        rate = walk.bars / of.wall
        print(f"{name:>18}: {of.wall:6.2f} s, {of.cpu:6.2f} s cpu, {rate:10,.0f} bars/s")
    for job, seconds in sorted(watches.seconds.items(), key=itemgetter(1), reverse=True):
        runs = watches.runs[job]
        print(f"{job:>18}: {seconds:6.2f} s, {runs:5} runs of {seconds / runs * 1000:5.1f} ms")
