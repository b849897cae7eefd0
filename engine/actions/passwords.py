"""Passwords, kept as argon2 hashes."""

from __future__ import annotations

from functools import cache
from secrets import token_urlsafe

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.errors import InvalidRequestError

SHORTEST = 12
LONGEST = 256  # nobody types more, and hashing takes time by length

HASHER = PasswordHasher()


def hash_password(password: str) -> str:
    """Hash a password that is good enough.

    Raises:
        InvalidRequestError: it is too short or too long.
    """
    if not is_allowed(password):
        raise InvalidRequestError(f"a password has {SHORTEST} to {LONGEST} characters")
    return HASHER.hash(password)


def is_allowed(password: str) -> bool:
    """Say whether a password is long enough, and not too long."""
    return SHORTEST <= len(password) <= LONGEST


@cache
def nobodys_hash() -> str:
    """Return the hash of a password that belongs to nobody, and that nobody knows."""
    return HASHER.hash(token_urlsafe())


def is_password(hashed: str | None, password: str) -> bool:
    """Say whether a password belongs to a hash; takes as long when there is none."""
    nobodys = nobodys_hash()  # asked for by everybody, or the first unknown name would take longer
    try:
        matches = HASHER.verify(hashed or nobodys, password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return matches and hashed is not None
