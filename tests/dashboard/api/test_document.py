"""The OpenAPI document says what the API does: asked at random, as each role and as a stranger."""

import re
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from playwright.sync_api import Page, expect
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from dashboard.api import ENDPOINTS
from dashboard.api.openapi import openapi_document
from engine.actions.keys import create_key
from engine.actions.permissions import SYSTEM
from engine.desk import Desk
from models.vocabulary import Role
from tests.dashboard import builders
from tests.dashboard.api.conftest import Program
from tests.dashboard.bots_by_hand import CYCLE, Dipper

ADDRESS = "/api/v1/openapi.json"
DOCUMENT = openapi_document(ENDPOINTS)
EXAMPLES = 6  # of each operation and role: bounded, so that the tests stay quick
CHECKS = (
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.positive_data_acceptance,
    checks.ignored_auth,
    checks.allow_header_conformance,
    checks.unsupported_method,
    checks.missing_required_header,
    checks.use_after_free,
    checks.ensure_resource_availability,
    checks.object_level_authorization,
)
# Which names and values settings have depends on their kind, which a schema of both cannot say.
LOOSE = {"/api/v1/config", "/api/v1/config/validate"}
OPERATIONS = [
    (method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods
]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("who", ["stranger", *Role])
def test_whatever_is_asked_the_answer_is_as_documented(
    app: Flask, desk: Desk, tmp_path: Path, who: str, mode: GenerationMode
) -> None:
    fill(desk)
    Dipper(desk, tmp_path).says(*CYCLE)
    reader = key(desk, Role.ADMIN, 0)
    document = schemathesis.openapi.from_wsgi(ADDRESS, spread(app), headers=reader)
    for number, (method, path) in enumerate(OPERATIONS, 1):
        ask_at_random(document[path][method], key(desk, who, number), mode)


def ask_at_random(operation: Any, headers: dict[str, str], mode: GenerationMode) -> None:
    all_but = {checks.positive_data_acceptance} if operation.path in LOOSE else set()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        if mode is GenerationMode.POSITIVE:
            case.query.pop("cursor", None)  # only the desk makes one that leads on
        case.call_and_validate(
            headers={**headers, "Accept-Encoding": "identity"},
            checks=[check for check in CHECKS if check not in all_but],
        )

    try:
        ask()
    except Unsatisfiable:  # nothing that is sent to it can be wrong
        assert mode is GenerationMode.NEGATIVE


def spread(app: Flask) -> Callable[..., Any]:
    """Let each request come from an address of its own: strangers are limited by theirs."""
    numbers = count()

    def ask(environ: dict[str, Any], start: Any) -> Any:
        high, low = divmod(next(numbers), 256)
        environ["REMOTE_ADDR"] = f"10.1.{high % 256}.{low}"
        return app(environ, start)

    return ask


def key(desk: Desk, who: str, number: int) -> dict[str, str]:
    """Return a key for one operation: with one for all, the limits would answer most of it."""
    if who == "stranger":
        return {}
    return {"X-API-Key": create_key(desk, SYSTEM, f"{who}-{number}", Role(who)).secret}


def fill(desk: Desk) -> None:
    builders.add_position(desk)
    builders.add_closed(desk, "AMD", "12.34")
    builders.add_range(desk, 1, "NVDA")
    builders.add_snapshots(desk, [1, 2])
    builders.set_account(desk, "100500")
    builders.beat(desk)


def test_the_document_is_of_version_3_1_and_names_every_endpoint(viewer: Program) -> None:
    document = viewer.get("/openapi.json").json
    assert document is not None
    assert document["openapi"] == "3.1.0"
    assert sum(len(methods) for methods in document["paths"].values()) == len(ENDPOINTS)


def test_every_schema_is_one(viewer: Program) -> None:
    document = viewer.get("/openapi.json").json
    assert document is not None
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_no_operation_is_without_a_sentence() -> None:
    silent = [e.name for e in ENDPOINTS if not re.search(r"[.?]$", e.summary)]
    assert silent == []


def test_the_page_of_the_document_works_without_the_internet(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("/api/v1/docs")
    expect(page.get_by_role("heading", name="Bellwether API")).to_be_visible()
    page.get_by_text("Throw the kill switch:").first.click()
    expect(page.locator("#kill").get_by_text("For: operator, admin.")).to_be_visible()
    assert vars(page)["trouble"] == []
