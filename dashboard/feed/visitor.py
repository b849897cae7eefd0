"""Whose a connection is: a session, a key, or a token that a newer one takes the place of."""

from __future__ import annotations

from datetime import datetime

from dashboard.auth import Entrance, Person


class FeedVisitor:
    """Somebody at the other end of a connection, which outlives the request that opened it."""

    def __init__(self, entrance: Entrance, person: Person) -> None:
        self._entrance = entrance
        self._person = person

    @property
    def login(self) -> str:
        """Return of which login the connection is."""
        return self._person.login

    @property
    def expires_at(self) -> datetime | None:
        """Return when the token ends, None for a session or key."""
        return self._person.expires_at

    def is_welcome(self) -> bool:
        """Say whether the visitor would be let in again."""
        return self._entrance.still_welcome(self._person)

    def renew(self, token: str) -> bool:
        """Take a new token of the same person; say whether it is one."""
        person = self._entrance.by_token(token)
        if person is None or person.name != self._person.name:
            return False
        self._person = person
        return True
