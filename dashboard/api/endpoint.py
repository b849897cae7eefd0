"""What an endpoint is: its address, who may ask, what it takes and what it answers."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol, TypeVar, get_type_hints

from pydantic import BaseModel

from engine.actions.permissions import Actor, Permission
from engine.desk import Desk

Handler = Callable[..., Any]
H = TypeVar("H", bound=Handler)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and of which desk."""

    desk: Desk
    actor: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One address and method. `permission` None is for strangers too."""

    method: str
    path: str  # below /api/v1, parameters in braces
    summary: str
    permission: Permission | None
    status: HTTPStatus
    handle: Handler
    path_types: Mapping[str, Any]
    query: type[BaseModel] | None
    body: type[BaseModel] | None
    answer: Any  # None for an empty one
    media_types: tuple[str, ...]
    once: bool  # takes an Idempotency-Key

    @property
    def name(self) -> str:
        """Return what it is called in the document, the log and the audit."""
        return self.handle.__name__

    @property
    def subject(self) -> str:
        """Return the first part of its path."""
        return self.path.split("/")[1]


class Adder(Protocol):
    """Adds a handler and leaves it as it is."""

    def __call__(self, handle: H) -> H:
        """Add it."""
        ...


@dataclass
class Endpoints:
    """The endpoints of one subject, in the order in which they were written."""

    all: list[Endpoint] = field(default_factory=list)

    def get(self, path: str, permission: Permission | None, **more: Any) -> Adder:
        """Add something that is only read."""
        return self._add("GET", path, permission, **more)

    def post(self, path: str, permission: Permission | None, **more: Any) -> Adder:
        """Add something that is done."""
        return self._add("POST", path, permission, **more)

    def put(self, path: str, permission: Permission, **more: Any) -> Adder:
        """Add something that is changed."""
        return self._add("PUT", path, permission, **more)

    def delete(self, path: str, permission: Permission, **more: Any) -> Adder:
        """Add something that is ended."""
        return self._add("DELETE", path, permission, **more)

    def _add(
        self,
        method: str,
        path: str,
        permission: Permission | None,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        media_types: tuple[str, ...] = ("application/json",),
        once: bool = False,
    ) -> Adder:
        def add(handle: H) -> H:
            hints = get_type_hints(handle, include_extras=True)
            answer = hints.pop("return")
            hints.pop("asked")
            made = Endpoint(
                method=method,
                path=path,
                summary=inspect.getdoc(handle) or "",
                permission=permission,
                status=status,
                handle=handle,
                query=hints.pop("query", None),
                body=hints.pop("body", None),
                path_types=hints,
                answer=None if answer is type(None) else answer,
                media_types=media_types,
                once=once,
            )
            self.all.append(made)
            return handle

        return add
