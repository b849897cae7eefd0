"""What programs are told when something goes wrong: RFC 9457 problem documents."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from dash.exceptions import DependencyException, InvalidResourceError
from flask import Flask, Response, request
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from dashboard.wire import plain, to_json
from engine.errors import (
    BrokerUnavailableError,
    ConfigurationError,
    DeskError,
    InvalidRequestError,
    NotFoundError,
    NotPermittedError,
    TooManyRequestsError,
)
from engine.journal import correlation
from models.database import DatabaseUnusableError

log = logging.getLogger(__name__)

API = "/api/"
MEDIA_TYPE = "application/problem+json"
AUTHENTICATE = {"WWW-Authenticate": 'Bearer realm="bellwether"'}

# The first that fits decides; whatever else the desk says no to is a conflict with its state.
_STATUSES: Sequence[tuple[type[Exception], HTTPStatus]] = (
    (NotPermittedError, HTTPStatus.FORBIDDEN),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (InvalidRequestError, HTTPStatus.CONFLICT),
    (ConfigurationError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (TooManyRequestsError, HTTPStatus.TOO_MANY_REQUESTS),
    (BrokerUnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
    (DatabaseUnusableError, HTTPStatus.SERVICE_UNAVAILABLE),
    (DeskError, HTTPStatus.CONFLICT),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a request, and where."""

    where: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a request was not done."""

    status: int
    title: str
    detail: str
    type: str = "about:blank"
    instance: str = ""
    correlation_id: str = ""
    errors: Sequence[Fault] = field(default=())


def problem(
    status: int,
    detail: str,
    *,
    errors: Sequence[Fault] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer with a problem."""
    document = Problem(
        status=status,
        title=HTTPStatus(status).phrase,
        detail=detail,
        instance=request.path,
        correlation_id=correlation.get(),
        errors=errors,
    )
    more: dict[str, Any] = dict(headers or {})
    if status == HTTPStatus.UNAUTHORIZED:
        more |= AUTHENTICATE
    return Response(to_json(plain(document)), status, more, mimetype=MEDIA_TYPE)


def mount_problems(server: Flask) -> None:
    """Answer programs with problems; pages keep what they had."""

    @server.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response | HTTPException:
        if not request.path.startswith(API) or error.code is None:
            return error
        headers = {k: v for k, v in error.get_headers() if k in {"Allow", "Retry-After"}}
        return problem(error.code, error.description or "", headers=headers)

    @server.errorhandler(DeskError)
    @server.errorhandler(DatabaseUnusableError)
    def said_no(error: Exception) -> Response:
        status = next(code for kind, code in _STATUSES if isinstance(error, kind))
        headers = {}
        if isinstance(error, TooManyRequestsError):
            headers["Retry-After"] = str(error.retry_after)
        return problem(status, str(error), headers=headers)

    @server.errorhandler(DependencyException)
    @server.errorhandler(InvalidResourceError)
    def no_such_file(_error: Exception) -> Response:
        return problem(HTTPStatus.NOT_FOUND, "There is no such file.")  # Dash would say 500

    @server.errorhandler(DBAPIError)
    def no_database(error: DBAPIError) -> Response:
        return _surprise(error, HTTPStatus.SERVICE_UNAVAILABLE, "The database did not answer")

    @server.errorhandler(Exception)
    def surprise(error: Exception) -> Response:
        return _surprise(error, HTTPStatus.INTERNAL_SERVER_ERROR, "That did not work")


def _surprise(error: Exception, status: HTTPStatus, sentence: str) -> Response:
    number = uuid.uuid4().hex[:8]
    log.error("a request failed", exc_info=error, extra={"number": number})
    return problem(status, f"{sentence}; the log has the details under {number}.")
