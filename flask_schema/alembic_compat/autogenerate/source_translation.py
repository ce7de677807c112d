"""The translation of constructs for a page of source, which can hold more than one database can."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import CompileError
from sqlalchemy.types import TypeEngine

from flask_schema.operations.building import OPTION_PREFIXES
from flask_schema.snapshot.elements import DataType, Options
from flask_schema.snapshot.from_sqlalchemy import SqlalchemyTranslation, frozen_options


class SourceTranslation(SqlalchemyTranslation):
    """Types that this database has not are kept as Python objects; options of other databases keep their prefix."""

    def data_type(self, python: TypeEngine[Any] | type[TypeEngine[Any]]) -> DataType:
        """A type as a :class:`DataType`; its SQL is its Python source where this database has no word for it."""
        instance = python() if isinstance(python, type) else python
        try:
            return super().data_type(instance)
        except (CompileError, AttributeError):
            return DataType(repr(instance), instance)

    def _options(self, element: Any) -> Options:
        own = super()._options(element)
        if "dialect_options" not in vars(element):
            return own
        prefixes = tuple(f"{one}_" for one in self.option_dialects)
        others = {
            key: sa.text(self.expression(value)) if isinstance(value, sa.ClauseElement) else value
            for key, value in element.dialect_kwargs.items()
            if key.startswith(OPTION_PREFIXES) and not key.startswith(prefixes) and value not in (None, False)
        }
        return own + frozen_options(others)
