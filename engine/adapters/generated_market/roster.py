"""The invented companies of the generated market, and how each of them usually trades."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from models.market import SECTORS, Floats

# An invented ticker is a made-up syllable and QZ, a pair of letters that no word, company name or
# fund abbreviation ends in; at five letters it is no share of the big exchanges either.
FIRST_LETTERS = "BDFGHJKLMNRV"
ENDINGS = ("AV", "EB", "IV", "OZ", "UD")
SYMBOLS = tuple(first + ending + "QZ" for first in FIRST_LETTERS for ending in ENDINGS)

SECTOR_OF = dict(zip(SYMBOLS, cycle(SECTORS), strict=False))  # what they would do

CHEAP, THIN, QUIET = 3, 5, 4  # how many fail the price, volume and ATR filters by nature
LEAST_RANGE_DOLLARS = 0.85  # keeps all others clear of the ATR filter


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """What is lasting about each symbol, in the order of SYMBOLS."""

    price: Floats  # dollars: where it belongs in the long run
    range: Floats  # a usual day's true range, as part of the price
    volume: Floats  # shares on a usual day
    market_share: Floats  # of its variance, the part that the whole market explains
    may_be_in_play: NDArray[np.bool_]


def make_roster(seed: int) -> Roster:
    """Draw the companies' characters."""
    rng = np.random.default_rng(seed)
    count = len(SYMBOLS)
    usual = count - CHEAP - THIN - QUIET
    price = np.concatenate(
        [
            rng.uniform(3.2, 4.4, CHEAP),
            rng.uniform(25, 60, THIN),
            rng.uniform(6, 13, QUIET),
            np.geomspace(26, 400, usual),
        ]
    )
    volume = np.concatenate(
        [
            rng.uniform(1.5e6, 6e6, CHEAP),
            rng.uniform(3e5, 6e5, THIN),
            rng.uniform(2e6, 9e6, QUIET),
            rng.permutation(np.geomspace(1.6e6, 3e7, usual)),
        ]
    )
    part = np.clip(rng.lognormal(np.log(0.026), 0.35, count), 0.015, 0.05)
    part[CHEAP + THIN : CHEAP + THIN + QUIET] = 0.018
    least = np.where(np.arange(count) < CHEAP + THIN + QUIET, 0, LEAST_RANGE_DOLLARS / price)
    place = rng.permutation(count)
    return Roster(
        price=price[place],
        range=np.maximum(part, least)[place],
        volume=volume[place],
        market_share=rng.uniform(0.1, 0.45, count),
        may_be_in_play=place >= CHEAP + THIN + QUIET,
    )
