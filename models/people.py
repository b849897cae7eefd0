"""Users, their logins and keys, and the numbered versions of what they set."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.tables import Id, Table
from models.types import Word
from models.vocabulary import Role, SettingsKind, Way


class User(Table):
    """Somebody who may log in."""

    __tablename__ = "users"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[Role] = mapped_column(Word(Role))
    password_hash: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(default=0)  # raised to end every session
    created_at: Mapped[datetime]
    last_login_at: Mapped[datetime | None]
    failed_logins: Mapped[int] = mapped_column(default=0)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    totp_secret: Mapped[str | None]  # encrypted; None: no second factor
    totp_step: Mapped[int | None]  # the last time step whose code was used: none opens twice
    recovery_hashes: Mapped[list[str] | None]  # of the codes that are left

    @property
    def has_second_factor(self) -> bool:
        """Say whether a code is asked for beside the password."""
        return self.totp_secret is not None


class Login(Table):
    """One browser or program that somebody logged in with; it lives until it is ended."""

    __tablename__ = "logins"
    __table_args__ = (Index(None, "user_id", "ended_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    way: Mapped[Way] = mapped_column(Word(Way))
    address: Mapped[str] = mapped_column(String(64))
    agent: Mapped[str] = mapped_column(String(200))
    began_at: Mapped[datetime]  # wall clock, as all moments here
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    refreshes: Mapped[int] = mapped_column(default=0)  # a refresh token of another count is stolen
    proved_at: Mapped[datetime | None]  # the password was shown again; opens one grave deed


class ApiKey(Table):
    """A program's way in: known by its hash alone, with a role and an end of its own."""

    __tablename__ = "api_keys"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(48), unique=True)
    role: Mapped[Role] = mapped_column(Word(Role))
    start: Mapped[str] = mapped_column(String(12))  # of the key, to tell keys apart
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    last_used_from: Mapped[str | None] = mapped_column(String(64))


class SettingsVersion(Table):
    """One version of the strategy or risk settings; the highest number is in force."""

    __tablename__ = "settings_versions"
    __table_args__ = (UniqueConstraint("kind", "version"),)

    id: Mapped[Id]
    kind: Mapped[SettingsKind] = mapped_column(Word(SettingsKind))
    version: Mapped[int]
    body: Mapped[dict[str, Any]]
    actor: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str]
    created_at: Mapped[datetime]
