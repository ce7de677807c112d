"""Values that somebody is asked for: what rows that exist get in a new column that must not be NULL."""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa

from flask_schema.errors import UsageError
from flask_schema.operations.columns import AddColumn
from flask_schema.operations.operation import Operation
from flask_schema.operations.tables import CreateTable
from flask_schema.scripts.backfill import needs_filling
from flask_schema.snapshot.elements import Column

AskValue = Callable[[AddColumn], object]
"""Asked for the value of a new column; None leaves the column without one."""

_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def with_values(operations: Iterable[Operation], ask: AskValue) -> tuple[Operation, ...]:
    """``operations``, with the answers of ``ask`` for columns that rows have nothing to put into."""
    listed = tuple(operations)
    created = {one.table.name for one in listed if isinstance(one, CreateTable)}
    return tuple(_answered(listed, created, ask))


def _answered(operations: Iterable[Operation], created: set[Any], ask: AskValue) -> Iterator[Operation]:
    for one in operations:
        lacks = isinstance(one, AddColumn) and one.table not in created and needs_filling(one.column)
        if lacks and isinstance(one, AddColumn) and one.column.python_default is None:
            yield replace(one, column=replace(one.column, python_default=ask(one)))
        else:
            yield one


def value_from_text(text: str, column: Column) -> object:
    """What somebody typed as a value of the column. Raises UsageError where it is none."""
    python = column.type.python
    kind = _kind(python)
    if isinstance(python, sa.Enum) and text not in python.enums:
        raise UsageError(f"{text!r} is none of {', '.join(map(str, python.enums))}")
    if kind is bool and text.lower() not in _TRUTH:
        raise UsageError(f"{text!r} is neither true nor false")
    try:
        return _READERS[kind](text) if kind in _READERS else text
    except (ValueError, InvalidOperation) as error:
        raise UsageError(f"{text!r} is no value of {column.type.sql}: {error}") from error


def _kind(python: Any) -> type:
    if isinstance(python, sa.JSON):
        return dict
    try:
        kind: type = str if python is None or isinstance(python, sa.Enum) else python.python_type
    except NotImplementedError:
        return str
    return kind


_READERS: Mapping[type, Callable[[str], object]] = {
    bool: lambda text: _TRUTH[text.lower()],
    int: int,
    float: float,
    Decimal: Decimal,
    datetime.date: datetime.date.fromisoformat,
    datetime.datetime: datetime.datetime.fromisoformat,
    datetime.time: datetime.time.fromisoformat,
    uuid.UUID: uuid.UUID,
    dict: json.loads,
    list: json.loads,
}
