"""How many requests a minute may bring, in the exchange's time."""

from __future__ import annotations

from dataclasses import dataclass

from tests.local_alpaca.moments import MINUTE, SECOND
from tests.local_alpaca.refusals import rate_limited


@dataclass(slots=True)
class RateLimit:
    """Counts the requests of each minute."""

    limit: int | None
    of_data: bool
    _minute: int = -1
    _used: int = 0

    def take(self, now: int) -> None:
        """Count a request, or refuse it."""
        if now // MINUTE != self._minute:
            self._minute, self._used = now // MINUTE, 0
        self._used += 1
        if self.limit is not None and self._used > self.limit:
            raise rate_limited(of_data=self.of_data)

    def headers(self) -> dict[str, str]:
        """Return what every answer says about the limit."""
        if self.limit is None:
            return {}
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(self.limit - self._used, 0)),
            "X-RateLimit-Reset": str((self._minute + 1) * MINUTE // SECOND),
        }
