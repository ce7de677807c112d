"""What comes with the type or the newness of a column: a check of its values, rows that must not be there."""

from __future__ import annotations

from flask_schema.dialects.sqlite.compiler import SqliteCompiler
from flask_schema.dialects.sqlite.tokens import same_name, tokens_of, unquoted
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


def lists_values(expression: str, column: str) -> bool:
    """Whether a check says nothing but ``column IN (literals)``, as SQLAlchemy writes it for Boolean and Enum."""
    tokens = [token.text for token in tokens_of(expression)]
    if len(tokens) < _SHORTEST_LIST or not same_name(unquoted(tokens[0]), column):
        return False
    values = tokens[3:-1]
    listed = all(one == "," or one[0] in "'0123456789" for one in values)
    return [one.upper() for one in (*tokens[1:3], tokens[-1])] == ["IN", "(", ")"] and listed


_SHORTEST_LIST = 5
"""The number of tokens of ``x IN (1)``."""
