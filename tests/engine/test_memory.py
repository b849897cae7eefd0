"""What one thread has freed serves the next: seen in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

GROWTH = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from engine.memory import give_back_what_is_freed

THREADS = 6

def megabytes():
    told = Path("/proc/self/status").read_text().split("VmRSS:")[1]
    return int(told.split()[0]) // 1024

def work():
    arrays = [bytes(range(250)) * 2_000 for _ in range(100)]  # 50 MB
    return bytes(100_000)  # what stays in a heap keeps the heap

def meet():
    together.wait()
    return bytes(1_000)

if sys.argv[1] == "given back":
    give_back_what_is_freed()
together, before = Barrier(THREADS), megabytes()
with ThreadPoolExecutor(THREADS) as threads:
    small = [done.result() for done in [threads.submit(meet) for _ in range(THREADS)]]
    kept = [threads.submit(work).result() for _ in range(5 * THREADS)]
    print(megabytes() - before)
"""


def growth(*told: str) -> int:
    """Return by how many megabytes a process grows whose threads work one after the other."""
    command = [sys.executable, "-c", GROWTH, *told]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return int(done.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it reads /proc")
def test_threads_that_work_one_after_the_other_share_their_memory() -> None:
    assert growth("given back") < growth("kept") / 2
