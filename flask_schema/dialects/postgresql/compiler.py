"""PostgreSQL's statements for all operations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy.schema import CreateTable, SetColumnComment, SetTableComment

from flask_schema.dialects.postgresql.alter_column import AlterColumnCompiler
from flask_schema.dialects.postgresql.enums import EnumCompiler
from flask_schema.dialects.postgresql.expressions import literal
from flask_schema.dialects.postgresql.names import constraint_name
from flask_schema.dialects.statement import Statement
from flask_schema.errors import OperationRefused
from flask_schema.operations import columns, constraints, indexes, renames, tables
from flask_schema.snapshot.elements import Index, QualifiedName, Table


class PostgresqlCompiler(AlterColumnCompiler, EnumCompiler):
    """Operations as PostgreSQL's statements; columns, enums and sequences have parts of their own."""

    # -- tables and columns -------------------------------------------------------------------

    def create_table(self, operation: tables.CreateTable) -> Iterable[str | Statement]:
        table = operation.table
        yield from self.create_types(table.columns)
        construct = self.constructs.table(table)
        yield self.ddl(CreateTable(construct, if_not_exists=operation.if_not_exists))
        for index in table.indexes:
            yield self._index_text(table.name, index, if_not_exists=operation.if_not_exists, concurrently=False)
        if table.comment is not None:
            yield self.ddl(SetTableComment(construct))
        for column in construct.columns:
            if column.comment is not None:
                yield self.ddl(SetColumnComment(column))

    def add_column(self, operation: columns.AddColumn) -> Iterable[str | Statement]:
        yield from self.create_types([operation.column])
        yield from super().add_column(operation)

    # -- constraints --------------------------------------------------------------------------

    def create_exclude_constraint(self, operation: constraints.CreateExcludeConstraint) -> Iterable[str | Statement]:
        return self.add_constraint(operation.table, operation.constraint)

    def constraint_name(self, operation: constraints.DropConstraint) -> str:
        """The name to drop by. Where the script has none: the one in the database, or the one it would have got."""
        if operation.name is not None:
            return operation.name
        table = self.known_table(operation.table)
        found = operation.find(table) if table is not None else operation.before
        if found is None:
            raise OperationRefused(f"cannot {operation.describe()}: it has no name to drop it by")
        if found.name is not None:
            return found.name
        return constraint_name(table if table is not None else Table(operation.table, ()), found)

    def rename_constraint(self, operation: renames.RenameConstraint) -> Iterable[str | Statement]:
        yield self.alter_table(
            operation.table, f"RENAME CONSTRAINT {self.name(operation.name)} TO {self.name(operation.new_name)}"
        )

    # -- indexes ------------------------------------------------------------------------------

    def create_index(self, operation: indexes.CreateIndex) -> Iterable[str | Statement]:
        """An INVALID index of the name, left by a run that failed, is removed first."""
        options = dict(operation.index.options)
        concurrently = self._concurrently(operation.concurrently or bool(options.get("concurrently")))
        yield from self._remove_invalid(operation.table, operation.index, concurrently=concurrently)
        text = self._index_text(
            operation.table, operation.index, if_not_exists=operation.if_not_exists, concurrently=concurrently
        )
        yield Statement(text, transactional=not concurrently)

    def drop_index(self, operation: indexes.DropIndex) -> Iterable[str | Statement]:
        options = dict(operation.options)
        concurrently = self._concurrently(operation.concurrently or bool(options.get("concurrently")))
        schema = operation.schema or (operation.table.schema if operation.table else None)
        words = f"{'CONCURRENTLY ' if concurrently else ''}{'IF EXISTS ' if operation.if_exists else ''}"
        yield Statement(
            f"DROP INDEX {words}{self.table_name(QualifiedName(operation.name, schema))}",
            transactional=not concurrently,
        )

    def rename_index(self, operation: renames.RenameIndex) -> Iterable[str | Statement]:
        schema = operation.table.schema if operation.table is not None else operation.schema
        name = self.table_name(QualifiedName(operation.name, schema))
        yield f"ALTER INDEX {name} RENAME TO {self.name(operation.new_name)}"

    def _concurrently(self, asked: bool) -> bool:
        """Whether an index is built or dropped beside the work of others, which takes no transaction."""
        return asked

    def _index_text(self, table: QualifiedName, index: Index, *, if_not_exists: bool, concurrently: bool) -> str:
        rest = tuple(pair for pair in index.options if pair[0] != "concurrently")
        words = f"{'CONCURRENTLY ' if concurrently else ''}{'IF NOT EXISTS ' if if_not_exists else ''}"
        return self.specifications.create_index(table, replace(index, options=rest), words)

    def _remove_invalid(self, table: QualifiedName, index: Index, *, concurrently: bool) -> Iterable[Statement]:
        if self.surroundings.offline or index.name is None:
            return
        schema = literal(table.schema) if table.schema else "current_schema()"
        found = self.surroundings.query(
            "SELECT 1 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n "
            f"ON n.oid = c.relnamespace WHERE NOT i.indisvalid AND c.relkind = 'i' AND n.nspname = {schema} "
            f"AND c.relname = {literal(index.name)}"
        )
        if found:
            name = self.table_name(QualifiedName(index.name, table.schema))
            yield Statement(
                f"DROP INDEX {'CONCURRENTLY ' if concurrently else ''}IF EXISTS {name}",
                transactional=not concurrently,
                comment=f"the INVALID index {index.name} was left by a run that failed",
            )
