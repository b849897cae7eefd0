"""The second factor: codes of an authenticator app, and recovery codes for when it is lost."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import pyotp
from sqlalchemy import or_, update

from engine.actions.deeds import doing
from engine.actions.login_attempts import (
    LOGIN,
    Attempt,
    attempt_scope,
    count_attempt,
    refuse_if_locked,
)
from engine.actions.people import find_user
from engine.actions.permissions import Actor, Permission
from engine.actions.vault import Vault
from engine.clock import wall_now
from engine.desk import Desk
from engine.errors import InvalidRequestError, NotFoundError
from engine.journal import record
from models.people import User
from models.vocabulary import Way

ISSUER = "Bellwether"
STEP = 30  # seconds
CODES = 10
CODE_BYTES = 5
NEIGHBOURS = (0, -1, 1)  # steps: clocks differ
WRONG_CODE = "that code is not the one of this moment"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A factor before it is confirmed: what the app needs, and what the person sends back."""

    secret: str
    uri: str
    sealed: str


def propose_factor(vault: Vault, actor: Actor) -> Proposal:
    """Invent a secret; nothing is stored until a code proves that the app has it."""
    secret = pyotp.random_base32()
    uri = pyotp.TOTP(secret).provisioning_uri(name=actor.name, issuer_name=ISSUER)
    return Proposal(secret, uri, vault.seal(f"{actor.name}\0{secret}"))


def confirm_factor(desk: Desk, vault: Vault, actor: Actor, sealed: str, code: str) -> Sequence[str]:
    """Keep a proposed factor; return the recovery codes, which are shown this once.

    Raises:
        InvalidRequestError: the code is wrong, or the proposal somebody else's.
    """
    name, _, secret = (vault.open(sealed) or "").partition("\0")
    codes = _codes()
    with doing(desk, actor, Permission.VIEW, "add_second_factor", target=f"user:{name}") as deed:
        step = _step_of(secret, code) if name == actor.name else None
        user = find_user(deed.tx, actor.name)
        if step is None or user is None:
            raise InvalidRequestError(WRONG_CODE)
        user.totp_secret, user.totp_step = vault.seal(secret), step
        user.recovery_hashes = [_hash(each) for each in codes]
        text = f"{actor.name} added a second factor"
        record(deed.tx, desk.clock.now(), "people", deed.entry.target, text=text)
    return codes


def new_recovery_codes(desk: Desk, actor: Actor) -> Sequence[str]:
    """Replace the actor's recovery codes; return the new ones, which are shown this once.

    Raises:
        NotFoundError: the actor has no second factor.
    """
    codes, target = _codes(), f"user:{actor.name}"
    with doing(desk, actor, Permission.VIEW, "new_recovery_codes", target=target) as deed:
        user = find_user(deed.tx, actor.name)
        if user is None or user.totp_secret is None:
            raise NotFoundError("there is no second factor to recover")
        user.recovery_hashes = [_hash(each) for each in codes]
        text = f"{actor.name} made new recovery codes"
        record(deed.tx, desk.clock.now(), "people", target, text=text)
    return codes


def remove_factor(desk: Desk, actor: Actor, name: str) -> None:
    """Take a second factor away; every session of theirs ends.

    People may remove their own; an admin helps who lost app and codes.

    Raises:
        NotFoundError: there is nobody of that name.
    """
    may = Permission.VIEW if name == actor.name else Permission.MANAGE_USERS
    target = f"user:{name}"
    with doing(desk, actor, may, "remove_second_factor", target=target) as deed:
        user = find_user(deed.tx, name)
        if user is None:
            raise NotFoundError(f"there is no user {name}")
        user.totp_secret = user.totp_step = user.recovery_hashes = None
        user.session_epoch += 1
        text = f"{actor.name} removed the second factor of {name}"
        record(deed.tx, desk.clock.now(), "people", target, text=text)


def code_attempt(user: User, address: str, way: Way, what: str = LOGIN) -> Attempt:
    """Return an attempt of somebody to show a code; codes are counted apart from passwords."""
    return Attempt(attempt_scope(f"code of {user.name}", address), user, address, way, what)


def check_code(desk: Desk, vault: Vault, code: str, attempt: Attempt) -> bool:
    """Say whether a code opens; wrong ones are counted like wrong passwords.

    Raises:
        TooManyLoginsError: it was tried too often from this address.
    """
    refuse_if_locked(desk, attempt)
    right = attempt.user is not None and use_code(desk, vault, attempt.user, code)
    with desk.db.write() as tx:
        count_attempt(tx, desk.clock.now(), attempt, succeeded=right)
    return right


def use_code(desk: Desk, vault: Vault, user: User, code: str) -> bool:
    """Say whether a code opens, and let it open nothing more."""
    plain = code.replace(" ", "").replace("-", "").casefold()
    return _use_app_code(desk, vault, user, plain) or _use_recovery_code(desk, user, plain)


def _use_app_code(desk: Desk, vault: Vault, user: User, code: str) -> bool:
    step = _step_of(vault.open(user.totp_secret or "") or "", code)
    if step is None:
        return False
    with desk.db.write() as tx:
        used = update(User).where(
            User.id == user.id, or_(User.totp_step.is_(None), User.totp_step < step)
        )
        return bool(tx.execute(used.values(totp_step=step).returning(User.id)).all())


def _use_recovery_code(desk: Desk, user: User, code: str) -> bool:
    with desk.db.write() as tx:
        row = tx.get_one(User, user.id, with_for_update=True)
        left = row.recovery_hashes or []
        if _hash(code) not in left:
            return False
        row.recovery_hashes = [each for each in left if each != _hash(code)]
    return True


def _step_of(secret: str, code: str) -> int | None:
    """Return the time step whose code this is."""
    if not secret or not code.isdecimal():
        return None
    app, now = pyotp.TOTP(secret), int(wall_now().timestamp()) // STEP
    steps = (now + away for away in NEIGHBOURS)
    return next((s for s in steps if secrets.compare_digest(app.generate_otp(s), code)), None)


def _codes() -> Sequence[str]:
    return [secrets.token_hex(CODE_BYTES) for _ in range(CODES)]


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
