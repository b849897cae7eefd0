"""Big Dipper's `config.py`, read without running it: what stands there as plain values."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

LONGEST = 256 * 1024
GREATEST = 2**53  # beyond it JSON's readers disagree
SECRET = re.compile(r"key|secret|token|passw|webhook|credential", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReadConfig:
    """What a file sets, and the names that are not told: computed values and secrets."""

    values: Mapping[str, Any]
    computed: Sequence[str]
    withheld: Sequence[str]


class UnreadableConfigError(ValueError):
    """The file is no Python, or too long; the message says where."""


def read_config(text: str) -> ReadConfig:
    """Return what a file sets at its top, or in a class at its top.

    Raises:
        UnreadableConfigError: it is not a Python file.
    """
    if len(text) > LONGEST:
        raise UnreadableConfigError(f"it has more than {LONGEST:,} characters")
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        raise UnreadableConfigError(f"line {line}: {type(error).__name__}") from error
    values: dict[str, Any] = {}
    computed: list[str] = []
    withheld: list[str] = []
    for name, value in _assignments(body):
        if SECRET.search(name):
            withheld.append(name)
            continue
        try:
            values[name] = _plain(ast.literal_eval(value), name, withheld)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            computed.append(name)
    return ReadConfig(values, computed, withheld)


def _assignments(body: Sequence[ast.stmt], prefix: str = "") -> Iterator[tuple[str, ast.expr]]:
    for statement in body:
        if isinstance(statement, ast.ClassDef) and not prefix:
            yield from _assignments(statement.body, f"{statement.name}.")
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            yield from _named(prefix, [statement.target], statement.value)
        elif isinstance(statement, ast.Assign):
            yield from _named(prefix, statement.targets, statement.value)


def _named(
    prefix: str, targets: Sequence[ast.expr], value: ast.expr
) -> Iterator[tuple[str, ast.expr]]:
    for target in targets:
        if isinstance(target, ast.Name):
            yield prefix + target.id, value


def _plain(value: Any, place: str, withheld: list[str]) -> Any:
    """Return a value as JSON can carry it; TypeError if it cannot."""
    if isinstance(value, Mapping):
        plain = {}
        for key, each in value.items():
            inside = f"{place}.{key}"
            if SECRET.search(str(key)):
                withheld.append(inside)
            else:
                plain[str(key)] = _plain(each, inside, withheld)
        return plain
    if isinstance(value, list | tuple | set | frozenset):
        ordered = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [_plain(each, place, withheld) for each in ordered]
    return _plain_atom(value)


def _plain_atom(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, int) and abs(value) <= GREATEST:
        return value
    if isinstance(value, float) and isfinite(value):
        return value
    raise TypeError(f"a {type(value).__name__} is no plain value")
