"""One generated session: its minute bars, as arrays of symbols by minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from engine.adapters.generated_market.paths import TICKS, price_paths
from engine.adapters.generated_market.plan import HALT_MINUTES, Plan, make_plan
from engine.adapters.generated_market.roster import SYMBOLS, Roster
from engine.adapters.market_playback import Halt
from engine.market_hours import Session
from models.market import BAR_SECONDS, Floats, Ints, epoch

CENT_MICROS = 10_000
SHARES_A_TRADE = 120
CLUMP_MINUTES = 12  # how long a lively or a quiet spell lasts


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionBars:
    """Arrays of shape (symbols, minutes), prices in millionths; without trades the volume is 0."""

    session: Session
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints
    halt: Halt

    @property
    def starts(self) -> Ints:
        """Return the epoch seconds of the minutes."""
        return epoch(self.session.opens_at) + BAR_SECONDS * np.arange(self.session.minutes)


def make_session(roster: Roster, seed: int, session: Session, closes: Floats) -> SessionBars:
    """Draw a session from the seed, its date and the closes (dollars) of the session before."""
    rng = np.random.default_rng([seed, session.day.toordinal()])
    plan = make_plan(roster, rng)
    clumps = _clumps((len(SYMBOLS), session.minutes), rng)
    paths = price_paths(roster, plan, closes, clumps, rng)
    volume = _volumes(roster, plan, clumps, rng)
    volume[plan.halted, plan.halt_minute : plan.halt_minute + HALT_MINUTES] = 0
    ticks = (np.rint(100 * np.exp(paths)) * CENT_MICROS).astype(np.int64)
    ticks = ticks.reshape(len(SYMBOLS), session.minutes, TICKS)
    return SessionBars(
        session=session,
        open=ticks[:, :, 0],
        high=ticks.max(axis=2),
        low=ticks.min(axis=2),
        close=ticks[:, :, -1],
        volume=volume,
        halt=_halt(plan, session),
    )


def _clumps(shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Return noise of variance 1 in which a minute resembles those before it."""
    noise = rng.standard_normal((shape[0], shape[1] + CLUMP_MINUTES))
    total = noise.cumsum(axis=1)
    clumps: Floats = (total[:, CLUMP_MINUTES:] - total[:, :-CLUMP_MINUTES]) / CLUMP_MINUTES**0.5
    return clumps


def _volumes(
    roster: Roster, plan: Plan, clumps: Floats, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return shares by minute: many at the open and the close, few in between."""
    minute = np.arange(clumps.shape[1])
    smile = 0.6 + 2.6 * np.exp(-minute / 25) + 1.5 * np.exp((minute - len(minute)) / 12)
    fading = np.exp(-minute / 60)  # what is new at the open is old by noon
    interest = 1 + (plan.interest[:, np.newaxis] - 1) * fading
    noise = np.exp(0.3 * clumps + 0.35 * rng.standard_normal(clumps.shape))
    expected = roster.volume[:, np.newaxis] / 390 * smile * interest * noise
    silent = rng.random(clumps.shape) < np.exp(-expected / SHARES_A_TRADE)
    return np.where(silent, 0, np.rint(expected) + 1).astype(np.int64)


def _halt(plan: Plan, session: Session) -> Halt:
    since = session.opens_at + timedelta(minutes=plan.halt_minute)
    until = since + timedelta(minutes=HALT_MINUTES)
    return Halt(symbol=SYMBOLS[plan.halted], since=since, until=until)
