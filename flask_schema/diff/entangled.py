"""Constraints that do not change, but stand in the way of something that does.

A database refuses to drop a key that a foreign key relies on, or to change one of the two column
types to another kind. And a constraint that has no name in the models keeps the name that it has in
the database, until another one asks for it. What is in the way is dropped before and created again after.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from flask_schema.diff.keys import drop, match_foreign_keys
from flask_schema.operations.columns import AlterColumn
from flask_schema.operations.constraints import CreateConstraint, CreateForeignKey, DropConstraint, create_constraint
from flask_schema.operations.indexes import DropIndex
from flask_schema.operations.operation import UNSET, Operation
from flask_schema.operations.renames import RenameConstraint
from flask_schema.snapshot.elements import DataType, ForeignKey, PrimaryKey, QualifiedName, UniqueConstraint
from flask_schema.snapshot.snapshot import Snapshot


def recreate_foreign_keys(operations: Sequence[Operation], before: Snapshot, after: Snapshot) -> Iterator[Operation]:
    """A drop and a creation for each unchanged foreign key that is in the way of ``operations``."""
    gone = {(one.table, one.before) for one in operations if isinstance(one, DropConstraint)}
    keys = set(_dropped_keys(operations))
    columns = set(_retyped_columns(operations))
    if not keys and not columns:
        return
    for table in before.tables.keys() & after.tables.keys():
        for old, new in match_foreign_keys(before, after, table).pairs:
            if (table, old) in gone:
                continue
            if (old.referred_table, frozenset(_referred(old, before))) in keys or _joins(table, old, columns, before):
                yield drop(table, old)
                yield CreateForeignKey(table, new)


def recreate_namesakes(operations: Sequence[Operation], before: Snapshot, after: Snapshot) -> Iterator[Operation]:
    """A drop and a creation for each constraint that stays, unnamed in the models, on a name that is needed."""
    gone = {(one.table, one.name) for one in operations if isinstance(one, (DropConstraint, RenameConstraint))}
    for one in operations:
        if not isinstance(one, CreateConstraint) or one.constraint.name is None:
            continue
        place = (one.table, one.constraint.name)
        table = before.tables.get(one.table)
        holder = next((old for old in table.constraints if old.name == place[1]), None) if table is not None else None
        if holder is None or place in gone:
            continue
        unnamed = replace(holder, name=None)
        yield drop(one.table, holder)
        yield create_constraint(one.table, unnamed)


def _dropped_keys(operations: Iterable[Operation]) -> Iterator[tuple[QualifiedName, frozenset[str]]]:
    for one in operations:
        if isinstance(one, DropConstraint) and isinstance(one.before, (PrimaryKey, UniqueConstraint)):
            yield one.table, frozenset(one.before.columns)
        if isinstance(one, DropIndex) and one.before is not None and one.before.unique and one.table is not None:
            yield one.table, frozenset(one.before.columns)


def _retyped_columns(operations: Iterable[Operation]) -> Iterator[tuple[QualifiedName, str]]:
    for one in operations:
        if not isinstance(one, AlterColumn) or one.after.type is UNSET:
            continue
        old = one.before.type
        if old is UNSET or _kind(old) != _kind(one.after.type):
            yield one.table, one.name


def _kind(data_type: DataType) -> str:
    """The type without length and precision: ``VARCHAR(10)`` can become ``VARCHAR(20)`` under a foreign key."""
    return data_type.sql.partition("(")[0].strip().upper()


def _referred(key: ForeignKey, snapshot: Snapshot) -> tuple[str, ...]:
    target = snapshot.tables.get(key.referred_table)
    primary = target.primary_key.columns if target is not None and target.primary_key is not None else ()
    return key.referred_columns or primary


def _joins(table: QualifiedName, key: ForeignKey, columns: set[tuple[QualifiedName, str]], snapshot: Snapshot) -> bool:
    return any((table, name) in columns for name in key.columns) or any(
        (key.referred_table, name) in columns for name in _referred(key, snapshot)
    )
