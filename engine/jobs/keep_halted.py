"""While trading is halted, no entry works (features SAFE-1)."""

from __future__ import annotations

from engine.actions.closing import cancel_entries
from engine.actions.control import control_states
from engine.desk import Desk
from models.vocabulary import Control, ControlScope


def keep_halted(desk: Desk) -> str | None:
    """Cancel entries that work while the kill switch is thrown, whatever became of its command."""
    with desk.db.read() as tx:
        states = control_states(tx, None)
    if states.get(ControlScope.ALL) is not Control.HALTED:
        return None
    left = cancel_entries(desk)
    return f"{left} entries are still being cancelled" if left else None
