"""The base of what requests bring and answers hold: unknown names are refused, and texts are such as a database can store."""

from collections.abc import Mapping
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

T = TypeVar("T")

Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
"""A number of a row."""
Name = Annotated[str, Field(min_length=1, max_length=200)]
Line = Annotated[str, Field(max_length=1_000)]
Prose = Annotated[str, Field(max_length=20_000)]
Instant = AwareDatetime
"""A moment with its offset, such as 2027-01-11T09:00:00Z."""


class Body(BaseModel):
    """What a request brings."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, given: Any) -> Any:
        """Refuse texts with a NUL or half a surrogate pair, wherever they stand: no column holds them."""
        refuse_unstorable(given)
        return given


class Out(BaseModel):
    """What an answer holds."""

    model_config = ConfigDict(from_attributes=True)

    def edited(self) -> BaseModel:
        """Return what an ETag is made of."""
        return self


class Page(Out, Generic[T]):
    """Some of many. `next_cursor` brings what comes after; it is null at the end."""

    items: list[T]
    next_cursor: str | None = Field(None, description="Ask again with it as `cursor` for what follows; null at the end.")


def refuse_unstorable(given: Any) -> None:
    """Raise ValueError where a text in it cannot be stored."""
    if isinstance(given, str):
        if "\x00" in given:
            raise ValueError("a text may not contain NUL")
        try:
            given.encode()
        except UnicodeEncodeError:
            raise ValueError("a text may not contain half a surrogate pair") from None
    elif isinstance(given, Mapping):
        for name, value in given.items():
            refuse_unstorable(name)
            refuse_unstorable(value)
    elif isinstance(given, list | tuple):
        for value in given:
            refuse_unstorable(value)
