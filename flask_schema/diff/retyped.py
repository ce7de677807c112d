"""What stands on a column that gets another type, and does not change itself: it goes before and comes back after.

PostgreSQL refuses to change the type of a column that a computed one uses. And it writes a check with a list anew when
the length of a ``varchar`` in it changes, in other words than those of a check that is created.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from flask_schema.diff.keys import drop, match_foreign_keys
from flask_schema.diff.matching import match
from flask_schema.operations.columns import AddColumn, AlterColumn, DropColumn, index_needs
from flask_schema.operations.constraints import (
    CreateCheckConstraint,
    DropConstraint,
    create_constraint,
)
from flask_schema.operations.indexes import CreateIndex, DropIndex
from flask_schema.operations.operation import UNSET, Operation
from flask_schema.snapshot.elements import Column, Constraint, QualifiedName, Table
from flask_schema.snapshot.identifiers import mentions
from flask_schema.snapshot.snapshot import Snapshot

COMPUTED = "computed"
"""The database refuses another type for a column that a computed one uses."""
CHECKS = "checks"
"""It rewrites the text of a check when a column in it gets another length."""

_LIST = re.compile(r"\bIN\s*\(|\b(?:ANY|ALL)\s*\(", re.IGNORECASE)


def recreate_on_retyped(
    operations: Sequence[Operation], before: Snapshot, after: Snapshot, holds: frozenset[str]
) -> list[Operation]:
    """``operations`` with the computed columns and checks that stand on retyped columns dropped and created."""
    retyped: dict[QualifiedName, list[AlterColumn]] = {}
    for one in operations:
        if isinstance(one, AlterColumn) and one.after.type is not UNSET and one.after.computed is UNSET:
            retyped.setdefault(one.table, []).append(one)
    found = list(operations)
    for name, changes in retyped.items():
        old, new = before.tables.get(name), after.tables.get(name)
        if old is None or new is None:
            continue
        if CHECKS in holds:
            found += _checks(old, new, [one.name for one in changes if _has_length(one)], found)
        if COMPUTED in holds:
            for column in new.columns:
                if _uses_any(old.column(column.name), column, [one.name for one in changes]):
                    found = _computed(found, before, after, new, column)
    return found


def _has_length(operation: AlterColumn) -> bool:
    types = (operation.before.type, operation.after.type)
    return any(one is not UNSET and one.sql.upper().startswith(("VARCHAR", "CHAR")) for one in types)


def _checks(old: Table, new: Table, columns: Sequence[str], operations: Sequence[Operation]) -> Iterator[Operation]:
    gone = {one.before for one in operations if isinstance(one, DropConstraint) and one.table == new.name}
    for check, other in match(old.checks, new.checks, lambda one: (one.expression, one.options)).pairs:
        stands = any(mentions(other.expression, column) for column in columns)
        if stands and _LIST.search(other.expression) and check not in gone:
            yield drop(new.name, check)
            yield CreateCheckConstraint(new.name, replace(other, name=other.name or check.name))


def _uses_any(old: Column | None, new: Column, columns: Sequence[str]) -> bool:
    if old is None or old.computed is None or new.computed is None:
        return False
    return any(mentions(old.computed.expression, name) or mentions(new.computed.expression, name) for name in columns)


def _computed(
    operations: Sequence[Operation], before: Snapshot, after: Snapshot, new: Table, column: Column
) -> list[Operation]:
    """``operations`` with the computed ``column`` dropped and added, and with it what stands on it and stays."""
    old = before.tables[new.name]
    left = [
        one
        for one in operations
        if not (isinstance(one, AlterColumn) and one.table == new.name and one.name == column.name)
    ]
    gone = {one.before for one in left if isinstance(one, (DropConstraint, DropIndex))}
    for constraint, other in _constraints_on(before, after, new.name, column.name):
        if constraint not in gone:
            left += [
                drop(new.name, constraint),
                create_constraint(new.name, replace(other, name=other.name or constraint.name)),
            ]
    for index, twin in match(old.indexes, new.indexes, lambda one: replace(one, name=None)).pairs:
        if index_needs(index, column.name) and index not in gone:
            left += [DropIndex(new.name, index.name or "", before=index), CreateIndex(new.name, twin)]
    return [*left, DropColumn(new.name, column.name, before=old.column(column.name)), AddColumn(new.name, column)]


def _constraints_on(
    before: Snapshot, after: Snapshot, name: QualifiedName, column: str
) -> Iterator[tuple[Constraint, Constraint]]:
    old, new = before.tables[name], after.tables[name]
    yield from (
        pair
        for pair in match(old.checks, new.checks, lambda one: one.expression).pairs
        if mentions(pair[1].expression, column)
    )
    yield from (
        pair
        for pair in match(old.unique_constraints, new.unique_constraints, _nameless).pairs
        if column in pair[1].columns
    )
    yield from (pair for pair in match_foreign_keys(before, after, name).pairs if column in pair[1].columns)


def _nameless(constraint: Constraint) -> Constraint:
    return replace(constraint, name=None)
