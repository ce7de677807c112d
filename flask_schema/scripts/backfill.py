"""Adding a column that must not be NULL to a table that may hold rows: add, fill, forbid NULL."""

from __future__ import annotations

import keyword as python_keywords
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from flask_schema.operations.columns import AddColumn, AlterColumn, ColumnFacets
from flask_schema.operations.operation import UNSET
from flask_schema.scripts.elements import lightweight_table
from flask_schema.scripts.layout import Code, assignment, attribute, mapping, text
from flask_schema.scripts.page import Page
from flask_schema.scripts.values import NotRenderable, literal
from flask_schema.snapshot.elements import Column


def needs_filling(column: Column) -> bool:
    """Whether rows that exist would have nothing to put into the column."""
    fills_itself = column.computed is not None or column.identity is not None or column.autoincrement
    return not column.nullable and column.default is None and not fills_itself


def known_value(operation: AddColumn, page: Page) -> Code | None:
    """The source of the Python-side default of the column, or None where there is none that can be written."""
    value = operation.column.python_default
    if value is None:
        return None
    try:
        return literal(_stored(value, operation.column), page.imports)
    except NotRenderable:
        return None


def _stored(value: Any, column: Column) -> Any:
    """What the database stores for a value: an Enum's member is stored by its name or another text."""
    python = column.type.python
    if isinstance(python, sa.Enum) and python.enum_class is not None and isinstance(value, python.enum_class):
        members = list(python.enum_class)
        return str(python.enums[members.index(value)])
    return value


def fill(operation: AddColumn, value: Code, page: Page) -> Iterator[Code]:
    """The statements that put ``value`` into the new column of every row."""
    name = _variable(operation.table.name)
    yield assignment(name, lightweight_table(operation.table, [operation.column], page))
    update = attribute(f"{name}.update()", "values", mapping({text(operation.column.name): value}))
    yield page.directive("execute", update)


def nullable_first(operation: AddColumn) -> AddColumn:
    """The addition without its NOT NULL."""
    return replace(operation, column=replace(operation.column, nullable=True))


def not_null(operation: AddColumn) -> AlterColumn:
    """The NOT NULL that follows when every row has a value."""
    facets = replace(ColumnFacets.of(operation.column), nullable=True, name=UNSET)
    return AlterColumn(operation.table, operation.column.name, before=facets, after=ColumnFacets(nullable=False))


def _variable(name: str) -> str:
    """A variable's name for a table."""
    plain = re.sub(r"\W", "_", name.lower()).strip("_") or "rows"
    if not plain.isidentifier() or python_keywords.iskeyword(plain) or plain in ("op", "sa", "postgresql", "mysql"):
        return f"{plain}_table" if f"{plain}_table".isidentifier() else f"table_{plain}"
    return plain
