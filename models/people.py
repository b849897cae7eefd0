"""Users and the numbered versions of what they set."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.tables import Id, Table
from models.types import Word
from models.vocabulary import Role, SettingsKind


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
    locked_until: Mapped[datetime | None]


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
