"""Changes of a column's type in words: what the database has, and what the models say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_schema.dialects.dialect import Dialect
from flask_schema.operations.columns import AlterColumn
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import DataType


def type_changes(operations: Iterable[Operation], dialect: Dialect) -> tuple[str, ...]:
    """Return a sentence for each change of a type among ``operations``, in their order.

    Both types are written with the names of their arguments; the words are those of Alembic's log, which people look
    for in the output of their pipelines.
    """
    return tuple(
        f"Detected type change from {_existing(before, dialect)} to {_wished(after, dialect)} on {one.table}.{one.name}"
        for one in operations
        if isinstance(one, AlterColumn)
        and isinstance(before := one.before.type, DataType)
        and isinstance(after := one.after.type, DataType)
    )


def _existing(data_type: DataType, dialect: Dialect) -> str:
    """``VARCHAR(length=128)``: the database's name, with arguments as SQLAlchemy names them."""
    if data_type.enum is not None:
        return str(data_type.enum)
    _, bracket, arguments = repr(dialect.python_type(data_type.sql)).partition("(")
    return f"{data_type.sql.partition('(')[0].strip()}{bracket}{arguments}"


def _wished(data_type: DataType, dialect: Dialect) -> str:
    python: Any = data_type.python if data_type.python is not None else dialect.python_type(data_type.sql)
    return repr(python)
