"""The live feed before 500 readers at one update a second, beside the same data by polling."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import select

from models.control import EngineLease
from tests.bench.crowded_desk import (
    READERS,
    Crowded,
    ask,
    crowd,
    crowded_desk,
    outcome,
    throw_kill_switch,
)
from tests.dashboard.rude import RUDENESS, refused_reader
from tests.engine.cli.serving import end, until

SECONDS = 20.0
HEADS = "reading by", "cpu %", "delay p50", "p99", "max ms", "gap p50", "p99", "max s", "kB/s"
RUDE = 50
PAUSE = 0.1
ASKED = 200  # times, so that p99 is not the worst of all


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowded]:
    with crowded_desk(tmp_path_factory.mktemp("desk")) as made:
        yield made


def test_five_hundred_readers(crowded: Crowded) -> None:
    loaded = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    print(f"\n{READERS} readers, one update a second, {SECONDS:.0f} s each; load before {loaded}")
    print(("{:<14}" + "{:>10}" * 8).format(*HEADS), " lost   events  MB threads")
    idle = _cpu_while(crowded, SECONDS / 2)
    print(f"{'nobody':<14}{idle:>10.2f}")
    for kind in ("feed", "deflated-feed", "poll"):
        _measure(crowded, kind, idle)
        Event().wait(2)  # until everybody has left


def _measure(crowded: Crowded, kind: str, idle: float) -> None:
    process = crowd(crowded, kind, SECONDS)
    cpu = _cpu_while(crowded, SECONDS / 2)
    asked = [_time_both(crowded) for _ in range(int(SECONDS / 2 / PAUSE * 0.8))]
    memory, threads = crowded.memory()
    seen = outcome(process)
    row = [cpu - idle, *seen["delay"], *seen["gap"], seen["bytes"] / 1024]
    print(f"{kind:<14}" + "".join(f"{value:>10.2f}" for value in row), end="  ")
    events = f"{seen['fewest events']}-{seen['most events']}"
    print(f"{seen['lost']:>4} {events:>8} {memory:>6}{threads:>6}")
    print_asked(asked)


def test_plain_requests_while_others_are_rude(crowded: Crowded) -> None:
    print(f"\n{RUDE} clients of each kind that neither go on nor close")
    for name, begin in RUDENESS.items():
        with ExitStack() as held:
            for _ in range(RUDE):
                held.enter_context(begin(crowded))
            print(f"{name:<30}", end="")
            print_asked([_time_both(crowded) for _ in range(ASKED)])


def test_plain_requests_with_every_slot_taken(crowded: Crowded) -> None:
    process = crowd(crowded, "feed", SECONDS / 2)
    with ExitStack() as held:
        for _ in range(RUDE):
            held.enter_context(refused_reader(crowded))
        print(f"\nevery slot taken, {RUDE} refused  ", end="")
        print_asked([_time_both(crowded) for _ in range(ASKED)])
    assert outcome(process)["lost"] == 0


def test_its_end_with_every_socket_open(tmp_path: Path) -> None:
    with crowded_desk(tmp_path) as crowded, ExitStack() as held:
        process = crowd(crowded, "feed", SECONDS)
        for begin in RUDENESS.values():
            held.enter_context(begin(crowded))
        began = time.monotonic()
        code = end(crowded.served.process)
        print(f"\nSIGTERM, {READERS} readers: exit {code} after {time.monotonic() - began:.2f} s")
        assert outcome(process)["lost"] == READERS


def test_a_hang_up_with_sockets_open(tmp_path: Path) -> None:
    """Print how long nobody leads: from the signal until the next engine has the lease."""
    with crowded_desk(tmp_path, BELLWETHER_ROLE="all") as crowded, ExitStack() as held:
        held.enter_context(RUDENESS["do not read the feed"](crowded))
        until(lambda: _leads(crowded) > 0, crowded.served.process)
        before, old = _leads(crowded), crowded.worker
        began = time.monotonic()
        os.kill(crowded.served.process.pid, signal.SIGHUP)
        while _leads(crowded) == before:
            Event().wait(0.01)
        led = time.monotonic() - began
        until(lambda: crowded.worker != old, crowded.served.process)
        print(f"\nSIGHUP: the next engine leads after {led:.2f} s, token {before} -> ", end="")
        print(_leads(crowded))


def _leads(crowded: Crowded) -> int:
    with crowded.db.read() as tx:
        lease = tx.scalars(select(EngineLease)).one_or_none()
    return lease.token if lease is not None and lease.holder else 0


def _time_both(crowded: Crowded) -> tuple[float, float]:
    """Return the milliseconds of a plain request and of the kill switch."""
    Event().wait(PAUSE)
    return ask(crowded, "/api/v1/pause-state"), throw_kill_switch(crowded)


def print_asked(asked: Sequence[tuple[float, float]]) -> None:
    for name, times in zip(("plain", "kill"), zip(*asked, strict=True), strict=True):
        ordered = sorted(times)
        p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
        print(f"   {name} p50 {p50:.1f}, p99 {p99:.1f} ms", end="")
    print()


def _cpu_while(crowded: Crowded, seconds: float) -> float:
    used, began = crowded.cpu(), time.monotonic()
    Event().wait(seconds)
    return (crowded.cpu() - used) / (time.monotonic() - began) * 100
