"""Proofs: whoever opens again what was stopped, or gives access, has just shown who they are.

A session or key may be stolen; what it can do alone is stop things. A proof belongs to one login,
opens one deed, and is soon too old. The command line needs none: whoever may run commands on the
machine can read its secret key and write its database anyway.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session as Transaction

from engine.actions.permissions import Actor
from engine.clock import wall_now
from engine.errors import NotProvenError
from models.people import Login
from models.vocabulary import Way

GOOD_FOR = timedelta(minutes=2)
FREE_WAYS = frozenset({Way.DESK, Way.COMMAND_LINE})
GRAVE = frozenset(
    {
        "lift_kill",
        "confirm_live",
        "switch_account",
        "add_user",
        "set_password",
        "set_role",
        "enable_user",
        "add_second_factor",
        "remove_second_factor",
        "new_recovery_codes",
        "create_key",
    }
)


def keep_proof(tx: Transaction, login_id: str) -> None:
    """Write down that the person behind a login has just proved who they are."""
    tx.execute(update(Login).where(Login.id == login_id).values(proved_at=wall_now()))


def use_proof(tx: Transaction, actor: Actor, action: str) -> None:
    """Use the actor's proof up, if the action is one that needs it.

    Raises:
        NotProvenError: there is none, or it is too old.
    """
    if action not in GRAVE or actor.way in FREE_WAYS:
        return
    found = tx.execute(
        update(Login)
        .where(
            Login.id == actor.login,
            Login.ended_at.is_(None),
            Login.proved_at > wall_now() - GOOD_FOR,
        )
        .values(proved_at=None)
        .returning(Login.id)
    ).first()
    if found is None:
        raise NotProvenError(
            f"{action.replace('_', ' ')} needs your password once more, shown within the last "
            f"{GOOD_FOR // timedelta(minutes=1)} minutes; a key alone cannot do it"
        )
