"""Operations that rename what belongs to a table; ``AlterColumn`` renames a column, ``RenameTable`` a table."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from flask_schema.errors import ObjectMissing
from flask_schema.operations.constraints import replace_constraint
from flask_schema.operations.operation import Operation, operation, table_of
from flask_schema.snapshot.elements import QualifiedName
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass


@operation
@dataclass(frozen=True, slots=True)
class RenameIndex(Operation):
    """Rename the index ``name``. ``table`` is None when the script does not say; some databases need it.

    ``schema`` is the schema of the index when no table says it, None for the default one.
    """

    directive: ClassVar[str] = "rename_index"
    name: str
    new_name: str
    table: QualifiedName | None = None
    schema: str | None = None

    def describe(self) -> str:
        place = f" on {self.table}" if self.table else ""
        return f"rename index {self.name}{place} to {self.new_name}"

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.table}) if self.table else frozenset()

    def invert(self) -> Operation:
        return RenameIndex(self.new_name, self.name, self.table, self.schema)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        for name, table in snapshot.tables.items():
            if name != self.table if self.table is not None else name.schema != self.schema:
                continue
            if any(index.name == self.name for index in table.indexes):
                indexes = (
                    replace(index, name=self.new_name) if index.name == self.name else index for index in table.indexes
                )
                return snapshot.with_table(replace(table, indexes=tuple(indexes)))
        raise ObjectMissing(f"there is no index {self.name}")


@operation
@dataclass(frozen=True, slots=True)
class RenameConstraint(Operation):
    """Rename the constraint ``name`` of a table."""

    directive: ClassVar[str] = "rename_constraint"
    table: QualifiedName
    name: str
    new_name: str

    def describe(self) -> str:
        return f"rename constraint {self.name} on {self.table} to {self.new_name}"

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.table})

    def invert(self) -> Operation:
        return RenameConstraint(self.table, self.new_name, self.name)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        table = table_of(snapshot, self.table)
        found = next((one for one in table.constraints if one.name == self.name), None)
        if found is None:
            raise ObjectMissing(f"there is no constraint {self.name} on {self.table}")
        return snapshot.with_table(replace_constraint(table, found, replace(found, name=self.new_name)))
