"""A column type that is nothing but its SQL text."""

from __future__ import annotations

from typing import Any

from sqlalchemy.types import UserDefinedType


class TypeText(UserDefinedType[Any]):
    """A type of the database that SQLAlchemy has no class for: ``TypeText("POINT")``."""

    __module__ = "flask_schema"
    cache_ok = True

    def __init__(self, sql: str) -> None:
        self.sql = sql

    def get_col_spec(self, **_: Any) -> str:
        """The text, as it stands."""
        return self.sql
