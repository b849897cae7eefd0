"""The desk as a command sees it: the same parts as the served one, without its engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engine.cli.command import desk_settings, prepare_database
from engine.desk import Desk


@contextmanager
def open_desk() -> Iterator[Desk]:
    """Open the desk's parts; nothing of its engine is started here."""
    from engine.bootstrap import serve_desk  # noqa: PLC0415  # slow, and `--help` has no use for it

    settings = desk_settings()
    prepare_database(settings)
    desk = serve_desk(settings).desk
    try:
        yield desk
    finally:
        desk.db.close()
