"""Plain forms: each carries a token of its session, so that no other site can send it."""

from __future__ import annotations

import secrets

from flask import request, session

FIELD = "form_token"


def form_token() -> str:
    """Return the token that a form of this session carries."""
    token: str = session.setdefault(FIELD, secrets.token_urlsafe(24))
    return token


def has_form_token() -> bool:
    """Say whether the form that was sent is one of this session."""
    expected, given = session.get(FIELD, ""), request.form.get(FIELD, "")
    return bool(expected) and secrets.compare_digest(expected.encode(), given.encode())
