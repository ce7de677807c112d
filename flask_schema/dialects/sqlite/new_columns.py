"""What a table has to be like before a column can be added to it."""

from __future__ import annotations

from flask_schema.dialects.sqlite.compiler import SqliteCompiler
from flask_schema.dialects.statement import Statement
from flask_schema.operations import columns
from flask_schema.snapshot.elements import PrimaryKey


def filled_check(compiler: SqliteCompiler, operation: columns.AddColumn) -> Statement | None:
    """A NOT NULL column without a default can be added to an empty table only."""
    column = operation.column
    if column.nullable or column.computed is not None or (column.default or "NULL").upper() != "NULL":
        return None
    if any(isinstance(one, PrimaryKey) for one in operation.constraints) and column.type.sql.upper() == "INTEGER":
        return None  # it becomes the rowid, which numbers the rows
    return Statement(
        f"SELECT 1 FROM {compiler.table_name(operation.table)} LIMIT 1",
        operation=operation,
        online_only=True,
        must_be_empty=True,
        failure=(
            f"{operation.table} has rows, and its new column {column.name} is NOT NULL without a default; "
            "give it a server_default, or add it nullable, fill it, then make it NOT NULL"
        ),
    )
