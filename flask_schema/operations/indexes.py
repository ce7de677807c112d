"""Operations on indexes."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from flask_schema.errors import Irreversible, ObjectMissing
from flask_schema.operations.operation import Operation, operation, table_of
from flask_schema.snapshot.elements import Index, QualifiedName, Table, UniqueConstraint, View
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass


@operation
@dataclass(frozen=True, slots=True)
class CreateIndex(Operation):
    """Create ``index`` on a table; ``concurrently`` does so without blocking writers, outside a transaction."""

    directive: ClassVar[str] = "create_index"
    table: QualifiedName
    index: Index
    if_not_exists: bool = False
    concurrently: bool = False

    def describe(self) -> str:
        keys = ", ".join(element.expression for element in self.index.elements)
        unique = "unique " if self.index.unique else ""
        return f"create {unique}index {self.index.name} on {self.table} ({keys})"

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.table})

    def invert(self) -> Operation:
        return DropIndex(self.table, self.index.name or "", concurrently=self.concurrently, before=self.index)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        view = snapshot.views.get(self.table)
        owner = view if view is not None and view.materialized else table_of(snapshot, self.table)
        if any(index.name == self.index.name for index in owner.indexes):
            if self.if_not_exists:
                return snapshot
            raise ObjectMissing(f"there is an index {self.index.name} on {self.table} already")
        return _with_indexes(snapshot, owner, (*owner.indexes, self.index))


@operation
@dataclass(frozen=True, slots=True)
class DropIndex(Operation):
    """Drop the index ``name``. ``table`` is None when the script does not say; some databases need it."""

    directive: ClassVar[str] = "drop_index"
    table: QualifiedName | None
    name: str
    schema: str | None = None
    if_exists: bool = False
    concurrently: bool = False
    before: Index | None = None
    options: tuple[tuple[str, object], ...] = ()

    def describe(self) -> str:
        place = f" on {self.table}" if self.table else ""
        return f"drop index {self.name}{place}"

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.table}) if self.table else frozenset()

    def invert(self) -> Operation:
        if self.before is None or self.table is None:
            raise Irreversible(f"{self.describe()} has no way back: its table and columns are not known")
        return CreateIndex(self.table, self.before, concurrently=self.concurrently)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        """Where unique indexes and constraints are one thing (MySQL, CockroachDB), scripts drop either as the other."""
        owners: list[Table | View] = [*snapshot.tables.values(), *snapshot.views.values()]
        for owner in owners:
            if self.table not in (None, owner.name):
                continue
            kept = tuple(index for index in owner.indexes if index.name != self.name)
            if len(kept) < len(owner.indexes):
                return _with_indexes(snapshot, owner, kept)
            constraint = _unique_constraint(owner, self.name)
            if constraint is not None and isinstance(owner, Table):
                return snapshot.with_table(owner.without_constraint(constraint))
        if self.if_exists:
            return snapshot
        raise ObjectMissing(f"there is no index {self.name}")


def _unique_constraint(owner: Table | View, name: str) -> UniqueConstraint | None:
    constraints = owner.unique_constraints if isinstance(owner, Table) else ()
    return next((one for one in constraints if one.name == name), None)


def _with_indexes(snapshot: Snapshot, owner: Table | View, indexes: tuple[Index, ...]) -> Snapshot:
    if isinstance(owner, Table):
        return snapshot.with_table(replace(owner, indexes=indexes))
    return replace(snapshot, views={**snapshot.views, owner.name: replace(owner, indexes=indexes)})
