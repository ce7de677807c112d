"""Renaming indexes and constraints. A constraint has no rename of its own in MySQL and MariaDB."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from flask_schema.dialects.mysql.drops import Drops
from flask_schema.dialects.mysql.index_rules import is_implied
from flask_schema.dialects.statement import Statement
from flask_schema.errors import ObjectMissing, OperationRefused
from flask_schema.operations import renames
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Constraint,
    ForeignKey,
    PrimaryKey,
    QualifiedName,
    Table,
    UniqueConstraint,
)


class Renames(Drops):
    """The part of the compiler that renames."""

    def added(self, table: QualifiedName, constraint: Constraint) -> str:
        """``ADD CONSTRAINT ...`` as a part of ALTER TABLE."""
        raise NotImplementedError

    def rename_index(self, operation: renames.RenameIndex) -> Iterable[str | Statement]:
        owner = operation.table or self.owner_of_index(operation.name, operation.schema, operation.describe())
        yield self.alter_table(owner, self._renamed_index(operation.name, operation.new_name))

    def rename_constraint(self, operation: renames.RenameConstraint) -> Iterable[str | Statement]:
        table = self.required_table(operation.table)
        found = next((one for one in table.constraints if one.name == operation.name), None)
        if operation.name == "PRIMARY" or isinstance(found, PrimaryKey):
            raise OperationRefused(f"{self.database} has one name for every primary key, PRIMARY")
        if found is None:
            raise ObjectMissing(f"there is no constraint {operation.name} on {operation.table}")
        yield self.alter_table(operation.table, ", ".join(self._renamed(table, found, operation.new_name)))

    def _renamed(self, table: Table, constraint: Constraint, name: str) -> list[str]:
        old = constraint.name or ""
        if isinstance(constraint, UniqueConstraint):
            return [self._renamed_index(old, name)]
        new = self.added(table.name, replace(constraint, name=name))
        if isinstance(constraint, CheckConstraint):
            return [f"DROP {self.server.drop_check} {self.name(old)}", new]
        assert isinstance(constraint, ForeignKey)
        alone = replace(table, foreign_keys=(constraint,))
        own = [one for one in table.indexes if one.name == old and is_implied(alone, one)]
        return [f"DROP FOREIGN KEY {self.name(old)}", *(self._renamed_index(old, name) for _ in own), new]

    def _renamed_index(self, old: str, new: str) -> str:
        if not self.server.renames_indexes:
            raise OperationRefused(
                f"this version of {self.database} cannot rename index {old}",
                hint="drop the index and create it under its new name",
            )
        return f"RENAME INDEX {self.name(old)} TO {self.name(new)}"
