"""How a request becomes a handler's arguments, and its answer JSON."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, TypeAdapter, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from dashboard.api.endpoint import Asked, Endpoint
from dashboard.api.idempotency import once
from dashboard.auth import current_actor, is_logged_in, stranger
from dashboard.problems import Fault, problem
from dashboard.wire import plain, to_json
from engine.actions.audit import Entry
from engine.actions.deeds import demand
from engine.actions.permissions import Actor
from engine.desk import Desk

BASE = "/api/v1"
LARGEST_BODY = 64 * 1024


class BadRequestError(Exception):
    """What was sent cannot be understood; carries the problem that says so."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


def add_endpoint(server: Flask, desk: Desk, endpoint: Endpoint) -> None:
    """Let a server answer for an endpoint."""

    def view(**path: str) -> ResponseReturnValue:
        asked = Asked(desk, _who(desk, endpoint))
        try:
            arguments = _arguments(endpoint, path)
        except BadRequestError as bad:
            return bad.answer
        if endpoint.once:
            return once(asked, lambda: _answer(endpoint, asked, arguments))
        return _answer(endpoint, asked, arguments)

    rule = BASE + endpoint.path.replace("{", "<").replace("}", ">")
    server.add_url_rule(rule, f"api.{endpoint.name}", view, methods=[endpoint.method])


def _who(desk: Desk, endpoint: Endpoint) -> Actor:
    if endpoint.permission is None:
        return current_actor() if is_logged_in() else stranger()
    actor = current_actor()
    entry = Entry(endpoint.name, f"{endpoint.method} {endpoint.path}")
    demand(desk, actor, endpoint.permission, entry)
    return actor


def _answer(endpoint: Endpoint, asked: Asked, arguments: dict[str, Any]) -> Response:
    answer = endpoint.handle(asked, **arguments)
    if isinstance(answer, Response):
        return answer
    if answer is None:
        return Response(status=HTTPStatus.NO_CONTENT)
    return Response(to_json(plain(answer)), endpoint.status, mimetype="application/json")


def _arguments(endpoint: Endpoint, path: dict[str, str]) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for name, kind in endpoint.path_types.items():
        try:
            arguments[name] = TypeAdapter(kind).validate_python(path[name])
        except ValidationError:
            raise BadRequestError(problem(404, "There is nothing at this address.")) from None
    if endpoint.query is not None:
        arguments["query"] = _query(endpoint.query)
    elif request.args:
        faults = [Fault(f"query.{name}", "is not known here") for name in request.args]
        raise BadRequestError(_unprocessable(faults))
    if endpoint.body is not None:
        arguments["body"] = _body(endpoint.body)
    return arguments


def _query(kind: type[BaseModel]) -> BaseModel:
    given = request.args.to_dict(flat=False)
    twice = [Fault(f"query.{name}", "is given twice") for name, all_ in given.items() if all_[1:]]
    if twice:
        raise BadRequestError(_unprocessable(twice))
    try:
        return kind.model_validate({name: values[0] for name, values in given.items()})
    except ValidationError as error:
        raise BadRequestError(_unprocessable(_faults("query", error))) from None


def _body(kind: type[BaseModel]) -> BaseModel:
    request.max_content_length = LARGEST_BODY
    if request.mimetype != "application/json":
        raise BadRequestError(problem(415, "The body must be JSON: Content-Type application/json."))
    try:
        return kind.model_validate_json(request.get_data() or b"{}")
    except RequestEntityTooLarge:
        sentence = f"A body has at most {LARGEST_BODY} bytes."
        raise BadRequestError(problem(413, sentence)) from None
    except ValidationError as error:
        faults = _faults("body", error)
        is_json = error.errors(include_url=False)[0]["type"] != "json_invalid"
        answer = _unprocessable(faults) if is_json else problem(400, faults[0].what)
        raise BadRequestError(answer) from None


def _faults(part: str, error: ValidationError) -> list[Fault]:
    told = error.errors(include_url=False, include_input=False, include_context=False)
    return [Fault(".".join(map(str, (part, *each["loc"]))), each["msg"]) for each in told]


def _unprocessable(faults: list[Fault]) -> Response:
    first = faults[0]
    return problem(422, f"{first.where}: {first.what}", errors=faults)
