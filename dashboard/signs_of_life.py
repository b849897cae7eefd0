"""Signs of life for whoever starts and watches the process."""

from __future__ import annotations

from flask import Flask
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from engine.desk import Desk


def mount_signs_of_life(server: Flask, desk: Desk) -> None:
    """Add `/healthz` (the process answers) and `/readyz` (its database does as well)."""

    @server.get("/healthz")
    def healthz() -> ResponseReturnValue:
        return {"status": "ok"}

    @server.get("/readyz")
    def readyz() -> ResponseReturnValue:
        try:
            with desk.db.read() as tx:
                tx.execute(text("SELECT 1 FROM users LIMIT 1"))
        except SQLAlchemyError:
            return {"status": "the database does not answer"}, 503
        return {"status": "ready"}
