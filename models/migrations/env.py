"""Alembic's entry point: the connection comes from models.database."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON

from models.every_table import METADATA
from models.types import Moment, Money, Word


def render_item(kind: str, item: Any, autogen_context: Any) -> str | Literal[False]:
    """Write the desk's own column types into new migrations."""
    if kind == "type" and isinstance(item, Moment | Money):
        autogen_context.imports.add("from models.types import Moment, Money")
        return f"{type(item).__name__}()"
    if kind == "type" and isinstance(item, JSON):
        autogen_context.imports.add("from models.tables import Json")
        return "Json"
    if kind == "type" and isinstance(item, Word):
        return "sa.String(24)"
    return False


def is_compared(name: str | None, *_: object) -> bool:
    """Leave out the search index of the journal, which keeps tables of its own on SQLite."""
    return "journal_words" not in (name or "")


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    compare_type=True,
    render_item=render_item,
    include_name=is_compared,
)
with context.begin_transaction():
    context.run_migrations()
