"""When a channel that fails is tried again."""

from __future__ import annotations

from datetime import timedelta

OPENS_AFTER = 3  # failures in a row
RETRY = timedelta(seconds=5)
COOLDOWN = timedelta(minutes=1)
LONGEST = timedelta(minutes=15)


def is_tripped(failures: int) -> bool:
    """Say whether so many failures in a row open the breaker."""
    return failures >= OPENS_AFTER


def pause_after(failures: int) -> timedelta:
    """Return how long nothing is sent after so many failures in a row.

    A few tries come soon; from the breaker's opening on each pause is twice the one before.
    """
    if not is_tripped(failures):
        return RETRY * failures
    doublings = min(failures - OPENS_AFTER, 10)
    return min(LONGEST, COOLDOWN * (1 << doublings))
