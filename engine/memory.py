"""Memory that is given back: how the C library's allocator serves a process of many threads."""

from __future__ import annotations

import ctypes

# of glibc's malloc.h; other C libraries have no such function, and other habits
M_MMAP_THRESHOLD = -3
M_ARENA_MAX = -8

LARGE = 1 << 16  # bytes; what is larger is mapped by itself, and goes back when it is freed
ARENAS = 1  # the interpreter lets one thread allocate at a time in any case


def give_back_what_is_freed() -> None:
    """Have arrays returned to the system, and threads use what others have freed.

    By itself glibc lets each thread grow a heap of its own and raises the size from which memory
    is mapped to the largest array it has seen: every generated session left 48 MB behind.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, LARGE)
        mallopt(M_ARENA_MAX, ARENAS)
