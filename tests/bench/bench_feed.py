"""The live feed before 500 readers at one update a second, beside the same data by polling."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from tests.bench.crowded_desk import READERS, Crowded, ask, crowd, crowded_desk, outcome

SECONDS = 20.0
HEADS = "reading by", "cpu %", "delay p50", "p99", "max ms", "gap p50", "p99", "max s", "kB/s"


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowded]:
    with crowded_desk(tmp_path_factory.mktemp("desk")) as made:
        yield made


def test_five_hundred_readers(crowded: Crowded) -> None:
    print(f"\n{READERS} readers, one update a second, {SECONDS:.0f} s each; load {os.getloadavg()}")
    print(("{:<16}" + "{:>10}" * 8 + "  lost, events, MB, threads, /session ms p50 p99").format(*HEADS))
    idle = _cpu_while(crowded, Event(), SECONDS / 2)
    print(f"{'nobody':<16}{idle:>10.1f}")
    for kind in ("feed", "deflated-feed", "poll"):
        _measure(crowded, kind, idle)


def _measure(crowded: Crowded, kind: str, idle: float) -> None:
    process = crowd(crowded, kind, SECONDS)
    began, used = time.monotonic(), crowded.cpu()
    others = []
    while time.monotonic() - began < SECONDS:
        others.append(ask(crowded, "/api/v1/pause-state"))
        Event().wait(0.1)
    cpu = (crowded.cpu() - used) / (time.monotonic() - began) * 100
    memory, threads = crowded.memory()
    seen = outcome(process)
    others.sort()
    delay, gap = seen["delay"], seen["gap"]
    row = [cpu - idle, *delay, *gap, seen["bytes"] / 1024]
    print(f"{kind:<16}" + "".join(f"{value:>10.2f}" for value in row), end="  ")
    print(seen["lost"], f"{seen['fewest events']}-{seen['most events']}", memory, threads, end="  ")
    print(f"{others[len(others) // 2]:.1f} {others[int(len(others) * 0.99)]:.1f}")


def _cpu_while(crowded: Crowded, over: Event, seconds: float) -> float:
    used = crowded.cpu()
    over.wait(seconds)
    return (crowded.cpu() - used) / seconds * 100
