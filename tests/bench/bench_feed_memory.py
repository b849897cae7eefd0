"""What memory a whole desk takes in the course of a fast day, with readers that come and go.

BENCH_MINUTES says for how long: at sixty times the speed of life a session takes seven. With each
of the first nineteen the generated market grows by more than a megabyte, until as many sessions as
it keeps have minute bars; only what grows after them, or between two sessions, is a leak.
"""

from __future__ import annotations

import os
from pathlib import Path
from threading import Event

import pytest

from engine.cli.command import open_database
from tests.bench.crowded_desk import Crowded, crowd, make_keys, outcome
from tests.dashboard import rude
from tests.engine.cli.serving import serving

MINUTES = float(os.environ.get("BENCH_MINUTES", "2"))
SPEED = 60
STAY = 20.0  # seconds that a handful of readers stays before the next comes
READERS = 10


@pytest.mark.timeout((MINUTES + 5) * 60)
def test_memory_of_a_fast_day(tmp_path: Path) -> None:
    print(f"\n{READERS} readers every {STAY:.0f} s, {SPEED} times the speed of life")
    with serving(tmp_path, BELLWETHER_CLOCK_SPEED=str(SPEED)) as served:
        with open_database(f"sqlite:///{tmp_path / 'data' / 'bellwether.db'}") as db:
            crowded = Crowded(db, served, make_keys(db, READERS))
        for turn in range(int(MINUTES * 60 / STAY)):
            _look(crowded, turn)
            process = crowd(crowded, "feed" if turn % 2 else "deflated-feed", STAY)
            with rude.deaf_reader(crowded):
                Event().wait(STAY)
            assert outcome(process)["lost"] == 0


def _look(crowded: Crowded, turn: int) -> None:
    megabytes, threads = crowded.memory()
    print(f"    {turn * STAY / 60:5.1f} min  {megabytes:5} MB  {threads:3} threads", flush=True)
