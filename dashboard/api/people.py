"""People and API keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from dashboard.api.endpoint import Asked, Endpoints
from dashboard.api.fields import Asking, Moment, Name, Password
from dashboard.queries.pages import Page, record_of
from engine.actions import people
from engine.actions.keys import NewKey, create_key, list_keys, revoke_key
from engine.actions.logins import end_all_logins
from engine.actions.permissions import Permission
from engine.actions.second_factor import remove_factor
from models.vocabulary import Role

endpoints = Endpoints()
CREATED, NOTHING = HTTPStatus.CREATED, HTTPStatus.NO_CONTENT
KeyName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,47}$", examples=["grafana"])]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserView:
    """Somebody who may log in."""

    name: str
    role: Role
    is_active: bool
    created_at: datetime
    last_login_at: datetime | None
    failed_logins: int
    must_change_password: bool
    has_second_factor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyView:
    """An API key without its secret."""

    name: str
    role: Role
    start: str
    made_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    last_used_from: str | None


class NewUser(Asking):
    """Somebody to be added."""

    name: Name
    role: Role = Role.VIEWER
    password: Password


class NewRole(Asking):
    """What somebody may do from now on."""

    role: Role


class NewPassword(Asking):
    """What somebody logs in with from now on."""

    password: Password


class WantedKey(Asking):
    """A key to be made; without an end it lasts until it is revoked."""

    name: KeyName
    role: Role = Role.VIEWER
    expires_at: Moment | None = None


@endpoints.get("/users", Permission.MANAGE_USERS)
def users(asked: Asked) -> Page[UserView]:
    """Everybody, by name."""
    found = people.list_users(asked.desk, asked.actor)
    return Page([record_of(UserView)(user) for user in found], None)


@endpoints.post("/users", Permission.MANAGE_USERS, status=CREATED)
def add_user(asked: Asked, body: NewUser) -> UserView:
    """Add somebody."""
    people.add_user(asked.desk, asked.actor, body.name, body.role, body.password)
    return _user(asked, body.name)


@endpoints.put("/users/{name}/role", Permission.MANAGE_USERS)
def set_role(asked: Asked, name: Name, body: NewRole) -> UserView:
    """Give somebody another role; every session of theirs ends."""
    people.set_role(asked.desk, asked.actor, name, body.role)
    return _user(asked, name)


@endpoints.put("/users/{name}/password", Permission.VIEW, status=NOTHING)
def set_password(asked: Asked, name: Name, body: NewPassword) -> None:
    """Give oneself, or as an admin somebody else, a new password; their sessions end."""
    people.set_password(asked.desk, asked.actor, name, body.password)


@endpoints.delete("/users/{name}", Permission.MANAGE_USERS, status=NOTHING)
def disable_user(asked: Asked, name: Name) -> None:
    """Let somebody log in no more; what they did stays in the books."""
    people.disable_user(asked.desk, asked.actor, name)


@endpoints.post("/users/{name}/enable", Permission.MANAGE_USERS)
def enable_user(asked: Asked, name: Name) -> UserView:
    """Let somebody in again who was disabled."""
    people.enable_user(asked.desk, asked.actor, name)
    return _user(asked, name)


@endpoints.post("/users/{name}/logout-everywhere", Permission.MANAGE_USERS, status=NOTHING)
def log_user_out(asked: Asked, name: Name) -> None:
    """End every login of somebody, tokens included."""
    end_all_logins(asked.desk, asked.actor, name)


@endpoints.delete("/users/{name}/second-factor", Permission.MANAGE_USERS, status=NOTHING)
def remove_second_factor(asked: Asked, name: Name) -> None:
    """Take away the second factor of who lost app and codes; every session of theirs ends."""
    remove_factor(asked.desk, asked.actor, name)


@endpoints.get("/keys", Permission.MANAGE_KEYS)
def keys(asked: Asked) -> Page[KeyView]:
    """Every key, by name, without its secret."""
    return Page([record_of(KeyView)(key) for key in list_keys(asked.desk, asked.actor)], None)


@endpoints.post("/keys", Permission.MANAGE_KEYS, status=CREATED)
def make_key(asked: Asked, body: WantedKey) -> NewKey:
    """Make a key. Its secret is in this answer and nowhere else."""
    return create_key(asked.desk, asked.actor, body.name, body.role, body.expires_at)


@endpoints.delete("/keys/{name}", Permission.MANAGE_KEYS, status=NOTHING)
def revoke(asked: Asked, name: KeyName) -> None:
    """End a key at once."""
    revoke_key(asked.desk, asked.actor, name)


def _user(asked: Asked, name: str) -> UserView:
    with asked.desk.db.read() as tx:
        return record_of(UserView)(people.find_user(tx, name))
