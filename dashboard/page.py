"""What a page is: where it is found, what it is called, its skeleton and its callbacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dash import Dash
from dash.development.base_component import Component

from engine.actions.permissions import Actor, Permission
from engine.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page. `layout` makes the empty skeleton for somebody; the callbacks fill it."""

    path: str
    title: str
    layout: Callable[[Desk, Actor], Component]
    register_callbacks: Callable[[Dash, Desk], None]
    permission: Permission = Permission.VIEW
