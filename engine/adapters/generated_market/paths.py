"""The way of prices through one generated session, tick by tick, in logarithms."""

from __future__ import annotations

import numpy as np

from engine.adapters.generated_market.plan import Plan
from engine.adapters.generated_market.roster import Roster
from models.market import Floats

TICKS = 10  # a minute
OPENING = 5 * TICKS
DAY = 390 * TICKS
WALK_PER_RANGE = 0.5  # a day's standard deviation, as part of its usual true range
IN_PLAY = 1.4  # how much wider names in play swing
REVERSION = 0.03  # of the way home that a price goes overnight
EARLIEST_BREAK, LATEST_BREAK = 6, 40  # minutes after the open
CENT = 0.01


def price_paths(
    roster: Roster, plan: Plan, closes: Floats, clumps: Floats, rng: np.random.Generator
) -> Floats:
    """Return log prices of shape (symbols, ticks); `clumps` says by minute how lively it is."""
    swing = _swing(roster, plan, clumps)
    market = rng.standard_normal(swing.shape[1])
    own = rng.standard_normal(swing.shape)
    share = roster.market_share[:, np.newaxis]
    steps = swing * (np.sqrt(share) * market + np.sqrt(1 - share) * own)
    home = REVERSION * np.log(roster.price / closes)
    steps[:, 0] = np.log(closes) + home + plan.gap * roster.range
    paths = steps.cumsum(axis=1)
    for name in plan.dojis:
        _end_where_it_began(paths[name])
    for name in (*plan.runners, *plan.reversals):
        _break_out(paths[name], swing[name], roster.range[name], rng)
    for name in plan.reversals:
        _turn(paths[name], swing[name], rng)
    return paths


def _swing(roster: Roster, plan: Plan, clumps: Floats) -> Floats:
    """Return the standard deviation of each tick: wide at the open, a little at the close."""
    minute = np.arange(clumps.shape[1])
    smile = 0.7 + 2.2 * np.exp(-minute / 25) + 0.25 * np.exp((minute - len(minute)) / 25)
    by_minute = WALK_PER_RANGE / np.sqrt(DAY) * smile * np.exp(0.3 * clumps)
    swing = np.repeat(by_minute, TICKS, axis=1) * roster.range[:, np.newaxis]
    swing[plan.in_play] *= IN_PLAY
    return swing


def _end_where_it_began(path: Floats) -> None:
    excess = path[OPENING - 1] - path[0]
    path[:OPENING] -= np.linspace(0, excess, OPENING)
    path[OPENING:] -= excess
    path[OPENING - 1] = path[0]  # a doji to the cent


def _break_out(path: Floats, swing: Floats, usual_range: float, rng: np.random.Generator) -> None:
    """Let a price wait below its opening range's end, break it, and never come back."""
    side = 1.0 if path[OPENING - 1] >= path[0] else -1.0
    away = side * path
    margin = 0.02 * usual_range + 1.1 * CENT / np.exp(path[0])  # a waiting price must not touch
    floor = away[:OPENING].max() - margin
    broken = TICKS * int(rng.integers(EARLIEST_BREAK, LATEST_BREAK))
    wait = np.linspace(max(floor - away[OPENING - 1], 0), 0, broken - OPENING)
    noise = _bridge(swing[OPENING:broken], rng)
    away[OPENING:broken] = floor - np.abs(wait + noise)
    gives_back = np.linspace(0.75, 0.35, len(path) - broken)  # no trend is all profit
    away[broken:] = floor + gives_back * _one_way(swing[broken:], rng)
    path[:] = side * away


def _turn(path: Floats, swing: Floats, rng: np.random.Generator) -> None:
    """Let a price that broke out turn at its first peak and give everything back."""
    side = 1.0 if path[OPENING - 1] >= path[0] else -1.0
    early = (LATEST_BREAK + 15) * TICKS
    peak = int(np.argmax(side * path[:early]))
    path[peak + 1 :] = path[peak] - side * _one_way(swing[peak + 1 :], rng)


def _bridge(swing: Floats, rng: np.random.Generator) -> Floats:
    """Return a random walk that ends at 0."""
    walk = np.cumsum(swing * rng.standard_normal(len(swing)))
    bridge: Floats = walk - walk[-1] * np.linspace(0, 1, len(walk))
    return bridge


def _one_way(swing: Floats, rng: np.random.Generator) -> Floats:
    """Return a random walk that never comes back to 0: the length of one in three dimensions."""
    walk = np.cumsum(swing * rng.standard_normal((3, len(swing))), axis=1)
    length: Floats = np.sqrt((walk**2).sum(axis=0))
    return length
