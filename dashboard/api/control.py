"""Steering the desk: each request is stored first, and the engine answers in `commands`."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from dashboard.api.endpoint import Asked, Endpoints
from dashboard.api.fields import Asking, Paging, Reason, RowId
from dashboard.queries.control import ControlView, control_view
from dashboard.queries.lists import command_page
from dashboard.queries.pages import Page, Place, record_of
from dashboard.queries.records import CommandRecord
from engine.actions import control
from engine.actions.permissions import Actor, Permission
from engine.desk import Desk
from engine.errors import NotFoundError
from models.control import Command
from models.vocabulary import ControlScope

endpoints = Endpoints()
ACCEPTED = HTTPStatus.ACCEPTED


class Because(Asking):
    """Why; it is kept in the journal and the audit."""

    reason: Reason


class OfScope(Because):
    """Why, and of what."""

    scope: ControlScope = ControlScope.ENTRY


class OfPosition(Because):
    """Why, and of which open position."""

    position_id: RowId


@endpoints.get("/pause-state", Permission.VIEW)
def pause_state(asked: Asked) -> ControlView:
    """What the desk may do now, who said so and why, and the newest commands."""
    with asked.desk.db.read() as tx:
        return control_view(tx, asked.desk.session())


@endpoints.get("/commands", Permission.VIEW)
def commands(asked: Asked, query: Paging) -> Page[CommandRecord]:
    """What people asked the engine for, the newest first."""
    with asked.desk.db.read() as tx:
        return command_page(tx, Place(query.limit, query.cursor))


@endpoints.get("/commands/{id}", Permission.VIEW)
def command(asked: Asked, id: RowId) -> CommandRecord:  # noqa: A002  # its name in the address
    """How far the engine is with one request."""
    with asked.desk.db.read() as tx:
        row = tx.get(Command, id)
    if row is None:
        raise NotFoundError(f"there is no command {id}")
    return record_of(CommandRecord)(row)


@endpoints.post("/control/pause", Permission.PAUSE_ENTRY, once=True)
def pause(asked: Asked, body: OfScope) -> ControlView:
    """Stop new entries; scope `all` needs an admin."""
    control.pause(asked.desk, asked.actor, body.scope, body.reason)
    return pause_state(asked)


@endpoints.post("/control/resume", Permission.PAUSE_ENTRY, once=True)
def resume(asked: Asked, body: OfScope) -> ControlView:
    """End a pause. The kill switch is lifted by DELETE of `control/kill-switch` alone."""
    control.resume(asked.desk, asked.actor, body.scope, body.reason)
    return pause_state(asked)


@endpoints.post("/control/kill-switch", Permission.KILL, status=ACCEPTED, once=True)
def kill(asked: Asked, body: Because) -> CommandRecord:
    """Throw the kill switch: no new orders, every open entry cancelled; stops stay."""
    return _asked_for(asked, control.kill, body)


@endpoints.delete("/control/kill-switch", Permission.LIFT_KILL, once=True)
def lift_kill(asked: Asked, body: Because) -> ControlView:
    """Let the desk trade again after a kill."""
    control.lift_kill(asked.desk, asked.actor, body.reason)
    return pause_state(asked)


@endpoints.post("/control/emergency-stop", Permission.EMERGENCY_STOP, status=ACCEPTED, once=True)
def emergency_stop(asked: Asked, body: Because) -> CommandRecord:
    """Throw the kill switch, cancel everything, close everything, verify."""
    return _asked_for(asked, control.emergency_stop, body)


@endpoints.post("/control/close", Permission.CLOSE_POSITION, status=ACCEPTED, once=True)
def close_position(asked: Asked, body: OfPosition) -> CommandRecord:
    """Close one open position at market."""
    number = control.close_position(asked.desk, asked.actor, body.position_id, body.reason)
    return command(asked, number)


def _asked_for(
    asked: Asked, action: Callable[[Desk, Actor, str], int], body: Because
) -> CommandRecord:
    return command(asked, action(asked.desk, asked.actor, body.reason))
