"""Directive classes for a script's own SQL and rows, and for what this engine has and Alembic has not."""

from __future__ import annotations

from typing import Any

from flask_schema.alembic_compat.operations.migrate_operation import MigrateOperation
from flask_schema.operations.operation import Operation


class BulkInsertOp(MigrateOperation):
    """``op.bulk_insert``."""

    def __init__(self, table: Any, rows: list[dict[str, Any]], *, multiinsert: bool = True) -> None:
        self.table = table
        self.rows = rows
        self.multiinsert = multiinsert

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """``("bulk_insert", table, rows)``."""
        return ("bulk_insert", self.table, self.rows)


class ExecuteSQLOp(MigrateOperation):
    """``op.execute``."""

    def __init__(self, sqltext: Any, *, execution_options: dict[str, Any] | None = None) -> None:
        self.sqltext = sqltext
        self.execution_options = execution_options

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """``("execute", statement)``."""
        return ("execute", self.sqltext)


class EngineOp(MigrateOperation):
    """An operation of this engine that Alembic has no class for: an enum type, a sequence, a rename, a view.

    It goes through a hook as it is. ``operation`` is a frozen value; put another in its place to change it.
    """

    def __init__(self, operation: Operation) -> None:
        self.operation = operation

    def reverse(self) -> EngineOp:
        """The operation that undoes it. Raises Irreversible where there is none."""
        return EngineOp(self.operation.invert())

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """The directive's name, and the operation: ``("create_enum", CreateEnum(...))``."""
        return (self.operation.directive, self.operation)
