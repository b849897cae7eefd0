"""The controls of the played market; there are none where real orders go."""

from __future__ import annotations

from datetime import datetime

from engine.actions.permissions import Actor, Permission, require
from engine.desk import Desk, Simulation
from engine.errors import InvalidRequestError
from engine.journal import record
from engine.market_hours import new_york_clock


def set_speed(desk: Desk, actor: Actor, speed: float) -> None:
    """Let the market go at another speed; 0 pauses it."""
    simulation = _simulation(desk, actor)
    before = desk.clock.speed
    simulation.set_speed(speed)
    _tell(desk, actor, f"{actor.name} set the market's speed from {before:g}x to {speed:g}x")


def next_event(desk: Desk, actor: Actor) -> datetime:
    """Go to the next moment that matters and return it."""
    moment = _simulation(desk, actor).next_event()
    _tell(desk, actor, f"{actor.name} went to {new_york_clock(moment)}")
    return moment


def _simulation(desk: Desk, actor: Actor) -> Simulation:
    require(actor, Permission.DRIVE_SIMULATION)
    if desk.simulation is None:
        raise InvalidRequestError("only a simulated market can be driven")
    return desk.simulation


def _tell(desk: Desk, actor: Actor, text: str) -> None:
    with desk.db.write() as tx:
        record(tx, desk.clock.now(), "simulation", desk.account, text=text, actor=actor.name)
