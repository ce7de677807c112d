"""Constraints and indexes that differ in nothing but their name: renamed where the database can."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from flask_schema.operations.constraints import CreateConstraint, DropConstraint
from flask_schema.operations.indexes import CreateIndex, DropIndex
from flask_schema.operations.operation import Operation
from flask_schema.operations.renames import RenameConstraint, RenameIndex
from flask_schema.snapshot.elements import Constraint, Index
from flask_schema.snapshot.snapshot import Snapshot

INDEXES = "index"
CONSTRAINTS = "constraint"


def renamed_in_place(operations: Sequence[Operation], kinds: frozenset[str], before: Snapshot) -> list[Operation]:
    """``operations`` with a drop and a creation of the same thing under another name put together as a rename.

    ``kinds`` are those that the database can rename: ``index``, ``constraint``. A name that is still
    taken, as in a swap, is left to drop and creation.
    """
    left = list(operations)
    for new in [one for one in operations if isinstance(one, (CreateConstraint, CreateIndex))]:
        old = next((one for one in left if _same_thing(one, new, kinds)), None)
        rename = _rename(old, new) if old is not None else None
        if old is None or rename is None or rename.new_name in _names(before, new):
            continue
        left[left.index(new)] = rename
        left.remove(old)
    return left


def _same_thing(old: Operation, new: CreateConstraint | CreateIndex, kinds: frozenset[str]) -> bool:
    if isinstance(old, DropIndex) and isinstance(new, CreateIndex):
        return INDEXES in kinds and old.table == new.table and _nameless(old.before) == _nameless(new.index)
    if isinstance(old, DropConstraint) and isinstance(new, CreateConstraint):
        return CONSTRAINTS in kinds and old.table == new.table and _nameless(old.before) == _nameless(new.constraint)
    return False


def _rename(old: Operation, new: CreateConstraint | CreateIndex) -> RenameConstraint | RenameIndex | None:
    if isinstance(old, DropIndex) and isinstance(new, CreateIndex) and new.index.name is not None:
        return RenameIndex(old.name, new.index.name, new.table)
    if isinstance(old, DropConstraint) and isinstance(new, CreateConstraint) and old.name and new.constraint.name:
        return RenameConstraint(new.table, old.name, new.constraint.name)
    return None


def _names(before: Snapshot, new: CreateConstraint | CreateIndex) -> set[str | None]:
    """The names that are taken in the table: databases let constraints and indexes share one set of names."""
    table = before.tables.get(new.table)
    things: Iterable[Constraint | Index] = (*table.constraints, *table.indexes) if table is not None else ()
    return {one.name for one in things}


def _nameless(thing: Constraint | Index | None) -> object:
    return replace(thing, name=None) if thing is not None else None
