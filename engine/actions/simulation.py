"""The controls of the played market; there are none where real orders go."""

from __future__ import annotations

from datetime import datetime

from engine.actions.audit import Entry
from engine.actions.deeds import doing, write_refusal
from engine.actions.permissions import Actor, Permission, require
from engine.desk import Desk
from engine.errors import DeskError, InvalidRequestError
from engine.journal import record
from engine.market_hours import new_york_clock
from engine.surroundings import Simulation


def set_speed(desk: Desk, actor: Actor, speed: float) -> None:
    """Let the market go at another speed; 0 pauses it."""
    before = desk.clock.speed
    _simulation(desk, actor, "set_speed").set_speed(speed)
    _tell(desk, actor, "set_speed", f"set the market's speed from {before:g}x to {speed:g}x")


def next_event(desk: Desk, actor: Actor) -> datetime:
    """Go to the next moment that matters and return it."""
    moment = _simulation(desk, actor, "next_event").next_event()
    _tell(desk, actor, "next_event", f"went to {new_york_clock(moment)}")
    return moment


def _simulation(desk: Desk, actor: Actor, action: str) -> Simulation:
    try:
        require(actor, Permission.DRIVE_SIMULATION)
        if desk.simulation is None:
            raise InvalidRequestError("only a simulated market can be driven")
    except DeskError as refusal:
        write_refusal(desk, actor, Entry(action, desk.account), str(refusal))
        raise
    return desk.simulation


def _tell(desk: Desk, actor: Actor, action: str, deed_done: str) -> None:
    """Write down what was done; the market's clock was set in a transaction of its own."""
    may = Permission.DRIVE_SIMULATION
    with doing(desk, actor, may, action, target=desk.account) as deed:
        deed.entry.sentence = deed_done
        text = f"{actor.name} {deed_done}"
        record(deed.tx, desk.clock.now(), "simulation", desk.account, text=text, actor=actor.name)
