"""Why a period shows nothing, for a person."""

from __future__ import annotations

from datetime import date

BACKWARDS = "The period ends before it begins: From is after To."


def why_empty(first: date | None, last: date | None, otherwise: str) -> str:
    """Return why nothing is in a period, `otherwise` where its days are not to blame."""
    return BACKWARDS if first and last and first > last else otherwise
