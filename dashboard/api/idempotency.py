"""Requests that carry an Idempotency-Key are done once, however often they are sent."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta

from flask import Response, request
from sqlalchemy import delete

from dashboard.api.endpoint import Asked
from dashboard.problems import problem
from engine.clock import wall_now
from models.control import IdempotencyKey
from models.database import Database

HEADER = "Idempotency-Key"
ALLOWED = re.compile(r"[!-~]{1,128}")
KEPT_FOR = timedelta(hours=24)
REPLAYED = {"Idempotency-Replayed": "true"}


def once(asked: Asked, answer: Callable[[], Response]) -> Response:
    """Do it, unless the same caller sent this key before: then say again what was answered.

    The key is written down before anything is done. If the process dies in between, a repetition
    is told that the outcome is unknown, never silently done a second time.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return answer()
    if not ALLOWED.fullmatch(key):
        return problem(400, f"{HEADER} has 1 to 128 visible characters.")
    caller, db = asked.actor.name[:64], asked.desk.db
    if (earlier := _reserve(db, caller, key)) is not None:
        return _again(earlier)
    try:
        done = answer()
    except Exception:
        _forget(db, caller, key)  # nothing was done: it may be tried again
        raise
    _keep(db, caller, key, done)
    return done


def _reserve(db: Database, caller: str, key: str) -> IdempotencyKey | None:
    now = wall_now()
    with db.write() as tx:
        tx.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < now - KEPT_FOR))
        if (earlier := tx.get(IdempotencyKey, (caller, key), with_for_update=True)) is not None:
            tx.expunge(earlier)
            return earlier
        tx.add(IdempotencyKey(caller=caller, key=key, request=_fingerprint(), created_at=now))
    return None


def _again(earlier: IdempotencyKey) -> Response:
    if earlier.request != _fingerprint():
        return problem(422, f"This {HEADER} belongs to another request.")
    if earlier.status is None:
        return problem(
            409,
            "The first request with this key is under way, or was cut short: "
            "look at /api/v1/commands before asking again with another key.",
        )
    return Response(earlier.answer or "", earlier.status, REPLAYED, mimetype="application/json")


def _keep(db: Database, caller: str, key: str, done: Response) -> None:
    with db.write() as tx:
        row = tx.get_one(IdempotencyKey, (caller, key))
        row.status, row.answer = done.status_code, done.get_data(as_text=True)


def _forget(db: Database, caller: str, key: str) -> None:
    with db.write() as tx:
        tx.delete(tx.get_one(IdempotencyKey, (caller, key)))


def _fingerprint() -> str:
    asked = f"{request.method} {request.path}\0".encode() + request.get_data()
    return hashlib.sha256(asked).hexdigest()
