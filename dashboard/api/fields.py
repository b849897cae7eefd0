"""The kinds of values that programs send: bounded, so that no database is asked nonsense."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from models.vocabulary import Role

GREATEST = 2**63 - 1
MOST_ITEMS = 500
PLAIN_TEXT = r"^[^\x00-\x1f\x7f]*$"

T = TypeVar("T")


def _no_boolean(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("is not a number")  # noqa: TRY004  # pydantic wants a ValueError
    return value


RowId = Annotated[int, Field(ge=1, le=GREATEST), BeforeValidator(_no_boolean)]
Symbol = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9.]{0,15}$", examples=["AAPL"])]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_ -]{0,47}$")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._@-]{0,63}$", examples=["anna"])]
Who = Annotated[str, Field(max_length=64, pattern=PLAIN_TEXT)]
Reason = Annotated[str, Field(min_length=1, max_length=200, pattern=PLAIN_TEXT)]
Password = Annotated[str, Field(max_length=256, json_schema_extra={"format": "password"})]
RoleName = Role
Day = date
Moment = AwareDatetime


class Asking(BaseModel):
    """What a program sends; a name that is not known is an error, not a filter without effect."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Paging(Asking):
    """Which part of a list: the newest first, then whatever the cursor continues with."""

    limit: Annotated[int, Field(ge=1, le=MOST_ITEMS)] = 100
    cursor: Annotated[str | None, Field(max_length=200, pattern=r"^[A-Za-z0-9_-]*$")] = None


class SymbolDay(Paging):
    """A list of one symbol or one session."""

    symbol: Symbol | None = None
    session: Day | None = None


class Days(Asking):
    """Sessions from one day to another, both included."""

    first: Day | None = None
    last: Day | None = None
