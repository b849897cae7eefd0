"""What stops the desk, told from everything else: no limit holds it, and no line of waiting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from flask import current_app, request

from dashboard.auth import is_logged_in
from dashboard.kill_switch import KILL
from dashboard.pages.live.emergency import DUE, EMERGENCY

CALLBACKS = "/_dash-update-component"
BY_PROGRAMS = frozenset({"api.kill", "api.emergency_stop"})
BY_HAND = frozenset({KILL.confirm, EMERGENCY.confirm})
LONGEST = 4096  # bytes of a button's callback; its reason has 200 letters


def is_stopping() -> bool:
    """Say whether this throws the kill switch or stops everything, by whichever way."""
    return request.endpoint in BY_PROGRAMS or _follows() in BY_HAND


def is_planning() -> bool:
    """Say whether this reads what an emergency stop would do, which one reads before it."""
    return _follows() == DUE


def _follows() -> str | None:
    """Return what the callback that is asked for follows, None if it is long or follows several.

    The desk's own list of callbacks tells it: what a request says of itself may be a lie.
    """
    if not (_is_short_callback() and is_logged_in()):  # a stranger's body would be waited for
        return None
    output = _said().get("output")
    known = current_app.extensions["dash"].callback_map
    inputs = known[output]["inputs"] if isinstance(output, str) and output in known else []
    return str(inputs[0]["id"]) if len(inputs) == 1 else None


def _is_short_callback() -> bool:
    return request.path == CALLBACKS and 0 < (request.content_length or 0) <= LONGEST


def _said() -> Mapping[str, Any]:
    try:
        said = orjson.loads(request.get_data())
    except orjson.JSONDecodeError:
        return {}
    return said if isinstance(said, dict) else {}
