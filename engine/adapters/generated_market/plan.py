"""Who is in play in one generated session, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.adapters.generated_market.roster import Roster
from models.market import Floats

FEWEST_IN_PLAY, MOST_IN_PLAY = 8, 10
DOJIS, RUNNERS, REVERSALS = 2, 3, 1
HALT_MINUTES = 30
EARLIEST_HALT, LATEST_HALT = 20, 120  # minutes after the open

Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The news of one session. Positions are those of the roster."""

    dojis: Positions  # end their opening range where it began
    runners: Positions  # leave the opening range and do not come back
    reversals: Positions  # leave it, and turn
    halted: int
    halt_minute: int
    in_play: Positions  # all of the above, and some that just trade a lot
    gap: Floats  # by symbol: overnight, in usual daily ranges
    interest: Floats  # by symbol: multiple of the usual volume at the open


def make_plan(roster: Roster, rng: np.random.Generator) -> Plan:
    """Draw the news of a session."""
    count = int(rng.integers(FEWEST_IN_PLAY, MOST_IN_PLAY + 1))
    in_play = rng.permutation(np.flatnonzero(roster.may_be_in_play))[:count]
    dojis, runners, reversals, others = np.split(in_play, np.cumsum([DOJIS, RUNNERS, REVERSALS]))
    gap = rng.normal(0, 0.3, len(roster.price))
    gap[in_play] = rng.choice([-1, 1], count) * rng.uniform(0.6, 1.6, count)
    interest = rng.permutation(np.geomspace(0.35, 3.6, len(roster.price)))
    interest[in_play] = rng.uniform(3, 6.5, count)
    return Plan(
        dojis=dojis,
        runners=runners,
        reversals=reversals,
        halted=int(others[0]),
        halt_minute=int(rng.integers(EARLIEST_HALT, LATEST_HALT)),
        in_play=in_play,
        gap=gap,
        interest=interest,
    )
