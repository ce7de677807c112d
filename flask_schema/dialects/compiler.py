"""Standard SQL for every operation; a database's folder overrides what it does differently.

A compiler's method is named as the directive: ``add_column`` compiles ``AddColumn``. SQLAlchemy's
compilers write names, column specifications, constraints and indexes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable, SetColumnComment, SetTableComment
from sqlalchemy.sql.ddl import DropTableComment as SaDropTableComment

from flask_schema.dialects.constructs import Constructs
from flask_schema.dialects.dialect import Surroundings
from flask_schema.dialects.enum_types import NoEnumTypes
from flask_schema.dialects.objects import Objects
from flask_schema.dialects.placement import Placement
from flask_schema.dialects.plain_table import PlainTables
from flask_schema.dialects.statement import Statement
from flask_schema.errors import OfflineRefused, OperationRefused
from flask_schema.operations import columns, constraints, groups, indexes, statements, tables
from flask_schema.operations.operation import UNSET, Operation
from flask_schema.snapshot.elements import Column, Constraint, ForeignKey, PrimaryKey, QualifiedName, Table


class Compiler(NoEnumTypes, Placement, Objects):
    """Turns operations into statements for one dialect."""

    inline_comments: ClassVar[bool] = False
    keys_name_schemas: ClassVar[bool] = True
    """Whether a foreign key names the schema of the table that it refers to."""

    def __init__(self, sqlalchemy: sa.Dialect, prefix: str, surroundings: Surroundings) -> None:
        self.sqlalchemy = sqlalchemy
        self.constructs = Constructs(prefix)
        self.surroundings = surroundings
        self.preparer: Any = sqlalchemy.identifier_preparer
        self.plain_tables = PlainTables(
            self.preparer, sqlalchemy.max_identifier_length, has_schemas=self.keys_name_schemas
        )

    def compile(self, operation: Operation) -> Iterator[Statement]:
        """The statements of one operation, each with the operation attached. Raises OperationRefused."""
        method = getattr(self, operation.directive, None)
        if method is None:
            raise OperationRefused(f"{self.database} cannot {operation.describe()}")
        for made in method(operation):
            if isinstance(made, str):
                yield Statement(made, operation=operation)
            else:
                yield made if made.operation is not None else replace(made, operation=operation)

    # -- pieces -------------------------------------------------------------------------------

    def ddl(self, construct: Any) -> str:
        """A DDL construct of SQLAlchemy as text."""
        return str(construct.compile(dialect=self.sqlalchemy)).strip()

    def name(self, name: str) -> str:
        """A quoted identifier, where it needs quotes."""
        return str(self.preparer.quote(name))

    def table_name(self, name: QualifiedName) -> str:
        """A quoted table name with its schema."""
        quoted = self.name(name.name)
        return f"{self.preparer.quote_schema(name.schema)}.{quoted}" if name.schema else quoted

    def column_specification(self, table: QualifiedName, column: Column) -> str:
        """A column as in CREATE TABLE, without keys."""
        construct = self.constructs.column(column)
        self.constructs.name_only(table).append_column(construct)
        compiler: Any = self.sqlalchemy.ddl_compiler(self.sqlalchemy, None)  # type: ignore[arg-type]
        return str(compiler.get_column_specification(construct))

    def alter_table(self, table: QualifiedName, action: str) -> str:
        """``ALTER TABLE table action``."""
        return f"ALTER TABLE {self.table_name(table)} {action}"

    def batch_alter_table(self, operation: groups.AlterTable) -> Iterable[str | Statement]:
        """A batch block: its operations one after the other; no table is made anew for it.

        With ``recreate="always"`` the constraints of ``table_args`` are added too, as in a table made anew.
        """
        if operation.template.order:
            raise self._no_place(operation, "partial_reordering")
        for one in operation.operations:
            yield from self.compile(one)
        if operation.recreate == "always":
            for constraint in operation.template.constraints:
                yield from self.add_constraint(operation.table, constraint)

    def _no_place(self, operation: Operation, argument: str) -> OperationRefused:
        return OperationRefused(
            f"cannot {operation.describe()}: {self.database} gives columns no other place in a table",
            hint=f"leave out '{argument}', or guard it by op.get_context().dialect.name",
        )

    def check_place(self, operation: columns.AddColumn | columns.AlterColumn) -> None:
        """Raise OperationRefused for a column that is to stand before or after another, which this database cannot."""
        for argument in ("insert_before", "insert_after"):
            if getattr(operation, argument) is not None:
                raise self._no_place(operation, argument)

    # -- tables -------------------------------------------------------------------------------

    def create_table(self, operation: tables.CreateTable) -> Iterable[str | Statement]:
        table = operation.table
        yield self.table_definition(table, if_not_exists=operation.if_not_exists)
        for index in table.indexes:
            yield from self.create_index(indexes.CreateIndex(table.name, index, if_not_exists=operation.if_not_exists))
        if not self.inline_comments:
            if table.comment is not None:
                yield self.table_comment(table.name, table.comment)
            for column in table.columns:
                if column.comment is not None:
                    yield self.column_comment(table.name, column.name, column.comment)

    def table_definition(self, table: Table, *, if_not_exists: bool = False) -> str:
        """The CREATE TABLE of a table, without its indexes."""
        return self.ddl(CreateTable(self.constructs.table(table), if_not_exists=if_not_exists))

    def drop_table(self, operation: tables.DropTable) -> Iterable[str | Statement]:
        yield f"DROP TABLE {'IF EXISTS ' if operation.if_exists else ''}{self.table_name(operation.name)}"

    def rename_table(self, operation: tables.RenameTable) -> Iterable[str | Statement]:
        yield self.alter_table(operation.name, f"RENAME TO {self.name(operation.new_name)}")

    def alter_table_options(self, operation: tables.AlterTableOptions) -> Iterable[str | Statement]:
        raise OperationRefused(f"{self.database} cannot {operation.describe()}")

    def create_table_comment(self, operation: tables.CreateTableComment) -> Iterable[str | Statement]:
        yield self.table_comment(operation.table, operation.comment)

    def table_comment(self, name: QualifiedName, comment: str) -> str:
        """The statement that sets a table's comment."""
        construct = self.constructs.name_only(name)
        construct.comment = comment
        return self.ddl(SetTableComment(construct))

    def drop_table_comment(self, operation: tables.DropTableComment) -> Iterable[str | Statement]:
        yield self.ddl(SaDropTableComment(self.constructs.name_only(operation.table)))

    # -- columns ------------------------------------------------------------------------------

    def add_column(self, operation: columns.AddColumn) -> Iterable[str | Statement]:
        self.check_place(operation)
        guard = "IF NOT EXISTS " if operation.if_not_exists else ""
        inline = self.inline_constraints(operation)
        written = "".join(f" {self.inline(one)}" for one in inline)
        specification = f"{self.column_specification(operation.table, operation.column)}{written}"
        yield self.alter_table(operation.table, f"ADD COLUMN {guard}{specification}")
        if operation.column.comment is not None and not self.inline_comments:
            yield self.column_comment(operation.table, operation.column.name, operation.column.comment)
        for constraint in operation.constraints:
            if constraint not in inline:
                yield from self.add_constraint(operation.table, constraint)
        for index in operation.indexes:
            yield from self.create_index(indexes.CreateIndex(operation.table, index))

    def inline_constraints(self, operation: columns.AddColumn) -> tuple[Constraint, ...]:
        """Those of a new column's constraints that stand on the column itself: its key, and references on request."""
        return tuple(
            one
            for one in operation.constraints
            if isinstance(one, PrimaryKey) or (operation.inline_references and isinstance(one, ForeignKey))
        )

    def inline(self, constraint: Constraint) -> str:
        """A key or foreign key as a column's own constraint."""
        named = f"CONSTRAINT {self.name(constraint.name)} " if constraint.name is not None else ""
        if isinstance(constraint, PrimaryKey):
            return f"{named}PRIMARY KEY"
        text = self.ddl(AddConstraint(self.constructs.attached(QualifiedName("t"), constraint)))
        return f"{named}REFERENCES{text.partition(' REFERENCES')[2]}"

    def drop_column(self, operation: columns.DropColumn) -> Iterable[str | Statement]:
        guard = "IF EXISTS " if operation.if_exists else ""
        yield self.alter_table(operation.table, f"DROP COLUMN {guard}{self.name(operation.name)}")

    def column_comment(self, table: QualifiedName, name: str, comment: str | None) -> str:
        """The statement that sets or (None) removes a column's comment."""
        construct = self.constructs.name_only(table, (name,))
        construct.c[name].comment = comment
        return self.ddl(SetColumnComment(construct.c[name]))

    def alter_column(self, operation: columns.AlterColumn) -> Iterable[str | Statement]:
        """One method a facet, in a fixed order; the name comes last, so that all others use the old one."""
        self.check_place(operation)
        after = operation.after
        if after.computed is not UNSET:
            yield from self.alter_computed(operation)
        if after.type is not UNSET:
            yield from self.alter_type(operation)
        if after.default is not UNSET:
            yield from self.alter_default(operation)
        if after.identity is not UNSET:
            yield from self.alter_identity(operation)
        if after.autoincrement is not UNSET:
            yield from self.alter_autoincrement(operation)
        if after.nullable is not UNSET:
            yield from self.alter_nullable(operation)
        if after.comment is not UNSET:
            yield self.column_comment(operation.table, operation.name, after.comment)
        if after.name is not UNSET and after.name != operation.name:
            yield self.alter_table(
                operation.table, f"RENAME COLUMN {self.name(operation.name)} TO {self.name(after.name)}"
            )

    def alter_facet(self, operation: columns.AlterColumn, action: str) -> str:
        """``ALTER TABLE t ALTER COLUMN c action``."""
        return self.alter_table(operation.table, f"ALTER COLUMN {self.name(operation.name)} {action}")

    def alter_type(self, operation: columns.AlterColumn) -> Iterable[str | Statement]:
        assert operation.after.type is not UNSET
        using = f" USING {operation.using}" if operation.using else ""
        yield self.alter_facet(operation, f"TYPE {operation.after.type.sql}{using}")

    def alter_nullable(self, operation: columns.AlterColumn) -> Iterable[str | Statement]:
        yield self.alter_facet(operation, f"{'DROP' if operation.after.nullable else 'SET'} NOT NULL")

    def alter_default(self, operation: columns.AlterColumn) -> Iterable[str | Statement]:
        default = operation.after.default
        yield self.alter_facet(operation, "DROP DEFAULT" if default is None else f"SET DEFAULT {default}")

    def alter_computed(self, operation: columns.AlterColumn) -> Iterable[str | Statement]:
        raise OperationRefused(
            f"{self.database} cannot change the expression of the computed column {operation.table}.{operation.name}",
            hint="drop the column and add it again with the new expression",
        )

    def alter_identity(self, operation: columns.AlterColumn) -> Iterable[str | Statement]:
        raise OperationRefused(
            f"{self.database} cannot change the identity of column {operation.table}.{operation.name}"
        )

    def alter_autoincrement(self, operation: columns.AlterColumn) -> Iterable[str | Statement]:
        """Nothing to do where a number comes from the column's type or default."""
        del operation
        return ()

    # -- constraints --------------------------------------------------------------------------

    def add_constraint(self, table: QualifiedName, constraint: Constraint) -> Iterable[str | Statement]:
        """``ALTER TABLE t ADD [CONSTRAINT name] ...``."""
        yield self.ddl(AddConstraint(self.constructs.attached(table, constraint)))

    def create_primary_key(self, operation: constraints.CreatePrimaryKey) -> Iterable[str | Statement]:
        return self.add_constraint(operation.table, operation.constraint)

    def alter_primary_key(self, operation: constraints.AlterPrimaryKey) -> Iterable[str | Statement]:
        """The key that is there goes and the new one comes in one statement."""
        start = self.alter_table(operation.table, "")
        (added,) = self.add_constraint(operation.table, operation.after)
        dropped = self.dropped_key(operation)
        actions = [dropped] if dropped is not None else []
        yield self.alter_table(operation.table, ", ".join([*actions, str(added).removeprefix(start)]))

    def dropped_key(self, operation: constraints.AlterPrimaryKey) -> str | None:
        """The action that drops the key of a table, None where it is known that there is none."""
        try:
            table = self.surroundings.table(operation.table)
        except OfflineRefused:
            table = None
        if table is not None and table.primary_key is None:
            return None
        before = operation.before or PrimaryKey(())
        drop = constraints.DropConstraint(operation.table, before.name, kind="primary", before=before)
        return f"DROP CONSTRAINT {self.name(self.constraint_name(drop))}"

    def create_unique_constraint(self, operation: constraints.CreateUniqueConstraint) -> Iterable[str | Statement]:
        return self.add_constraint(operation.table, operation.constraint)

    def create_foreign_key(self, operation: constraints.CreateForeignKey) -> Iterable[str | Statement]:
        assert isinstance(operation.constraint, ForeignKey)
        return self.add_constraint(operation.table, operation.constraint)

    def create_check_constraint(self, operation: constraints.CreateCheckConstraint) -> Iterable[str | Statement]:
        return self.add_constraint(operation.table, operation.constraint)

    def create_exclude_constraint(self, operation: constraints.CreateExcludeConstraint) -> Iterable[str | Statement]:
        raise OperationRefused(f"{self.database} has no EXCLUDE constraints, asked for on {operation.table}")

    def drop_constraint(self, operation: constraints.DropConstraint) -> Iterable[str | Statement]:
        guard = "IF EXISTS " if operation.if_exists else ""
        yield self.alter_table(operation.table, f"DROP CONSTRAINT {guard}{self.name(self.constraint_name(operation))}")

    def constraint_name(self, operation: constraints.DropConstraint) -> str:
        """The name to drop by; where the script has none, the live table is asked. Raises OperationRefused."""
        if operation.name is not None:
            return operation.name
        table = self.surroundings.table(operation.table)
        found = operation.find(table) if table is not None else None
        if found is None or found.name is None:
            raise OperationRefused(f"cannot {operation.describe()}: it has no name to drop it by")
        return found.name

    # -- indexes ------------------------------------------------------------------------------

    def create_index(self, operation: indexes.CreateIndex) -> Iterable[str | Statement]:
        construct = self.constructs.index(operation.table, operation.index)
        yield self.ddl(CreateIndex(construct, if_not_exists=operation.if_not_exists))

    def drop_index(self, operation: indexes.DropIndex) -> Iterable[str | Statement]:
        schema = operation.schema or (operation.table.schema if operation.table else None)
        qualified = self.table_name(QualifiedName(operation.name, schema))
        yield f"DROP INDEX {'IF EXISTS ' if operation.if_exists else ''}{qualified}"

    # -- a script's own statements ------------------------------------------------------------

    def execute(self, operation: statements.Execute) -> Iterable[str | Statement]:
        statement = operation.statement
        construct = sa.text(statement) if isinstance(statement, str) else statement
        yield Statement(construct, execution_options=operation.execution_options)

    def bulk_insert(self, operation: statements.BulkInsert) -> Iterable[str | Statement]:
        if not operation.rows:
            return
        insert = sa.insert(operation.table)
        if operation.multiinsert:
            yield Statement(insert.inline(), parameters=list(operation.rows))
        else:
            for row in operation.rows:
                yield Statement(insert.values(**row))
