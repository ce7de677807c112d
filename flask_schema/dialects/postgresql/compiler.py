"""Statements of PostgreSQL for every operation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, ClassVar

import sqlalchemy as sa

from flask_schema.dialects.dialect import Surroundings
from flask_schema.dialects.postgresql.alter_column import AlterColumns, changed_numbering
from flask_schema.dialects.postgresql.disputes import Dispute
from flask_schema.dialects.postgresql.enum_types import EnumTypes
from flask_schema.dialects.postgresql.expressions import literal
from flask_schema.dialects.postgresql.named_types import Memory
from flask_schema.dialects.postgresql.names import constraint_name as made_up_name
from flask_schema.dialects.postgresql.objects import PostgresqlObjects
from flask_schema.dialects.postgresql.scratch import ask
from flask_schema.dialects.postgresql.specification import PostgresqlConstructs, Specifications, numbering
from flask_schema.dialects.statement import Statement
from flask_schema.errors import OfflineRefused, OperationRefused
from flask_schema.operations import columns, constraints, indexes, renames, sequences, tables
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Identity,
    QualifiedName,
    Sequence,
    Table,
)
from flask_schema.snapshot.snapshot import Snapshot

OPTION_PREFIX = "postgresql"
_SETS_EXPRESSIONS_SINCE = (17,)
_NOTHING = Snapshot("postgresql")


class PostgresqlCompiler(EnumTypes, AlterColumns, PostgresqlObjects):
    """Turns operations into statements for one server version (empty: unknown, taken for a current one)."""

    database: ClassVar[str] = "PostgreSQL"
    specification_class: ClassVar[type[Specifications]] = Specifications
    concurrently: ClassVar[bool] = True

    def __init__(
        self, sqlalchemy: sa.Dialect, surroundings: Surroundings, version: tuple[int, ...] = (), memory: Any = None
    ) -> None:
        super().__init__(sqlalchemy, OPTION_PREFIX, surroundings)
        self.specifications = self.specification_class(self.preparer)
        self.constructs = PostgresqlConstructs(OPTION_PREFIX, self.specifications)
        self._version = version
        self.sets_expressions = not version or version >= _SETS_EXPRESSIONS_SINCE
        self.memory = memory if memory is not None else Memory()

    # -- tables and columns -------------------------------------------------------------------

    def create_table(self, operation: tables.CreateTable) -> Iterable[str | Statement]:
        """A new table needs no concurrent index, and there is no leftover of one to look for."""
        yield from self.missing_types([one.type for one in operation.table.columns])
        yield from super().create_table(replace(operation, table=replace(operation.table, indexes=())))
        guards = "IF NOT EXISTS " if operation.if_not_exists else ""
        for index in operation.table.indexes:
            yield self.specifications.create_index(operation.table.name, index, guards)

    def table_definition(self, table: Table, *, if_not_exists: bool = False) -> str:
        columns = [f"{self.name(one.name)} {self.specifications.column(one)}" for one in table.columns]
        plain = self.plain_tables.definition(table, columns, if_not_exists=if_not_exists)
        return plain if plain is not None else super().table_definition(table, if_not_exists=if_not_exists)

    def add_column(self, operation: columns.AddColumn) -> Iterable[str | Statement]:
        self.check_place(operation)
        yield from self.missing_types([operation.column.type])
        table, column = operation.table, operation.column
        guard = "IF NOT EXISTS " if operation.if_not_exists else ""
        inline = self.inline_constraints(operation)
        written = "".join(f" {self.inline(one)}" for one in inline)
        specification = f"{self.name(column.name)} {self.specifications.column(column)}{written}"
        yield self.alter_table(table, f"ADD COLUMN {guard}{specification}")
        if column.comment is not None:
            yield self.column_comment(table, column.name, column.comment)
        for constraint in operation.constraints:
            if constraint not in inline:
                yield from self.add_constraint(table, constraint)
        for index in operation.indexes:
            yield from self._created_index(indexes.CreateIndex(table, index))

    # -- constraints --------------------------------------------------------------------------

    def create_exclude_constraint(self, operation: constraints.CreateExcludeConstraint) -> Iterable[str | Statement]:
        return self.add_constraint(operation.table, operation.constraint)

    def constraint_name(self, operation: constraints.DropConstraint) -> str:
        """The name in the database; where that is not known, the one that PostgreSQL gives such a constraint."""
        if operation.name is not None:
            return operation.name
        wanted = operation.before
        try:
            table = self.surroundings.table(operation.table)
        except OfflineRefused:
            if wanted is None:
                raise
            table = None
        found = operation.find(table) if table is not None else None
        if found is None and table is not None and isinstance(wanted, CheckConstraint):
            found = self._alike(table, wanted)
        if found is not None and found.name is not None:
            return found.name
        if wanted is None or (table is not None and found is None):
            raise OperationRefused(
                f"cannot {operation.describe()}: there is no such constraint with a name to drop it by"
            )
        return made_up_name(table if table is not None else Table(operation.table, ()), wanted)

    def _alike(self, table: Table, wanted: CheckConstraint) -> CheckConstraint | None:
        """The CHECK of a table that means what ``wanted`` says in other words: the server is asked."""
        connection = getattr(self.surroundings, "connection", None)
        dispute = Dispute(table, replace(table, checks=(wanted,)), _NOTHING, _NOTHING)
        if connection is None or not dispute.checks:
            return None
        answer = ask(connection, [dispute.job(None)], self._version)[0]
        read = dispute.settled(answer).checks
        pairs = zip(table.checks, read, strict=True)
        return next((old for old, new in pairs if new.expression == wanted.expression), None)

    def validate_constraint(self, operation: constraints.ValidateConstraint) -> Iterable[str | Statement]:
        """Rows are read under a lock that lets others read and write.

        https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-VALIDATE-CONSTRAINT
        """
        yield self.alter_table(operation.table, f"VALIDATE CONSTRAINT {self.name(operation.name)}")

    def rename_constraint(self, operation: renames.RenameConstraint) -> Iterable[str | Statement]:
        names = f"{self.name(operation.name)} TO {self.name(operation.new_name)}"
        yield self.alter_table(operation.table, f"RENAME CONSTRAINT {names}")

    # -- indexes ------------------------------------------------------------------------------

    def create_index(self, operation: indexes.CreateIndex) -> Iterable[str | Statement]:
        """CREATE INDEX; one that a failed CREATE INDEX CONCURRENTLY left under the name is removed before."""
        yield from self._removed_leftover(operation)
        yield from self._created_index(operation)

    def _created_index(self, operation: indexes.CreateIndex) -> Iterator[Statement]:
        concurrently = self._is_concurrent(operation)
        guards = "CONCURRENTLY " if concurrently else ""
        guards += "IF NOT EXISTS " if operation.if_not_exists else ""
        sql = self.specifications.create_index(operation.table, operation.index, guards)
        left = f"index {operation.index.name}, invalid, which the next attempt removes" if concurrently else None
        yield Statement(sql, transactional=not concurrently, leaves=left)

    def _removed_leftover(self, operation: indexes.CreateIndex) -> Iterator[Statement]:
        name = operation.index.name
        if name is None or self.surroundings.offline or not self.concurrently or not self._has_leftovers():
            return
        qualified = self.table_name(QualifiedName(name, operation.table.schema))
        rows = self.surroundings.query(
            f"SELECT 1 FROM pg_index WHERE indexrelid = to_regclass({literal(qualified)}) AND NOT indisvalid"
        )
        if rows:
            concurrently = self._is_concurrent(operation)
            guards = "CONCURRENTLY " if concurrently else ""
            yield Statement(f"DROP INDEX {guards}{qualified}", transactional=not concurrently)

    def _has_leftovers(self) -> bool:
        """Whether there is any invalid index; once there was none, only a concurrent statement of ours makes one."""
        if not self.memory.knows_no_leftovers:
            rows = self.surroundings.query("SELECT 1 FROM pg_index WHERE NOT indisvalid LIMIT 1")
            self.memory.knows_no_leftovers = not rows
        return not self.memory.knows_no_leftovers

    def _is_concurrent(self, operation: indexes.CreateIndex) -> bool:
        """Asked for by the script, or by the model that the index comes from."""
        asked = operation.concurrently or bool(dict(operation.index.options).get("concurrently"))
        return asked and self.concurrently

    def drop_index(self, operation: indexes.DropIndex) -> Iterable[str | Statement]:
        schema = operation.schema or (operation.table.schema if operation.table else None)
        concurrently = operation.concurrently and self.concurrently
        guards = "CONCURRENTLY " if concurrently else ""
        guards += "IF EXISTS " if operation.if_exists else ""
        qualified = self.table_name(QualifiedName(operation.name, schema))
        yield Statement(f"DROP INDEX {guards}{qualified}", transactional=not concurrently)

    def rename_index(self, operation: renames.RenameIndex) -> Iterable[str | Statement]:
        schema = operation.table.schema if operation.table is not None else operation.schema
        qualified = self.table_name(QualifiedName(operation.name, schema))
        yield f"ALTER INDEX {qualified} RENAME TO {self.name(operation.new_name)}"

    # -- sequences ----------------------------------------------------------------------------

    def create_sequence(self, operation: sequences.CreateSequence) -> Iterable[str | Statement]:
        sequence = operation.sequence
        guard = "IF NOT EXISTS " if operation.if_not_exists else ""
        words = [f"CREATE SEQUENCE {guard}{self.table_name(sequence.name)}"]
        words += [f"AS {sequence.data_type}"] if sequence.data_type else []
        words += [text] if (text := numbering(sequence)) else []
        words += [self._owner(sequence)] if sequence.owned_by else []
        yield " ".join(words)

    def drop_sequence(self, operation: sequences.DropSequence) -> Iterable[str | Statement]:
        yield f"DROP SEQUENCE {'IF EXISTS ' if operation.if_exists else ''}{self.table_name(operation.name)}"

    def alter_sequence(self, operation: sequences.AlterSequence) -> Iterable[str | Statement]:
        before, after = operation.before, operation.after
        words = [f"AS {after.data_type or 'BIGINT'}"] if before.data_type != after.data_type else []
        words += changed_numbering(_numbers(before), _numbers(after))
        words += [self._owner(after)] if before.owned_by != after.owned_by else []
        if words:
            yield f"ALTER SEQUENCE {self.table_name(after.name)} {' '.join(words)}"

    def rename_sequence(self, operation: sequences.RenameSequence) -> Iterable[str | Statement]:
        yield f"ALTER SEQUENCE {self.table_name(operation.name)} RENAME TO {self.name(operation.new_name)}"

    def _owner(self, sequence: Sequence) -> str:
        if sequence.owned_by is None:
            return "OWNED BY NONE"
        table, column = sequence.owned_by
        return f"OWNED BY {self.table_name(table)}.{self.name(column)}"


def _numbers(sequence: Sequence) -> Identity:
    """The parameters that sequences and identity columns share."""
    return Identity(
        False,
        sequence.start,
        sequence.increment,
        sequence.minimum,
        sequence.maximum,
        sequence.cycle,
        sequence.cache,
    )
