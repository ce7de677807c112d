"""The way back from what differs: what ``downgrade()`` is written from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from flask_schema.dialects.dialect import Dialect
from flask_schema.diff.compare import invert_all
from flask_schema.operations.columns import AddColumn, AlterColumn, ColumnFacets
from flask_schema.operations.constraints import CreateCheckConstraint
from flask_schema.operations.operation import UNSET, Operation
from flask_schema.operations.tables import CreateTable
from flask_schema.scripts.backfill import needs_filling
from flask_schema.snapshot.identifiers import mentions


def way_back(operations: Iterable[Operation], dialect: Dialect) -> tuple[Operation, ...]:
    """The operations that undo ``operations``, in reverse order. Raises Irreversible.

    A dropped column that was NOT NULL comes back to tables that may have rows, and its values are gone. It
    gets the emptiest value of its type as a default while it is added, so that there is a way back at all.
    """
    back = invert_all(operations)
    new = {one.table.name for one in back if isinstance(one, CreateTable)}
    checks = [one for one in back if isinstance(one, CreateCheckConstraint)]
    return tuple(step for one in back for step in _steps(one, dialect, one.touches() <= new, checks))


def _steps(
    operation: Operation, dialect: Dialect, is_new: bool, checks: Sequence[CreateCheckConstraint]
) -> Iterator[Operation]:
    if is_new or not isinstance(operation, AddColumn) or not needs_filling(operation.column):
        yield operation
        return
    value = _first_allowed(operation, checks) or dialect.empty_value(operation.column.type)
    if value is None:
        yield operation
        return
    column = replace(operation.column, default=value)
    yield replace(operation, column=column, stands_in=True)
    before = replace(ColumnFacets.of(column), name=UNSET)
    yield AlterColumn(operation.table, column.name, before=before, after=ColumnFacets(default=None))


_LIST = re.compile(r"(?P<column>\S+) IN \((?P<first>'(?:[^']|'')*'|-?\d+)[,)]", re.IGNORECASE)


def _first_allowed(operation: AddColumn, checks: Iterable[CreateCheckConstraint]) -> str | None:
    """The first value of a CHECK that lists those which the column may have, as SQLAlchemy writes it for an Enum."""
    for one in checks:
        expression = getattr(one.constraint, "expression", "")
        found = _LIST.match(expression) if one.table == operation.table else None
        if found is not None and mentions(found["column"], operation.column.name):
            return found["first"]
    return None
