"""That no table is forgotten where all are meant: migrations, and copies of a database."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import models
from models.every_table import MODULES
from models.tables import Table


def test_every_module_with_a_table_is_known() -> None:
    for module in pkgutil.iter_modules(models.__path__, "models."):
        if not module.ispkg:
            import_module(module.name)
    defining = {each.class_.__module__ for each in Table.registry.mappers}
    assert defining == {module.__name__ for module in MODULES}
