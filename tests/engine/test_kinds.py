"""Every kind of fact that the program writes is one that the Logs page offers."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from dashboard.queries.logs import read_log_filter
from engine.journal import KINDS

ROOT = Path(__file__).parents[2]


def test_every_kind_that_is_written_is_known() -> None:
    assert set(written()) == set(KINDS)


def test_every_kind_can_be_asked_for() -> None:
    assert [kind for kind in KINDS if read_log_filter({"kind": kind}).kind != kind] == []


def written() -> Iterator[str]:
    for file in (ROOT / "engine").rglob("*.py"):
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "record":
                yield from words_of(module, node.args[2])


def words_of(module: str, said: ast.expr) -> Iterator[str]:
    """Return a kind as it stands there, or what the constants of its name hold."""
    for node in ast.walk(said):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Name) and node.id.isupper():
            yield getattr(import_module(module), node.id)
