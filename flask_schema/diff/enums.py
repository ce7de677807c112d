"""Enum types of the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from flask_schema.operations.columns import AddColumn, AlterColumn
from flask_schema.operations.enums import AlterEnum, CreateEnum, DropEnum
from flask_schema.operations.operation import UNSET, Operation
from flask_schema.snapshot.elements import QualifiedName
from flask_schema.snapshot.snapshot import Snapshot

ValueRenames = Mapping[QualifiedName, tuple[tuple[str, str], ...]]
"""For each enum the pairs of old and new value that mean the same."""


def compare_enums(before: Snapshot, after: Snapshot, renames: ValueRenames | None = None) -> Iterator[Operation]:
    """Operations on enum types; the order of values counts, since a database sorts by it."""
    for name, enum in after.enums.items():
        old = before.enums.get(name)
        if old is None:
            yield CreateEnum(enum)
        elif old.values != enum.values:
            yield AlterEnum(old, enum, (renames or {}).get(name, ()))
    for name, enum in before.enums.items():
        if name not in after.enums:
            yield DropEnum(name, before=enum)


def widened_first(operations: Sequence[Operation]) -> list[Operation]:
    """``operations`` with an enum's change in two where a column's default changes along with it.

    The new default needs the values that come, the old one those that go: all of them are there in between.
    """
    defaults = {_enum_of_default(one) for one in operations}
    found: list[Operation] = []
    for one in operations:
        if isinstance(one, AlterEnum) and one.added and one.removed and one.after.name in defaults:
            between = replace(one.after, values=_united(one))
            found += [AlterEnum(one.before, between, one.renames), AlterEnum(between, one.after)]
        else:
            found.append(one)
    return found


def _enum_of_default(operation: Operation) -> QualifiedName | None:
    """The enum type of a column that comes with a default, or whose default changes."""
    if isinstance(operation, AddColumn):
        return operation.column.type.enum if operation.column.default is not None else None
    if not isinstance(operation, AlterColumn) or operation.after.default is UNSET:
        return None
    known = operation.after.type if operation.after.type is not UNSET else operation.before.type
    return known.enum if known is not UNSET else None


def _united(operation: AlterEnum) -> tuple[str, ...]:
    """All values of both sides: those that go behind the ones that they stood behind."""
    values = list(operation.after.values)
    previous: str | None = None
    for value in operation.renamed:
        if value not in values:
            values.insert(values.index(previous) + 1 if previous is not None else 0, value)
        previous = value
    return tuple(values)
