"""Showing once more who one is, before something grave."""

from __future__ import annotations

from engine.actions.login_attempts import PROOF
from engine.actions.people import check_login
from engine.actions.permissions import Actor
from engine.actions.proofs import keep_proof
from engine.actions.second_factor import check_code, code_attempt
from engine.actions.vault import Vault
from engine.desk import Desk
from engine.errors import NotProvenError
from models.people import User

WRONG = "That password is not yours."
NO_LOGIN = "A key has no password to show: log in with a name and password."
CODE_NEEDED = "A code of your second factor is needed as well."
WRONG_CODE = "That code is not right, or was used before."


def prove(desk: Desk, vault: Vault, actor: Actor, password: str, code: str = "") -> None:
    """Take a password, and a code where there is a second factor, as proof for one grave deed.

    Wrong ones count as failed logins do.

    Raises:
        NotProvenError: they are not the actor's.
        TooManyLoginsError: they were wrong too often.
    """
    if not actor.login:
        raise NotProvenError(NO_LOGIN)
    user = check_login(desk, actor.name, password, actor.address, actor.way, PROOF)
    if user is None:
        raise NotProvenError(WRONG)
    if user.totp_secret is not None:
        _check_code(desk, vault, actor, user, code)
    with desk.db.write() as tx:
        keep_proof(tx, actor.login)


def _check_code(desk: Desk, vault: Vault, actor: Actor, user: User, code: str) -> None:
    if not code.strip():
        raise NotProvenError(CODE_NEEDED)
    attempt = code_attempt(user, actor.address, actor.way, PROOF)
    if not check_code(desk, vault, code, attempt):
        raise NotProvenError(WRONG_CODE)
