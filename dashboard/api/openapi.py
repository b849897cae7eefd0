"""The OpenAPI 3.1 document: made of the endpoints themselves, so that it cannot differ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Literal

from pydantic import TypeAdapter

from dashboard.api.endpoint import Endpoint
from dashboard.api.idempotency import HEADER
from dashboard.api.views import BASE
from dashboard.problems import MEDIA_TYPE, Problem
from engine.actions.permissions import PERMISSIONS, Permission

Schema = dict[str, Any]
Mode = Literal["validation", "serialization"]
REFERENCE = "#/components/schemas/{model}"
PARAMETER = re.compile(r"{(\w+)}")

ABOUT = (
    "A self-hosted trading desk. Money is text with exact decimals, moments are UTC ISO 8601. "
    "Lists answer `items` and `next_cursor`; errors are problem documents (RFC 9457)."
)


def openapi_document(endpoints: Sequence[Endpoint]) -> Schema:
    """Return the document."""
    schemas = _Schemas(endpoints)
    paths: dict[str, Schema] = {}
    for endpoint in endpoints:
        paths.setdefault(BASE + endpoint.path, {})[endpoint.method.lower()] = _operation(
            endpoint, schemas
        )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Bellwether", "version": version("bellwether"), "description": ABOUT},
        "paths": paths,
        "components": {"schemas": schemas.definitions, "securitySchemes": _schemes()},
        "security": [{"key": []}, {"token": []}],
    }


class _Schemas:
    """The schemas of everything that is sent and answered, each written once."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        self._adapters: dict[tuple[int, Mode], TypeAdapter[Any]] = {}
        for endpoint in endpoints:
            for kind, mode in _kinds(endpoint):
                self._adapters[id(kind), mode] = TypeAdapter(kind)
        made, document = TypeAdapter.json_schemas(
            [(key, key[1], adapter) for key, adapter in self._adapters.items()],
            ref_template=REFERENCE,
        )
        self._made = {key: schema for (key, _mode), schema in made.items()}
        self.definitions = document.get("$defs", {})

    def of(self, kind: Any, mode: Mode) -> Schema:
        """Return the schema of a type as it is read or written."""
        return dict(self._made[id(kind), mode])


def _kinds(endpoint: Endpoint) -> list[tuple[Any, Mode]]:
    kinds: list[tuple[Any, Mode]] = [(Problem, "serialization")]
    if endpoint.body is not None:
        kinds.append((endpoint.body, "validation"))
    if endpoint.answer is not None:
        kinds.append((endpoint.answer, "serialization"))
    return kinds


def _operation(endpoint: Endpoint, schemas: _Schemas) -> Schema:
    operation: Schema = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [endpoint.subject],
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint)],
        "responses": _responses(endpoint, schemas),
        "x-roles": _roles(endpoint.permission),
    }
    if endpoint.once:
        operation["parameters"].append(_idempotency_header())
    if endpoint.body is not None:
        content = {"application/json": {"schema": schemas.of(endpoint.body, "validation")}}
        operation["requestBody"] = {"required": True, "content": content}
    if endpoint.permission is None:
        operation["security"] = []
    return operation


def _path_parameters(endpoint: Endpoint) -> list[Schema]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": TypeAdapter(endpoint.path_types[name]).json_schema(),
        }
        for name in PARAMETER.findall(endpoint.path)
    ]


def _query_parameters(endpoint: Endpoint) -> list[Schema]:
    if endpoint.query is None:
        return []
    schema = endpoint.query.model_json_schema()
    required, definitions = schema.get("required", []), schema.get("$defs", {})
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": _inlined(_without_null(each), definitions),
        }
        for name, each in schema["properties"].items()
    ]


def _without_null(schema: Schema) -> Schema:
    """Return what a query can say: it has no word for null, it leaves the name out."""
    choices = [each for each in schema.get("anyOf", []) if each.get("type") != "null"]
    if len(choices) != 1:
        return schema
    rest = {k: v for k, v in schema.items() if k not in {"anyOf", "default"}}
    return {**rest, **choices[0]}


def _inlined(schema: Schema, definitions: Schema) -> Schema:
    reference = schema.get("$ref", "").rpartition("/")[2]
    if not reference:
        return schema
    return {**definitions[reference], **{k: v for k, v in schema.items() if k != "$ref"}}


def _responses(endpoint: Endpoint, schemas: _Schemas) -> Schema:
    if endpoint.answer is None:
        done: Schema = {"description": "Done; there is nothing to say."}
        responses = {"204": done}
    else:
        schema = schemas.of(endpoint.answer, "serialization")
        content = {kind: {"schema": schema} for kind in endpoint.media_types}
        responses = {str(endpoint.status.value): {"description": "Done.", "content": content}}
    refused = {MEDIA_TYPE: {"schema": schemas.of(Problem, "serialization")}}
    for status in _refusals(endpoint):
        responses[str(status.value)] = {"description": status.phrase, "content": refused}
    return responses


def _refusals(endpoint: Endpoint) -> list[HTTPStatus]:
    statuses = [
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
    ]
    if endpoint.method != "GET":
        statuses += [HTTPStatus.CONFLICT, HTTPStatus.UNSUPPORTED_MEDIA_TYPE]
        statuses.append(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return statuses


def _roles(permission: Permission | None) -> list[str]:
    if permission is None:
        return ["everybody"]
    return [str(role) for role, allowed in PERMISSIONS.items() if permission in allowed]


def _idempotency_header() -> Schema:
    schema = {"type": "string", "pattern": "^[!-~]{1,128}$"}
    return {"name": HEADER, "in": "header", "required": False, "schema": schema}


def _schemes() -> Schema:
    return {
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    }
