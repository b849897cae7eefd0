"""What a page is: where it is found, what it is called, its skeleton and its callbacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from dash import Dash
from dash.development.base_component import Component

from engine.actions.permissions import Actor, Permission
from engine.desk import Desk


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody is: the path's number, if the page has one, and the query's words."""

    path: str
    number: int | None = None
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page. `layout` makes the empty skeleton for somebody; the callbacks fill it.

    A path that ends in `/<number>` is a page for each number, and is not in the navigation.
    """

    path: str
    title: str
    layout: Callable[[Desk, Actor, Address], Component]
    register_callbacks: Callable[[Dash, Desk], None]
    permission: Permission = Permission.VIEW

    @property
    def is_in_navigation(self) -> bool:
        """Say whether the navigation leads to it."""
        return not self.path.endswith(NUMBER)

    def address(self, path: str, query: str = "") -> Address | None:
        """Return what a path says to this page, None if it is another page's."""
        words = dict(parse_qsl(query.lstrip("?")))
        if self.is_in_navigation:
            return Address(path, query=words) if path == self.path else None
        root, _, number = path.rpartition("/")
        if f"{root}/{NUMBER}" != self.path or not (number.isascii() and number.isdecimal()):
            return None
        return Address(path, int(number), words)


NUMBER = "<number>"
