"""Enum types of the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flask_schema.operations.enums import AlterEnum, CreateEnum, DropEnum
from flask_schema.operations.operation import Operation
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
