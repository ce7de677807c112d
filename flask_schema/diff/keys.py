"""Primary keys, unique constraints and foreign keys."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace

from flask_schema.diff.matching import Matching, match
from flask_schema.operations.constraints import KINDS, DropConstraint, create_constraint
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import (
    Constraint,
    ForeignKey,
    QualifiedName,
    Table,
)
from flask_schema.snapshot.snapshot import Snapshot


def drop(table: QualifiedName, constraint: Constraint) -> DropConstraint:
    """The operation that drops ``constraint``, by its name where it has one."""
    return DropConstraint(table, constraint.name, kind=KINDS[type(constraint)], before=constraint)


def compare_primary_keys(before: Table, after: Table) -> Iterator[Operation]:
    """The primary key of one table: kept, or dropped and created."""
    old = (before.primary_key,) if before.primary_key is not None else ()
    new = (after.primary_key,) if after.primary_key is not None else ()
    yield from _changes(after.name, match(old, new, _nameless))


def compare_unique_constraints(before: Table, after: Table) -> Iterator[Operation]:
    """The unique constraints of one table; the order of a constraint's columns counts."""
    yield from _changes(after.name, match(before.unique_constraints, after.unique_constraints, _nameless))


def match_foreign_keys(before: Snapshot, after: Snapshot, table: QualifiedName) -> Matching[ForeignKey]:
    """The foreign keys of a table that both sides have, paired."""

    def content(key: ForeignKey) -> Hashable:
        return replace(key, name=None, referred_columns=key.referred_columns or _target(key, before, after))

    return match(before.tables[table].foreign_keys, after.tables[table].foreign_keys, content)


def compare_foreign_keys(before: Snapshot, after: Snapshot, table: QualifiedName) -> Iterator[Operation]:
    """The foreign keys of a table that both sides have."""
    yield from _changes(table, match_foreign_keys(before, after, table))


def _changes(table: QualifiedName, matching: Matching[Constraint]) -> Iterator[Operation]:
    for constraint in matching.dropped:
        yield drop(table, constraint)
    for constraint in matching.added:
        yield create_constraint(table, constraint)


def _nameless(key: Constraint) -> Hashable:
    return replace(key, name=None)


def _target(key: ForeignKey, before: Snapshot, after: Snapshot) -> tuple[str, ...]:
    """The columns that a foreign key without column names means: its target's primary key."""
    table = after.tables.get(key.referred_table) or before.tables.get(key.referred_table)
    return table.primary_key.columns if table is not None and table.primary_key is not None else ()
