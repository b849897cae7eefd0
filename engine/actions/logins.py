"""Logins: each browser or program that somebody logged in with, until it is ended."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session as Transaction

from engine.actions.deeds import doing
from engine.actions.permissions import Actor, Permission
from engine.clock import wall_now
from engine.desk import Desk
from engine.errors import NotFoundError
from engine.journal import record
from models.database import Database
from models.people import Login, User
from models.vocabulary import Way

LIVES_FOR = timedelta(hours=12)  # since it was last seen
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class LivingLogin:
    """A login that is in force, and the user behind it."""

    user: User
    login: Login


def begin_login(db: Database, user: User, way: Way, address: str, agent: str) -> Login:
    """Write down that somebody logged in; what it is called goes into the cookie or token."""
    now = wall_now()
    login = Login(
        id=secrets.token_urlsafe(18),
        user_id=user.id,
        way=way,
        address=address[:64],
        agent=agent[:200],
        began_at=now,
        seen_at=now,
        refreshes=0,
    )
    with db.write() as tx:
        tx.add(login)
    return login


def living_login(
    db: Database, login_id: str, epoch: int, *, is_used: bool = True
) -> LivingLogin | None:
    """Return a login and its user while both are welcome; `epoch` is what its cookie says.

    Who only looks whether it still is (`is_used` false) writes nothing.
    """
    with db.read() as tx:
        found = tx.execute(
            select(User, Login).join(Login, Login.user_id == User.id).where(Login.id == login_id)
        ).one_or_none()
    if found is None:
        return None
    user, login = found
    gone = login.ended_at is not None or wall_now() - login.seen_at > LIVES_FOR
    if gone or not user.is_active or user.session_epoch != epoch:
        return None
    if is_used:
        _note_seen(db, login)
    return LivingLogin(user, login)


def end_login(desk: Desk, actor: Actor, login_id: str) -> None:
    """End one login of the actor's own: a copy of its cookie opens nothing any more.

    Raises:
        NotFoundError: it is not one of theirs, or has ended.
    """
    with doing(desk, actor, Permission.VIEW, "logout", target=f"user:{actor.name}") as deed:
        if not _end(deed.tx, actor.name, login_id):
            raise NotFoundError("there is no such login")
        text = f"{actor.name} logged out"
        record(deed.tx, desk.clock.now(), "people", deed.entry.target, text=text)


def end_all_logins(desk: Desk, actor: Actor, name: str | None = None) -> None:
    """End every login, tokens included: the actor's own, or as an admin somebody else's.

    Raises:
        NotFoundError: there is nobody of that name.
    """
    whose = name or actor.name
    may = Permission.VIEW if whose == actor.name else Permission.MANAGE_USERS
    with doing(desk, actor, may, "logout_everywhere", target=f"user:{whose}") as deed:
        raised = update(User).where(User.name == whose).returning(User.id)
        if not deed.tx.execute(raised.values(session_epoch=User.session_epoch + 1)).all():
            raise NotFoundError(f"there is no user {whose}")
        _end(deed.tx, whose)
        text = f"{actor.name} logged {whose} out everywhere"
        record(deed.tx, desk.clock.now(), "people", deed.entry.target, text=text)


def logins_of(tx: Transaction, name: str) -> Sequence[Login]:
    """Return the logins of somebody that are in force, newest first."""
    mine = select(User.id).where(User.name == name).scalar_subquery()
    return tx.scalars(
        select(Login)
        .where(
            Login.user_id == mine,
            Login.ended_at.is_(None),
            Login.seen_at > wall_now() - LIVES_FOR,
        )
        .order_by(Login.began_at.desc())
    ).all()


def use_refresh(db: Database, login_id: str, count: int) -> bool:
    """Use a refresh token once. A second use means that it was copied: its login ends."""
    with db.write() as tx:
        used = tx.execute(
            update(Login)
            .where(Login.id == login_id, Login.refreshes == count, Login.ended_at.is_(None))
            .values(refreshes=count + 1, seen_at=wall_now())
            .returning(Login.id)
        ).first()
        if used is None:
            tx.execute(update(Login).where(Login.id == login_id).values(ended_at=wall_now()))
    return used is not None


def _end(tx: Transaction, name: str, login_id: str | None = None) -> bool:
    mine = select(User.id).where(User.name == name).scalar_subquery()
    ending = update(Login).where(Login.user_id == mine, Login.ended_at.is_(None))
    if login_id is not None:
        ending = ending.where(Login.id == login_id)
    return bool(tx.execute(ending.values(ended_at=wall_now()).returning(Login.id)).all())


def _note_seen(db: Database, login: Login) -> None:
    now = wall_now()
    if now - login.seen_at < SEEN_EVERY:
        return
    with db.write() as tx:
        tx.execute(update(Login).where(Login.id == login.id).values(seen_at=now))
