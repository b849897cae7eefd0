"""What a reader is told who asked for something that makes no sense: what would have made some."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from dashboard.feed.messages import LONGEST_TOKEN, Channel, Wire

NO_OBJECT = "Say a JSON object with an action: subscribe, catch_up or refresh_token."
ALLOWED: Mapping[str, str] = {
    "action": "The action is subscribe, catch_up or refresh_token.",
    "channels": f"The channels are a list of one or more of {', '.join(Channel)}.",
    "last_seq": "The last_seq is a whole number from 0 on.",
    "format": f"The format is {' or '.join(Wire)}.",
    "token": f"The token is a text of at most {LONGEST_TOKEN:,} characters.",
}
SUBSCRIBE_FIRST = "Subscribe first: until then there is nothing to catch up on."


def sentence_about(error: ValidationError) -> str:
    """Say what is allowed where the first mistake was made."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"].startswith("union_tag"):
        return ALLOWED["action"]
    named = [part for part in first["loc"] if part in ALLOWED]
    return ALLOWED[str(named[0])] if named else NO_OBJECT
