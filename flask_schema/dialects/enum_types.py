"""Enum types that are objects of the database: PostgreSQL and CockroachDB have them, others say why they have not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from flask_schema.dialects.statement import Statement
from flask_schema.errors import OperationRefused
from flask_schema.operations import enums
from flask_schema.operations.operation import Operation


class NoEnumTypes:
    """The part of the compiler for them, where an enum is a matter of each column."""

    database: ClassVar[str] = "this database"

    def create_enum(self, operation: enums.CreateEnum) -> Iterable[str | Statement]:
        raise self._no_enum_types(operation)

    def drop_enum(self, operation: enums.DropEnum) -> Iterable[str | Statement]:
        raise self._no_enum_types(operation)

    def alter_enum(self, operation: enums.AlterEnum) -> Iterable[str | Statement]:
        raise self._no_enum_types(operation)

    def rename_enum_value(self, operation: enums.RenameEnumValue) -> Iterable[str | Statement]:
        raise self._no_enum_types(operation)

    def add_enum_value(self, operation: enums.AddEnumValue) -> Iterable[str | Statement]:
        raise self._no_enum_types(operation)

    def remove_enum_value(self, operation: enums.RemoveEnumValue) -> Iterable[str | Statement]:
        raise self._no_enum_types(operation)

    def _no_enum_types(self, operation: Operation) -> OperationRefused:
        return OperationRefused(
            f"cannot {operation.describe()}: {self.database} has no enum types apart from columns",
            hint="give each column its values: op.alter_column(..., existing_type=sa.Enum(...), type_=sa.Enum(...))",
        )
