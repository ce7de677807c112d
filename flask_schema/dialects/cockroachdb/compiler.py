"""What CockroachDB writes differently from PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import ClassVar

from flask_schema.dialects.postgresql.compiler import PostgresqlCompiler
from flask_schema.dialects.postgresql.specification import Specifications
from flask_schema.dialects.statement import Statement
from flask_schema.errors import OperationRefused
from flask_schema.operations import columns, constraints, indexes, schemas
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import Computed, QualifiedName, UniqueConstraint

FOLDED = ("ADD COLUMN ", "ALTER COLUMN ")
"""Actions of which several may share one ALTER TABLE, at the price of one schema-change job."""


class CockroachdbSpecifications(Specifications):
    """Columns as CockroachDB writes them."""

    def computed(self, computed: Computed) -> str:
        """``AS (...) STORED``, or VIRTUAL. https://www.cockroachlabs.com/docs/stable/computed-columns"""
        return f"AS ({computed.expression}) {'VIRTUAL' if computed.stored is False else 'STORED'}"


class CockroachdbCompiler(PostgresqlCompiler):
    """Turns operations into statements; CONCURRENTLY is left out, since every index is built that way."""

    database: ClassVar[str] = "CockroachDB"
    specification_class: ClassVar[type[Specifications]] = CockroachdbSpecifications
    concurrently: ClassVar[bool] = False
    view_trigger_query: ClassVar[str | None] = None  # there are no INSTEAD OF triggers

    def folded(self, operations: Sequence[Operation]) -> Iterator[Statement]:
        """The statements, those that follow each other on one table put into one ALTER TABLE where that is allowed."""
        made = [one for operation in operations for one in self.compile(operation)]
        for start, group in groupby(made, key=self._start):
            statements = list(group)
            if start is None or len(statements) == 1:
                yield from statements
                continue
            actions = ", ".join(str(one.sql)[len(start) :] for one in statements)
            yield replace(statements[0], sql=f"{start}{actions}")

    def _start(self, statement: Statement) -> str | None:
        """``ALTER TABLE t `` for an action that may share a statement, else None."""
        operation = statement.operation
        if not isinstance(operation, (columns.AddColumn, columns.AlterColumn)) or not isinstance(statement.sql, str):
            return None
        start = self.alter_table(operation.table, "")
        action = statement.sql[len(start) :]
        shares = statement.sql.startswith(start) and action.startswith(FOLDED) and " TYPE " not in action
        return start if shares else None

    def drop_constraint(self, operation: constraints.DropConstraint) -> Iterable[str | Statement]:
        """A unique constraint is dropped as its index: DROP CONSTRAINT of one is refused before 26.2 (0A000)."""
        if not self._is_unique(operation):
            yield from super().drop_constraint(operation)
            return
        guard = "IF EXISTS " if operation.if_exists else ""
        yield f"DROP INDEX {guard}{self._index(operation.table, self.constraint_name(operation))} CASCADE"

    def _is_unique(self, operation: constraints.DropConstraint) -> bool:
        if operation.kind is not None or self.surroundings.offline:
            return operation.kind == "unique" or isinstance(operation.before, UniqueConstraint)
        table = self.surroundings.table(operation.table)
        return table is not None and isinstance(operation.find(table), UniqueConstraint)

    def drop_index(self, operation: indexes.DropIndex) -> Iterable[str | Statement]:
        guard = "IF EXISTS " if operation.if_exists else ""
        if operation.table is None:
            name = self.table_name(QualifiedName(operation.name, operation.schema))
        else:
            name = self._index(operation.table, operation.name)
        cascade = " CASCADE" if operation.before is not None and operation.before.unique else ""
        yield f"DROP INDEX {guard}{name}{cascade}"

    def _index(self, table: QualifiedName, name: str) -> str:
        return f"{self.table_name(table)}@{self.name(name)}"

    def create_extension(self, operation: schemas.CreateExtension) -> Iterable[str | Statement]:
        raise self._no_extensions(operation)

    def drop_extension(self, operation: schemas.DropExtension) -> Iterable[str | Statement]:
        raise self._no_extensions(operation)

    def create_exclude_constraint(self, operation: constraints.CreateExcludeConstraint) -> Iterable[str | Statement]:
        raise OperationRefused(f"CockroachDB has no EXCLUDE constraints, asked for on {operation.table}")
