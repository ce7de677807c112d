"""The engine's operations as the directive classes that hooks know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from flask_schema.actions.reflecting import ModelTables, Reflected, column_of, part_of
from flask_schema.alembic_compat.autogenerate.linking import Link
from flask_schema.alembic_compat.autogenerate.to_operations import ToOperations
from flask_schema.alembic_compat.operations import ops
from flask_schema.operations import columns, constraints, indexes, statements, tables
from flask_schema.operations.operation import UNSET, Operation
from flask_schema.snapshot.elements import Computed, DataType, Identity, QualifiedName, Table
from flask_schema.snapshot.known_constraints import is_known_constraint


class ToDirectives:
    """Makes directives of operations, for one database.

    ``models`` are the models' own tables, from which columns, constraints and indexes are taken where an operation
    is about to make them; None where it leads away from the models (a downgrade). ``written`` are those that tell
    which schema the models write for a table.
    """

    def __init__(
        self, reflected: Reflected, back: ToOperations, models: ModelTables | None, written: ModelTables | None = None
    ) -> None:
        self._reflected = reflected
        self._back = back
        self._models = models
        self._written = models if written is None else written
        self._translation = back.translation

    def containers(self, operations: Iterable[Operation]) -> list[ops.MigrateOperation]:
        """The directives in order, neighbours that change one table together in a ``ModifyTableOps``."""
        found: list[ops.MigrateOperation] = []
        for operation in operations:
            for table, directive in self._placed(operation):
                last = found[-1] if found else None
                if table is None:
                    found.append(directive)
                    continue
                schema = table.schema or self._written_schema(table)
                if isinstance(last, ops.ModifyTableOps) and (last.table_name, last.schema) == (table.name, schema):
                    last.ops.append(directive)
                else:
                    found.append(ops.ModifyTableOps(table.name, [directive], schema=schema))
        return found

    def _placed(self, operation: Operation) -> Iterator[tuple[QualifiedName | None, ops.MigrateOperation]]:
        """The directives of one operation, each with the table that it changes, None for those of their own."""
        if isinstance(operation, tables.CreateTable):
            bare = replace(operation, table=replace(operation.table, indexes=()))
            yield None, self.linked(self._create_table(bare), bare)
            for index in operation.table.indexes:
                made = indexes.CreateIndex(operation.table.name, index, if_not_exists=operation.if_not_exists)
                yield operation.table.name, self.linked(self._create_index(made), made)
            return
        convert = _CONVERTERS.get(type(operation))
        if convert is None:
            yield None, ops.EngineOp(operation)
        else:
            directive = self.linked(convert(self, operation), operation)
            own_line = isinstance(operation, (tables.DropTable, tables.RenameTable, statements.Execute))
            yield None if own_line else getattr(operation, "table", None), directive

    def _written_schema(self, table: QualifiedName | None) -> str | None:
        """The default schema's name where the models say it, which the engine leaves out."""
        model = self._written.get(table) if table is not None and self._written is not None else None
        return model.schema if model is not None else None

    def linked(self, directive: ops.MigrateOperation, operation: Operation) -> ops.MigrateOperation:
        """The directive, with the memory of where it comes from, and with the schema as the models write it."""
        schema = self._written_schema(_place(operation))
        if schema is not None and hasattr(directive, "schema"):
            directive.schema = schema
        directive._link = Link(operation, self._back.baseline(directive))
        return directive

    # -- tables -------------------------------------------------------------------------------

    def _model(self, name: QualifiedName) -> sa.Table | None:
        return self._models.get(name) if self._models is not None else None

    def _part(self, table: QualifiedName, element: Any) -> Any:
        model = self._model(table)
        return part_of(model, element, self._translation) if model is not None else None

    def _create_table(self, operation: tables.CreateTable) -> ops.CreateTableOp:
        model = self._model(operation.table.name)
        made = ops.CreateTableOp.from_table(model if model is not None else self._reflected.whole(operation.table))
        made.table_name, made.schema = operation.table.name
        made.if_not_exists = operation.if_not_exists or None
        if model is not None:
            cut = {one.name for one in operation.table.foreign_keys}  # a cycle's key comes later
            known = {one.columns for one in operation.table.foreign_keys}
            made.columns = [
                one
                for one in made.columns
                if (isinstance(one, sa.Column) or is_known_constraint(one))
                and (
                    not isinstance(one, sa.ForeignKeyConstraint)
                    or self._translation.constraint_name(one) in cut - {None}
                    or tuple(column.name for column in one.columns) in known
                )
            ]
        return made

    def _drop_table(self, operation: tables.DropTable) -> ops.DropTableOp:
        before = operation.before if operation.before is not None else Table(operation.name, ())
        made = ops.DropTableOp.from_table(self._reflected.whole(before))
        made.if_exists = operation.if_exists or None
        return made

    def _rename_table(self, operation: tables.RenameTable) -> ops.RenameTableOp:
        return ops.RenameTableOp(operation.name.name, operation.new_name, schema=operation.name.schema)

    def _create_table_comment(self, operation: tables.CreateTableComment) -> ops.CreateTableCommentOp:
        name, schema = operation.table
        return ops.CreateTableCommentOp(name, operation.comment, schema=schema, existing_comment=operation.before)

    def _drop_table_comment(self, operation: tables.DropTableComment) -> ops.DropTableCommentOp:
        name, schema = operation.table
        return ops.DropTableCommentOp(name, schema=schema, existing_comment=operation.before)

    # -- columns ------------------------------------------------------------------------------

    def _add_column(self, operation: columns.AddColumn) -> ops.AddColumnOp:
        column = self._part(operation.table, operation.column)
        name, schema = operation.table
        return ops.AddColumnOp(
            name,
            column if column is not None else self._reflected.column(operation.column),
            schema=schema,
            if_not_exists=operation.if_not_exists or None,
            inline_references=operation.inline_references or None,
        )

    def _drop_column(self, operation: columns.DropColumn) -> ops.DropColumnOp:
        name, schema = operation.table
        if operation.before is None:
            return ops.DropColumnOp(name, operation.name, schema=schema, if_exists=operation.if_exists or None)
        stub = sa.Table(name, sa.MetaData(), self._reflected.column(operation.before), schema=schema)
        made = ops.DropColumnOp.from_column_and_tablename(schema, name, stub.c[operation.name])
        made.if_exists = operation.if_exists or None
        return made

    def _alter_column(self, operation: columns.AlterColumn) -> ops.AlterColumnOp:
        name, schema = operation.table
        before, after = operation.before, operation.after
        model = self._model(operation.table)
        column = column_of(model, operation.name) if model is not None else None
        changed = [facet for facet in (after.default, after.computed, after.identity) if facet is not UNSET]
        default: Any = False
        if changed:
            given = next((facet for facet in changed if facet is not None), None)
            of_model = column.server_default if column is not None and given is not None else None
            default = of_model if of_model is not None else self._default(given)
        existing = [facet for facet in (before.default, before.computed, before.identity) if facet not in (UNSET, None)]
        options = dict(operation.options)
        if operation.using is not None:
            options["postgresql_using"] = operation.using
        for facet, facets in (("existing_autoincrement", before), ("autoincrement", after)):
            if facets.autoincrement is True or (facets is after and facets.autoincrement is False):
                options[facet] = facets.autoincrement
        return ops.AlterColumnOp(
            name,
            operation.name,
            schema=schema,
            existing_type=self._reflected.type(before.type) if isinstance(before.type, DataType) else None,
            existing_nullable=before.nullable if isinstance(before.nullable, bool) else None,
            existing_server_default=self._default(existing[0]) if existing else False,
            existing_comment=before.comment if isinstance(before.comment, str) else None,
            modify_type=self._reflected.type(after.type) if isinstance(after.type, DataType) else None,
            modify_nullable=after.nullable if isinstance(after.nullable, bool) else None,
            modify_server_default=default,
            modify_comment=False if after.comment is UNSET else after.comment,
            modify_name=after.name if isinstance(after.name, str) else None,
            **options,
        )

    def _default(self, facet: Any) -> Any:
        """A default, a computed expression or an identity as a column's ``server_default``."""
        if facet is None:
            return None
        if isinstance(facet, Computed):
            return sa.Computed(facet.expression, persisted=facet.stored)
        if isinstance(facet, Identity):
            return self._reflected.identity(facet)
        return self._reflected.default(facet)

    # -- constraints and indexes --------------------------------------------------------------

    def _add_constraint(self, operation: constraints.CreateConstraint) -> ops.AddConstraintOp:
        found = self._part(operation.table, operation.constraint)
        if found is None:
            found = self._reflected.on_stub(operation.table, operation.constraint)
        made = ops.AddConstraintOp.from_constraint(found)
        if operation.constraint.name is not None:
            made.constraint_name = sa.sql.elements.conv(operation.constraint.name)
        return made

    def _drop_constraint(self, operation: constraints.DropConstraint) -> ops.DropConstraintOp:
        name, schema = operation.table
        reverse = None
        if operation.before is not None:
            reverse = ops.AddConstraintOp.from_constraint(self._reflected.on_stub(operation.table, operation.before))
        return ops.DropConstraintOp(
            sa.sql.elements.conv(operation.name) if operation.name is not None else None,
            name,
            type_=operation.kind,
            schema=schema,
            if_exists=operation.if_exists or None,
            _reverse=reverse,
        )

    def _create_index(self, operation: indexes.CreateIndex) -> ops.CreateIndexOp:
        found = self._part(operation.table, operation.index)
        if found is None:
            found = self._reflected.index_on_stub(operation.table, operation.index)
        made = ops.CreateIndexOp.from_index(found)
        if operation.index.name is not None:
            made.index_name = sa.sql.elements.conv(operation.index.name)
        made.if_not_exists = operation.if_not_exists or None
        if operation.concurrently:
            made.kw["postgresql_concurrently"] = True
        return made

    def _drop_index(self, operation: indexes.DropIndex) -> ops.DropIndexOp:
        table, schema = operation.table if operation.table is not None else (None, operation.schema)
        rest: dict[str, Any] = dict(operation.options)
        if operation.concurrently:
            rest["postgresql_concurrently"] = True
        name = sa.sql.elements.conv(operation.name)
        if operation.before is None or operation.table is None:
            return ops.DropIndexOp(name, table, schema=schema, if_exists=operation.if_exists or None, **rest)
        made = ops.DropIndexOp.from_index(self._reflected.index_on_stub(operation.table, operation.before))
        made.index_name = name
        made.if_exists = operation.if_exists or None
        made.kw.update(rest)
        return made

    # -- statements ---------------------------------------------------------------------------

    def _execute(self, operation: statements.Execute) -> ops.ExecuteSQLOp:
        options = dict(operation.execution_options) or None
        return ops.ExecuteSQLOp(operation.statement, execution_options=options)

    def _bulk_insert(self, operation: statements.BulkInsert) -> ops.BulkInsertOp:
        return ops.BulkInsertOp(operation.table, list(operation.rows), multiinsert=operation.multiinsert)


def _place(operation: Operation) -> QualifiedName | None:
    if isinstance(operation, tables.CreateTable):
        return operation.table.name
    return operation.name if isinstance(operation, tables.DropTable) else getattr(operation, "table", None)


_CONVERTERS: dict[type[Operation], Callable[[ToDirectives, Any], ops.MigrateOperation]] = {
    tables.DropTable: ToDirectives._drop_table,
    tables.RenameTable: ToDirectives._rename_table,
    tables.CreateTableComment: ToDirectives._create_table_comment,
    tables.DropTableComment: ToDirectives._drop_table_comment,
    columns.AddColumn: ToDirectives._add_column,
    columns.DropColumn: ToDirectives._drop_column,
    columns.AlterColumn: ToDirectives._alter_column,
    constraints.CreatePrimaryKey: ToDirectives._add_constraint,
    constraints.CreateUniqueConstraint: ToDirectives._add_constraint,
    constraints.CreateForeignKey: ToDirectives._add_constraint,
    constraints.CreateCheckConstraint: ToDirectives._add_constraint,
    constraints.CreateExcludeConstraint: ToDirectives._add_constraint,
    constraints.DropConstraint: ToDirectives._drop_constraint,
    indexes.CreateIndex: ToDirectives._create_index,
    indexes.DropIndex: ToDirectives._drop_index,
    statements.Execute: ToDirectives._execute,
    statements.BulkInsert: ToDirectives._bulk_insert,
}
