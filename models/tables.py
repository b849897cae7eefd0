"""What every table shares: the metadata, its names for constraints, common columns."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, Integer, MetaData, String, Text
from sqlalchemy import Table as CoreTable
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

from models.types import Moment, Money

# SQLite only counts up an INTEGER primary key.
Identity = BigInteger().with_variant(Integer(), "sqlite")
Json = JSON().with_variant(JSONB(), "postgresql")

Id = Annotated[int, mapped_column(Identity, primary_key=True, autoincrement=True)]
Symbol = Annotated[str, mapped_column(String(16))]
Account = Annotated[str, mapped_column(String(64))]


class Table(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy reads it from the class
        Decimal: Money,
        datetime: Moment,
        dict[str, Any]: Json,
        list[str]: Json,
        str: Text,
        int: BigInteger,
    }


def rows(model: type[Table]) -> CoreTable:
    """Return a model's plain table, for statements that need no objects: several times quicker."""
    table = model.__table__
    if not isinstance(table, CoreTable):
        raise TypeError(f"{model.__name__} is not mapped to a table")
    return table
