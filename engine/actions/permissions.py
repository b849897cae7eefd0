"""Who may do what (specification N 5.2): permissions as data, asked in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.errors import NotPermittedError
from models.vocabulary import Role, Way


class Permission(StrEnum):
    """Something that not everybody may do."""

    VIEW = "view"
    PAUSE_ENTRY = "pause_entry"
    PAUSE_EXIT = "pause_exit"
    PAUSE_ALL = "pause_all"
    CLOSE_POSITION = "close_position"
    KILL = "kill"  # stopping is the safe side: operators may
    LIFT_KILL = "lift_kill"
    SWITCH_LIVE = "switch_live"
    SWITCH_ACCOUNT = "switch_account"
    EMERGENCY_STOP = "emergency_stop"
    FLATTEN = "flatten"
    SCAN = "scan"
    DRIVE_SIMULATION = "drive_simulation"
    ACKNOWLEDGE = "acknowledge"
    VIEW_SETTINGS = "view_settings"
    CHANGE_SETTINGS = "change_settings"
    MANAGE_USERS = "manage_users"
    MANAGE_KEYS = "manage_keys"
    VIEW_AUDIT = "view_audit"
    MANAGE_BOTS = "manage_bots"


_VIEWER = frozenset({Permission.VIEW})
_OPERATOR = _VIEWER | {
    Permission.PAUSE_ENTRY,
    Permission.PAUSE_EXIT,
    Permission.CLOSE_POSITION,
    Permission.KILL,
    Permission.SCAN,
    Permission.DRIVE_SIMULATION,
    Permission.ACKNOWLEDGE,
    Permission.VIEW_SETTINGS,
}

PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.VIEWER: _VIEWER,
    Role.OPERATOR: _OPERATOR,
    Role.ADMIN: frozenset(Permission),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a user of the pages, an API key, or the command line."""

    name: str
    role: Role
    way: Way = Way.DESK
    address: str = ""
    login: str = ""  # of a person; a key has none


SYSTEM = Actor("desk", Role.ADMIN)  # the desk's own rules


def may(actor: Actor, permission: Permission) -> bool:
    """Say whether the actor's role includes a permission."""
    return permission in PERMISSIONS[actor.role]


def require(actor: Actor, permission: Permission) -> None:
    """Stop an action that the actor's role does not include.

    Raises:
        NotPermittedError: always when it does not.
    """
    if not may(actor, permission):
        raise NotPermittedError(
            f"{actor.name} is {actor.role}; {permission.replace('_', ' ')} needs another role"
        )
