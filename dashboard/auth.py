"""Who asks: a person by the session cookie, a program by a key or token in its headers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, current_app, g, request
from flask_login import LoginManager, UserMixin, current_user

from dashboard.tokens import Tokens, Use
from engine.actions.audit import Entry
from engine.actions.deeds import demand
from engine.actions.keys import find_key, may_still_use
from engine.actions.logins import living_login
from engine.actions.permissions import Actor, Permission
from engine.actions.proving import prove
from engine.actions.vault import Vault
from engine.desk import Desk
from models.database import Database
from models.people import ApiKey
from models.vocabulary import Role, Way

KEY_HEADER = "X-API-Key"
BEARER = "Bearer "
FOR_PROGRAMS = ("/api/", "/ws/")  # nowhere else do keys and tokens open anything
MOST_ADDRESS = 64


@dataclass(frozen=True)
class Person(UserMixin):
    """Who is logged in. What its cookie or token says dies when the user's epoch rises."""

    name: str
    role: Role
    login: str  # empty for a key
    epoch: int = 0
    way: Way = Way.PAGE
    key: int | None = None
    expires_at: datetime | None = None  # of a token
    must_change_password: bool = False

    def get_id(self) -> str:
        """Return what the session cookie carries."""
        return f"{self.login}.{self.epoch}"


@dataclass(frozen=True, slots=True)
class Entrance:
    """What people and programs are recognised by."""

    db: Database
    tokens: Tokens
    vault: Vault

    def by_cookie(self, key: str) -> Person | None:
        """Return the user of a session, None when it was ended or the user disabled."""
        login, _, epoch = key.rpartition(".")
        return self._living(login, int(epoch)) if epoch.isdecimal() else None

    def by_token(self, token: str) -> Person | None:
        """Return the user of an access token while it is good."""
        claims = self.tokens.read(token, Use.ACCESS)
        if claims is None:
            return None
        return self._living(claims.login, claims.epoch, way=Way.API, expires_at=claims.expires_at)

    def by_key(self, secret: str, address: str) -> Person | None:
        """Return the program whose key this is."""
        key = find_key(self.db, secret, address)
        return _program(key) if key else None

    def still_welcome(self, person: Person) -> bool:
        """Say whether somebody who was let in would be let in again.

        The feed asks, which must not wait for whoever writes.
        """
        if person.key is not None:
            return may_still_use(self.db, person.key)
        return living_login(self.db, person.login, person.epoch, is_used=False) is not None

    def _living(self, login: str, epoch: int, **more: Any) -> Person | None:
        found = living_login(self.db, login, epoch)
        if found is None:
            return None
        user = found.user
        more["must_change_password"] = user.must_change_password
        return Person(user.name, user.role, login, epoch, **more)


def mount_auth(server: Flask, entrance: Entrance) -> None:
    """Let the server know people by their cookies, programs by their headers."""
    server.extensions["entrance"] = entrance
    manager = LoginManager(server)
    # "strong" would log a phone out whenever it changes its network: no way to reach a kill switch.
    manager.session_protection = "basic"
    manager.user_loader(entrance.by_cookie)


def current_person() -> Person | None:
    """Return who sent this request, None for a stranger."""
    if "person" not in g:
        g.person = _by_header() if has_credentials() else _by_cookie()
    person: Person | None = g.person
    return person


def current_actor() -> Actor:
    """Return who sent this request, as the actions know them."""
    person = must_be_somebody()
    return Actor(person.name, person.role, person.way, address(), person.login)


def demanded(desk: Desk, permission: Permission, what: str) -> Actor:
    """Return who asks, if they may; that somebody may not is audited under the name of `what`.

    Raises:
        NotPermittedError: they may not.
    """
    actor = current_actor()
    demand(desk, actor, permission, Entry(what))
    return actor


def take_proof(desk: Desk, password: str | None, code: str | None) -> None:
    """Take what somebody typed as proof of who they are, for the deed that follows.

    Raises:
        NotProvenError, TooManyLoginsError: it is none.
    """
    prove(desk, get_entrance().vault, current_actor(), password or "", code or "")


def stranger() -> Actor:
    """Return somebody unknown, for the books."""
    return Actor("a stranger", Role.VIEWER, Way.API, address())


def is_logged_in() -> bool:
    """Say whether somebody sent this request."""
    return current_person() is not None


def current_login_id() -> str:
    """Return which login this request belongs to: one browser has one."""
    person = current_person()
    return person.login if person else ""


def must_be_somebody() -> Person:
    """Return who sent this request, which the guard has let in.

    Raises:
        LookupError: nobody is logged in: the guard was passed by.
    """
    person = current_person()
    if person is None:
        raise LookupError("nobody is logged in")
    return person


def get_entrance() -> Entrance:
    """Return what this server recognises people by."""
    entrance: Entrance = current_app.extensions["entrance"]
    return entrance


def address() -> str:
    """Return where the request came from."""
    return (request.remote_addr or "")[:MOST_ADDRESS]


def has_credentials() -> bool:
    """Say whether the request brings a key or token; then its cookie counts for nothing."""
    offered = KEY_HEADER in request.headers or "Authorization" in request.headers
    return offered and request.path.startswith(FOR_PROGRAMS)


def _by_header() -> Person | None:
    if (secret := request.headers.get(KEY_HEADER)) is not None:
        return get_entrance().by_key(secret, address())
    given = request.headers.get("Authorization", "")
    return get_entrance().by_token(given.removeprefix(BEARER)) if BEARER in given else None


def _by_cookie() -> Person | None:
    user: object = current_user._get_current_object()  # noqa: SLF001  # what the proxy stands for
    return user if isinstance(user, Person) else None


def _program(key: ApiKey) -> Person:
    return Person(f"key:{key.name}", key.role, "", way=Way.API, key=key.id)
