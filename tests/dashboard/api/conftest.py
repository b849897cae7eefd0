"""Programs with keys of every role, and strangers."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.actions.keys import create_key
from engine.actions.permissions import SYSTEM
from engine.desk import Desk
from models.vocabulary import Role
from tests.dashboard import desks

BASE = "/api/v1"


class Program:
    """Somebody who asks the API with some headers."""

    def __init__(self, client: FlaskClient, **headers: str) -> None:
        self.client = client
        self.headers = headers

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.ask("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> TestResponse:
        return self.ask("POST", path, json=body if body is not None else {}, **more)

    def put(self, path: str, body: Any) -> TestResponse:
        return self.ask("PUT", path, json=body)

    def delete(self, path: str, **more: Any) -> TestResponse:
        return self.ask("DELETE", path, **more)

    def ask(self, method: str, path: str, **more: Any) -> TestResponse:
        headers = {**self.headers, **more.pop("headers", {})}
        return self.client.open(BASE + path, method=method, headers=headers, **more)


Programs = Callable[[Role], Program]


@pytest.fixture
def program(app: Flask, desk: Desk) -> Programs:
    """Makes a program with a key of a role."""

    def make(role: Role) -> Program:
        key = create_key(desk, SYSTEM, f"{role}-key", role)
        return Program(app.test_client(use_cookies=False), **{"X-API-Key": key.secret})

    return make


def prove(program: Program, **more: str) -> None:
    """Show the password again: opens one grave deed."""
    answer = program.post("/auth/prove", {"password": desks.PASSWORD, **more})
    assert answer.status_code == 204


@pytest.fixture
def anna(app: Flask) -> Program:
    """An admin who logged in with name and password, as a person does and a key cannot."""
    client = app.test_client(use_cookies=False)
    who = {"name": "anna", "password": desks.PASSWORD}
    token = (client.post(f"{BASE}/auth/login", json=who).json or {})["access_token"]
    return Program(client, Authorization=f"Bearer {token}")


@pytest.fixture
def stranger(app: Flask) -> Program:
    return Program(app.test_client(use_cookies=False))


@pytest.fixture
def viewer(program: Programs) -> Program:
    return program(Role.VIEWER)


@pytest.fixture
def operator(program: Programs) -> Program:
    return program(Role.OPERATOR)


@pytest.fixture
def admin(program: Programs) -> Program:
    return program(Role.ADMIN)
