"""Tokens of programs: a short-lived one to ask with, and one to get the next with."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from engine.actions.logins import LIVES_FOR
from engine.clock import wall_now
from models.people import Login, User

ALGORITHM = "HS256"
ACCESS_FOR = timedelta(minutes=30)
LONGEST = 4_096  # characters; ours have a few hundred


class Use(StrEnum):
    """What a token is good for; the one is never taken for the other."""

    ACCESS = "access"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPair:
    """What a program gets for a login or refresh."""

    access_token: str
    refresh_token: str
    expires_at: datetime
    role: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  # a word


@dataclass(frozen=True, slots=True)
class Claims:
    """What a genuine token says."""

    login: str
    epoch: int
    refreshes: int
    expires_at: datetime


class Tokens:
    """Issues tokens and knows its own again."""

    def __init__(self, secret_key: str) -> None:
        # A key of its own: a cookie's signature says nothing about a token's.
        derived = hmac.digest(secret_key.encode(), b"bellwether tokens", hashlib.sha256)
        self._key = OctKey.import_key(derived)

    def issue(self, user: User, login: Login, refreshes: int, at: datetime) -> TokenPair:
        """Return a pair for a login; the refresh token is good for one use."""
        about = {
            "sub": user.name,
            "role": str(user.role),
            "login": login.id,
            "epoch": user.session_epoch,
            "refreshes": refreshes,
        }
        expires_at = at + ACCESS_FOR
        return TokenPair(
            access_token=self._sign(about, Use.ACCESS, at, expires_at),
            refresh_token=self._sign(about, Use.REFRESH, at, at + LIVES_FOR),
            expires_at=expires_at,
            role=str(user.role),
        )

    def read(self, token: str, use: Use) -> Claims | None:
        """Return what a token says, None when it is not ours, of another use or too old."""
        try:
            said = jwt.decode(token[:LONGEST], self._key, algorithms=[ALGORITHM]).claims
            claims = _claims(said)
        except (JoseError, ValueError, KeyError, TypeError):
            return None
        return claims if said.get("use") == use and claims.expires_at > wall_now() else None

    def _sign(self, about: dict[str, Any], use: Use, at: datetime, until: datetime) -> str:
        times = {"iat": int(at.timestamp()), "exp": int(until.timestamp())}
        return jwt.encode({"alg": ALGORITHM}, {**about, "use": str(use), **times}, self._key)


def _claims(said: dict[str, Any]) -> Claims:
    return Claims(
        login=str(said["login"]),
        epoch=int(said["epoch"]),
        refreshes=int(said["refreshes"]),
        expires_at=datetime.fromtimestamp(int(said["exp"]), UTC),
    )
