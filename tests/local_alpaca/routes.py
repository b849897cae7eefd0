"""A small table of routes: method and path pattern to the function that answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.local_alpaca.refusals import not_found


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as the front read it."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Answer:
    """A status with a body to be written as JSON; None stands for no content."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[..., Answer]


class Routes:
    """Finds who answers. Names in braces become the handler's arguments."""

    def __init__(self) -> None:
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = []

    def add(self, method: str, path: str, handler: Handler) -> None:
        """Let a handler answer a method on a path such as /v2/orders/{order_id}."""
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)
        self._routes.append((method, re.compile(pattern), handler))

    def answer(self, request: Request) -> Answer:
        """Answer a request, 404 when nobody does."""
        for method, pattern, handler in self._routes:
            found = pattern.fullmatch(request.path) if method == request.method else None
            if found:
                return handler(request, **found.groupdict())
        raise not_found("endpoint not found.")
