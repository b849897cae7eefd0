"""People: who may log in, as what, and with which password."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Transaction

from engine.actions.deeds import Deed, doing
from engine.actions.login_attempts import (
    LOGIN,
    Attempt,
    attempt_scope,
    count_attempt,
    refuse_if_flooding,
    refuse_if_locked,
)
from engine.actions.passwords import hash_password, is_allowed, is_password
from engine.actions.permissions import Actor, Permission, may, require
from engine.clock import wall_now
from engine.desk import Desk
from engine.errors import InvalidRequestError
from engine.journal import record
from models.database import Database
from models.people import User
from models.vocabulary import Role, Way

FIRST_ADMIN = "admin"
GENERATED_BYTES = 24
NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")

# Guesses sent at once must not all pass before the first is counted, and each check takes tens of
# megabytes.
_one_at_a_time = threading.Lock()


def add_user(desk: Desk, actor: Actor, name: str, role: Role, password: str) -> None:
    """Add somebody.

    Raises:
        InvalidRequestError: the name is taken or not allowed, or the password is too short.
    """
    hashed = _hashed_before(actor, Permission.MANAGE_USERS, password)
    with _managing(desk, actor, "add_user", name) as deed:
        name, hashed = _checked_name(name), hashed or hash_password(password)
        if find_user(deed.tx, name) is not None:
            raise InvalidRequestError(f"there is already a user {name}")
        must_change = _is_seen_by_others(actor, name)
        _insert(deed.tx, name, role, hashed, must_change_password=must_change)
        _tell(deed, desk, actor, f"added {name} as {role}", {"role": role})


def set_password(desk: Desk, actor: Actor, name: str, password: str) -> None:
    """Give somebody a new password; every session of theirs ends. People may change their own."""
    own = _plain(name) == actor.name
    least = Permission.VIEW if own else Permission.MANAGE_USERS
    hashed = _hashed_before(actor, least, password)
    with _managing(desk, actor, "set_password", name, least) as deed:
        hashed = hashed or hash_password(password)
        user = _known(deed.tx, name)
        user.password_hash = hashed
        user.session_epoch += 1
        user.failed_logins = 0
        user.must_change_password = _is_seen_by_others(actor, user.name)
        _tell(deed, desk, actor, f"changed the password of {user.name}")


def set_role(desk: Desk, actor: Actor, name: str, role: Role) -> None:
    """Give somebody another role; every session of theirs ends."""
    with _managing(desk, actor, "set_role", name) as deed:
        user = _known(deed.tx, name)
        if role is not Role.ADMIN:
            _keep_an_admin(deed.tx, user)
        deed.entry.before = {"role": user.role}
        user.role = role
        user.session_epoch += 1
        _tell(deed, desk, actor, f"made {user.name} {role}", {"role": role})


def disable_user(desk: Desk, actor: Actor, name: str) -> None:
    """Lock somebody out for good; every session of theirs ends."""
    with _managing(desk, actor, "disable_user", name) as deed:
        user = _known(deed.tx, name)
        _keep_an_admin(deed.tx, user)
        deed.entry.before = {"is_active": user.is_active}
        user.is_active = False
        user.session_epoch += 1
        _tell(deed, desk, actor, f"disabled {user.name}", {"is_active": False})


def enable_user(desk: Desk, actor: Actor, name: str) -> None:
    """Let somebody in again who was disabled."""
    with _managing(desk, actor, "enable_user", name) as deed:
        user = _known(deed.tx, name)
        deed.entry.before = {"is_active": user.is_active}
        user.is_active = True
        _tell(deed, desk, actor, f"enabled {user.name}", {"is_active": True})


def list_users(desk: Desk, actor: Actor) -> Sequence[User]:
    """Return everybody, by name."""
    require(actor, Permission.MANAGE_USERS)
    with desk.db.read() as tx:
        return tx.scalars(select(User).order_by(User.name)).all()


def first_admin(db: Database, given_password: str | None) -> str | None:
    """Make an admin when there is nobody yet; return the password if it had to be invented.

    Raises:
        InvalidRequestError: the given password is too short.
    """
    with db.read() as tx:
        if _anybody(tx):
            return None
    password = given_password or secrets.token_urlsafe(GENERATED_BYTES)
    hashed = hash_password(password)
    with db.write() as tx:
        if _anybody(tx):  # another process was quicker
            return None
        _insert(tx, FIRST_ADMIN, Role.ADMIN, hashed, must_change_password=not given_password)
        record(tx, wall_now(), "people", f"user:{FIRST_ADMIN}", text=f"{FIRST_ADMIN} was made")
    return None if given_password else password


def find_user(tx: Transaction, name: str) -> User | None:
    """Return a user by name, whatever its capitals."""
    return tx.scalars(select(User).where(User.name == _plain(name))).one_or_none()


def check_login(
    desk: Desk, name: str, password: str, address: str, way: Way = Way.PAGE, what: str = LOGIN
) -> User | None:
    """Return the user whose name and password these are, None when they are nobody's.

    `what` they are shown for is told in the audit; wrong ones count alike.

    Raises:
        TooManyLoginsError: this name was tried too often from this address.
    """
    scope = attempt_scope(_plain(name), address)
    refuse_if_flooding(desk, Attempt(scope, None, address, way, what))
    with _one_at_a_time:
        with desk.db.read() as tx:
            user = find_user(tx, name)
        attempt = Attempt(scope, user, address, way, what)
        refuse_if_locked(desk, attempt)
        matches = is_password(user.password_hash if user else None, password)
        welcome = user is not None and user.is_active and matches
        with desk.db.write() as tx:
            count_attempt(tx, desk.clock.now(), attempt, succeeded=welcome)
    return user if welcome else None


def _hashed_before(actor: Actor, permission: Permission, password: str) -> str | None:
    """Hash a password outside of the deed's transaction, which would keep a kill waiting.

    None for what the deed refuses: it does so itself, and then hashes nothing.
    """
    return hash_password(password) if may(actor, permission) and is_allowed(password) else None


def _is_seen_by_others(actor: Actor, name: str) -> bool:
    """Say whether somebody else chose the password; on the command line it may be its owner."""
    return actor.way in {Way.PAGE, Way.API} and actor.name != name


def _plain(name: str) -> str:
    return name.strip().casefold()


def _checked_name(name: str) -> str:
    plain = _plain(name)
    if not NAME.fullmatch(plain):
        raise InvalidRequestError(
            "a name has up to 64 letters, digits or . _ @ - and begins with a letter or digit"
        )
    return plain


def _known(tx: Transaction, name: str) -> User:
    user = find_user(tx, name)
    if user is None:
        raise InvalidRequestError(f"there is no user {name}")
    return user


def _keep_an_admin(tx: Transaction, user: User) -> None:
    """Refuse what would leave nobody to manage the users."""
    others = select(func.count()).where(
        User.role == Role.ADMIN, User.is_active.is_(True), User.id != user.id
    )
    if user.role is Role.ADMIN and user.is_active and not tx.scalar(others):
        raise InvalidRequestError(f"{user.name} is the last admin; make another one first")


def _anybody(tx: Transaction) -> bool:
    return tx.scalar(select(User.id).limit(1)) is not None


def _insert(tx: Transaction, name: str, role: Role, hashed: str, **more: Any) -> None:
    tx.add(User(name=name, role=role, password_hash=hashed, created_at=wall_now(), **more))


def _managing(
    desk: Desk,
    actor: Actor,
    action: str,
    name: str,
    permission: Permission = Permission.MANAGE_USERS,
) -> AbstractContextManager[Deed]:
    return doing(desk, actor, permission, action, target=f"user:{_plain(name)}")


def _tell(
    deed: Deed, desk: Desk, actor: Actor, done: str, after: dict[str, Any] | None = None
) -> None:
    deed.entry.after = after
    text = f"{actor.name} {done}"
    record(deed.tx, desk.clock.now(), "people", deed.entry.target, text=text, actor=actor.name)
