"""API keys: shown once, kept as hashes, with a role, an end and a last use."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session as Transaction

from engine.actions.deeds import Deed, doing
from engine.actions.permissions import Actor, Permission, require
from engine.clock import wall_now
from engine.desk import Desk
from engine.errors import InvalidRequestError, NotFoundError
from engine.journal import record
from models.database import Database
from models.people import ApiKey
from models.vocabulary import Role

PREFIX = "bw_"  # so that a leaked key is found by those who look for such things
SECRET_BYTES = 32
START = 8  # characters kept in clear, to tell keys apart
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,47}")
NOTED_EVERY = timedelta(minutes=1)  # a program that asks each second writes once a minute


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made: the only moment at which its secret is known."""

    id: int
    name: str
    role: Role
    secret: str
    expires_at: datetime | None


def create_key(
    desk: Desk, actor: Actor, name: str, role: Role, expires_at: datetime | None = None
) -> NewKey:
    """Make a key.

    Raises:
        InvalidRequestError: the name is taken or not allowed, or it would have ended already.
    """
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    with doing(desk, actor, Permission.MANAGE_KEYS, "create_key", target=f"key:{name}") as deed:
        _check(deed.tx, name, expires_at)
        key = ApiKey(
            name=name,
            role=role,
            start=secret[:START],
            hash=hash_key(secret),
            made_by=actor.name,
            created_at=wall_now(),
            expires_at=expires_at,
        )
        deed.tx.add(key)
        deed.tx.flush()
        deed.entry.after = {"role": role, "expires_at": expires_at, "start": key.start}
        _tell(deed, desk, actor, f"made the key {name} for the role {role}")
    return NewKey(key.id, name, role, secret, expires_at)


def revoke_key(desk: Desk, actor: Actor, name: str) -> None:
    """End a key for good, at once and wherever it is in use.

    Raises:
        NotFoundError: there is none of that name, or it was revoked before.
    """
    with doing(desk, actor, Permission.MANAGE_KEYS, "revoke_key", target=f"key:{name}") as deed:
        gone = deed.tx.execute(
            update(ApiKey)
            .where(ApiKey.name == name, ApiKey.revoked_at.is_(None))
            .values(revoked_at=wall_now())
            .returning(ApiKey.id)
        ).first()
        if gone is None:
            raise NotFoundError(f"there is no key {name} in use")
        _tell(deed, desk, actor, f"revoked the key {name}")


def list_keys(desk: Desk, actor: Actor) -> Sequence[ApiKey]:
    """Return every key, by name."""
    require(actor, Permission.MANAGE_KEYS)
    with desk.db.read() as tx:
        return tx.scalars(select(ApiKey).order_by(ApiKey.name)).all()


def find_key(db: Database, secret: str, address: str) -> ApiKey | None:
    """Return the key of a secret while it may be used, and note the use."""
    with db.read() as tx:
        key = tx.scalars(select(ApiKey).where(ApiKey.hash == hash_key(secret))).one_or_none()
    if key is None or not is_usable(key):
        return None
    _note_use(db, key, address)
    return key


def is_usable(key: ApiKey) -> bool:
    """Say whether a key is neither revoked nor past its end."""
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > wall_now())


def may_still_use(db: Database, key_id: int) -> bool:
    """Say whether a key that was let in is still welcome."""
    with db.read() as tx:
        key = tx.get(ApiKey, key_id)
    return key is not None and is_usable(key)


def hash_key(secret: str) -> str:
    """Return what is kept of a key. It is random and long: a slow hash would protect no better."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _check(tx: Transaction, name: str, expires_at: datetime | None) -> None:
    if not NAME.fullmatch(name):
        raise InvalidRequestError("a key's name has up to 48 small letters, digits or . _ -")
    if tx.scalar(select(ApiKey.id).where(ApiKey.name == name)) is not None:
        raise InvalidRequestError(f"there is, or was, already a key {name}")
    if expires_at is not None and expires_at <= wall_now():
        raise InvalidRequestError("the key would have ended already")


def _note_use(db: Database, key: ApiKey, address: str) -> None:
    now = wall_now()
    if key.last_used_at is not None and now - key.last_used_at < NOTED_EVERY:
        return
    with db.write() as tx:
        used = {"last_used_at": now, "last_used_from": address[:64]}
        tx.execute(update(ApiKey).where(ApiKey.id == key.id).values(**used))


def _tell(deed: Deed, desk: Desk, actor: Actor, done: str) -> None:
    text = f"{actor.name} {done}"
    record(deed.tx, desk.clock.now(), "keys", deed.entry.target, text=text, actor=actor.name)
