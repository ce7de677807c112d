"""A primary key that is dropped and created becomes one ALTER PRIMARY KEY: no table is without a key for a moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask_schema.operations.constraints import CreatePrimaryKey, DropConstraint
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import PrimaryKey, QualifiedName


def drops_key(operation: Operation) -> bool:
    """Whether the operation drops a primary key, as far as it says so itself."""
    return isinstance(operation, DropConstraint) and (
        operation.kind == "primary" or isinstance(operation.before, PrimaryKey)
    )


def awaits_key(waiting: Sequence[Operation]) -> QualifiedName | None:
    """The table whose key was dropped and not created again yet, or None."""
    open_table: QualifiedName | None = None
    for one in waiting:
        if isinstance(one, DropConstraint) and drops_key(one):
            open_table = one.table
        elif isinstance(one, CreatePrimaryKey) and one.table == open_table:
            open_table = None
    return open_table


def carried_keys(operations: Sequence[Operation]) -> Iterator[Operation]:
    """The operations without the drop of a key that a later one of them creates."""
    for place, one in enumerate(operations):
        later = operations[place + 1 :]
        came = {other.table for other in later if isinstance(other, CreatePrimaryKey)}
        if not (isinstance(one, DropConstraint) and drops_key(one) and one.table in came):
            yield one
