"""Short notices in the corner: what was done, and why something was not."""

from __future__ import annotations

import logging
import uuid

from dash import set_props

from dashboard.components import ids
from engine.errors import DeskError
from engine.journal import correlation

log = logging.getLogger(__name__)


def say(sentence: str) -> None:
    """Tell the person that something was done."""
    _show("done", sentence)


def warn(sentence: str) -> None:
    """Tell the person that what was asked for does not come about by itself."""
    _show("refused", sentence)


def explain_error(error: Exception) -> None:
    """Tell the person why a click did nothing: Dash's `on_error`."""
    if isinstance(error, DeskError):
        _show("refused", str(error))
        return
    number = uuid.uuid4().hex[:8]
    log.error("a page's callback failed", exc_info=error, extra={"number": number})
    _show("refused", f"That did not work; the log has the details under {number}.")


def _show(kind: str, sentence: str) -> None:
    matter = correlation.get()  # what the journal tells of this click joins the same note
    toast = {"kind": kind, "sentence": sentence, "matter": matter, "id": uuid.uuid4().hex}
    set_props(ids.TOAST, {"data": toast})
