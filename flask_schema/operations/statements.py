"""Operations that carry a script's own SQL or rows."""

from __future__ import annotations

from dataclasses import field
from typing import Any, ClassVar

from flask_schema.operations.operation import Operation, operation
from flask_schema.snapshot.elements import Options
from flask_schema.values import dataclass


@operation
@dataclass(frozen=True, slots=True)
class Execute(Operation):
    """Run a statement: SQL text with ``:name`` parameters, or a SQLAlchemy construct."""

    directive: ClassVar[str] = "execute"
    statement: Any
    execution_options: Options = ()

    def describe(self) -> str:
        first_line = next(iter(" ".join(str(self.statement).split()).splitlines()), "")
        return f"execute {first_line[:60]}{'...' if len(first_line) > 60 else ''}"


@operation
@dataclass(frozen=True, slots=True)
class BulkInsert(Operation):
    """Insert ``rows`` (dictionaries by column) into ``table`` (anything with columns, a ``sa.Table`` or ``sa.table``).

    ``multiinsert`` False sends a statement a row, for rows with different keys.
    """

    directive: ClassVar[str] = "bulk_insert"
    table: Any
    rows: tuple[dict[str, Any], ...] = field(default=(), hash=False)
    multiinsert: bool = True

    def describe(self) -> str:
        return f"insert {len(self.rows)} rows into {self.table}"
