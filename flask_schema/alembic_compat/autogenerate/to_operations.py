"""Directive classes as the engine's operations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from flask_schema.alembic_compat.autogenerate.custom import CustomOperation
from flask_schema.alembic_compat.autogenerate.elsewhere import as_ours
from flask_schema.alembic_compat.autogenerate.linking import Link, fingerprint, merged
from flask_schema.alembic_compat.operations import ops
from flask_schema.alembic_compat.operations.schemaobj import SchemaObjects, detached
from flask_schema.errors import SchemaError
from flask_schema.operations.batch import BatchDirectives
from flask_schema.operations.columns import AddColumn, AlterColumn
from flask_schema.operations.extending import implementation_of
from flask_schema.operations.facade import Directives
from flask_schema.operations.listening import Recorder
from flask_schema.operations.operation import Operation
from flask_schema.operations.statements import Execute
from flask_schema.operations.tables import CreateTable
from flask_schema.snapshot.elements import QualifiedName
from flask_schema.snapshot.from_sqlalchemy import SqlalchemyTranslation


class ToOperations:
    """Makes operations of directives, for one database.

    ``is_custom`` says of a directive that it is not the engine's to write; such ones are carried along with
    ``autogen_context``.
    """

    def __init__(
        self,
        translation: SqlalchemyTranslation,
        naming_convention: Mapping[str, Any] | None = None,
        is_custom: Callable[[Any], bool] | None = None,
        autogen_context: Any = None,
    ) -> None:
        self.translation = translation
        self._naming_convention = naming_convention
        self._is_custom = is_custom
        self._autogen_context = autogen_context

    def operations(
        self, directives: Iterable[Any], table: QualifiedName | None = None, *, is_ours: bool = False
    ) -> list[Operation]:
        """The operations in order; containers are emptied. ``table`` is the one that the directives stand with.

        ``is_ours``: the directives themselves are taken for what the engine knows of their classes.
        """
        found: list[Operation] = []
        for one in map(as_ours, directives):
            if isinstance(one, Operation):
                found.append(one)
            elif not is_ours and self._is_custom is not None and self._is_custom(one):
                found.append(CustomOperation(one, self._autogen_context, table))
            elif isinstance(one, ops.OpContainer):
                found += self.operations(one.ops, _table_of(one) or table)
            else:
                found += self._of(one)
        return found

    def baseline(self, directive: ops.MigrateOperation) -> Operation | None:
        """What a directive that nobody touched yet is translated to; None where that cannot be done."""
        try:
            return next(iter(self._translated(directive)), None)
        except (SchemaError, sa.exc.SQLAlchemyError):
            return None

    def is_untouched(self, directive: ops.MigrateOperation) -> bool:
        """Whether a directive says what the operation says that it was made from."""
        link: Link | None = getattr(directive, "_link", None)
        if link is None or link.baseline is None:
            return False
        return [fingerprint(one) for one in self._translated(directive)] == [fingerprint(link.baseline)]

    def _of(self, directive: ops.MigrateOperation) -> Iterator[Operation]:
        link: Link | None = directive._link
        if link is None:
            yield from self._translated(directive)
            return
        if link.baseline is None:
            yield link.origin
            return
        first, *rest = self._translated(directive)
        yield merged(link.origin, link.baseline, first)
        yield from rest

    def _translated(self, directive: ops.MigrateOperation) -> list[Operation]:
        recorder = Recorder(self.translation, self._naming_convention)
        tell(directive, Directives(recorder))
        heard = recorder.operations
        if isinstance(directive, ops.AlterColumnOp):  # what a type brings is the directive's affair when it runs
            return [one for one in heard if isinstance(one, AlterColumn)]
        if isinstance(directive, ops.AddColumnOp) and directive.column.table is not None:
            return [_bare(one) for one in heard]
        return heard


def _bare(operation: Operation) -> Operation:
    """A column of a model, without what its table says about it: that comes in directives of its own."""
    if isinstance(operation, AddColumn):
        return replace(operation, constraints=(), indexes=())
    return operation


def _table_of(container: ops.OpContainer) -> QualifiedName | None:
    if isinstance(container, ops.ModifyTableOps):
        return QualifiedName(container.table_name, container.schema)
    return None


# -- directives as calls ----------------------------------------------------------------------


def tell(directive: Any, to: Directives) -> Any:
    """Tell ``to`` what a directive says, as a script would. Raises NotImplementedError for a class of a project's own
    that has no implementation.
    """
    for kind in type(directive).__mro__:
        if kind in _CALLS:
            return _CALLS[kind](directive, to)
    raise NotImplementedError(
        f"{type(directive).__name__} has no implementation; give it one with @Operations.implementation_for"
    )


def hear_directive(to: Directives | BatchDirectives, directive: ops.MigrateOperation) -> Any:
    """Carry out a directive; inside a ``batch_alter_table`` block it waits with the others."""
    if not isinstance(to, BatchDirectives):
        return tell(directive, to)
    recorder = Recorder(to._builder.translation, to._builder.naming_convention)
    result = tell(directive, Directives(recorder))
    for one in recorder.operations:
        if isinstance(one, Execute):
            to.execute(one.statement, execution_options=dict(one.execution_options))
        else:
            to.invoke(one)
    return result


def _create_table(op: ops.CreateTableOp, to: Directives) -> sa.Table:
    listener = to._listener()
    table = SchemaObjects(naming_convention=listener.naming_convention).table(
        op.table_name,
        *op.columns,
        schema=op.schema,
        comment=op.comment,
        prefixes=list(op.prefixes or ()),
        info=dict(op.info),
        _constraints_included=op._constraints_included,
        **op.kw,
    )
    translated = listener.translation.table(table)
    if op._constraints_included:
        translated = replace(translated, indexes=())
    to.invoke(CreateTable(translated, if_not_exists=bool(op.if_not_exists)))
    return table


def _drop_table(op: ops.DropTableOp, to: Directives) -> None:
    to.drop_table(op.table_name, schema=op.schema, if_exists=op.if_exists)


def _rename_table(op: ops.RenameTableOp, to: Directives) -> None:
    to.rename_table(op.table_name, op.new_table_name, schema=op.schema)


def _create_table_comment(op: ops.CreateTableCommentOp, to: Directives) -> None:
    to.create_table_comment(op.table_name, op.comment, existing_comment=op.existing_comment, schema=op.schema)


def _drop_table_comment(op: ops.DropTableCommentOp, to: Directives) -> None:
    to.drop_table_comment(op.table_name, existing_comment=op.existing_comment, schema=op.schema)


def _add_column(op: ops.AddColumnOp, to: Directives) -> None:
    flags = {"if_not_exists": op.if_not_exists, "inline_references": op.inline_references}
    if op.inline_primary_key:
        flags["inline_primary_key"] = True
    to.add_column(op.table_name, op.column, schema=op.schema, **flags, **op.kw)


def _drop_column(op: ops.DropColumnOp, to: Directives) -> None:
    to.drop_column(op.table_name, op.column_name, schema=op.schema, if_exists=op.if_exists, **op.kw)


def _alter_column(op: ops.AlterColumnOp, to: Directives) -> None:
    facets: dict[str, Any] = {
        "type_": op.modify_type,
        "nullable": op.modify_nullable,
        "new_column_name": op.modify_name,
        "server_default": _argument(op.modify_server_default),
        "comment": op.modify_comment,
        "existing_type": op.existing_type,
        "existing_nullable": op.existing_nullable,
        "existing_server_default": _argument(op.existing_server_default),
        "existing_comment": op.existing_comment if op.existing_comment is not None else False,
    }
    to.alter_column(op.table_name, op.column_name, schema=op.schema, **facets, **op.kw)


def _argument(default: Any) -> Any:
    """A server default as one writes it."""
    return default.arg if isinstance(default, sa.DefaultClause) else default


def _create_primary_key(op: ops.CreatePrimaryKeyOp, to: Directives) -> None:
    to.create_primary_key(op.constraint_name, op.table_name, list(op.columns), schema=op.schema, **op.kw)


def _create_unique_constraint(op: ops.CreateUniqueConstraintOp, to: Directives) -> None:
    to.create_unique_constraint(op.constraint_name, op.table_name, list(op.columns), schema=op.schema, **op.kw)


def _create_foreign_key(op: ops.CreateForeignKeyOp, to: Directives) -> None:
    to.create_foreign_key(
        op.constraint_name, op.source_table, op.referent_table, list(op.local_cols), list(op.remote_cols), **op.kw
    )


def _create_check_constraint(op: ops.CreateCheckConstraintOp, to: Directives) -> None:
    to.create_check_constraint(op.constraint_name, op.table_name, detached(op.condition), schema=op.schema, **op.kw)


def _create_exclude_constraint(op: ops.CreateExcludeConstraintOp, to: Directives) -> None:
    elements = [(one.name if isinstance(one, sa.Column) else detached(one), operator) for one, operator in op.elements]
    rest = {**op.kw, **({"where": detached(op.where)} if op.where is not None else {})}
    to.create_exclude_constraint(op.constraint_name, op.table_name, *elements, schema=op.schema, **rest)


def _drop_constraint(op: ops.DropConstraintOp, to: Directives) -> None:
    unnamed = op.constraint_name is None and op._reverse is not None
    to.drop_constraint(
        op.constraint_name,
        op.table_name,
        op.constraint_type,
        schema=op.schema,
        if_exists=op.if_exists,
        existing=op.to_constraint() if unnamed else None,
    )


def _create_index(op: ops.CreateIndexOp, to: Directives) -> None:
    keys = [one.name if isinstance(one, sa.Column) else detached(one) for one in op.columns]
    rest = {key: detached(value) for key, value in op.kw.items()}
    to.create_index(
        op.index_name,
        op.table_name,
        keys,
        schema=op.schema,
        unique=bool(op.unique),
        if_not_exists=op.if_not_exists,
        **rest,
    )


def _drop_index(op: ops.DropIndexOp, to: Directives) -> None:
    to.drop_index(op.index_name, op.table_name, schema=op.schema, if_exists=op.if_exists, **_told(op.kw))


def _told(options: Mapping[str, Any]) -> dict[str, Any]:
    """Of an index's options those that matter when it goes."""
    return {key: value for key, value in options.items() if key.endswith("concurrently")}


def _execute(op: ops.ExecuteSQLOp, to: Directives) -> None:
    to.execute(op.sqltext, execution_options=op.execution_options)


def _bulk_insert(op: ops.BulkInsertOp, to: Directives) -> None:
    to.bulk_insert(op.table, op.rows, multiinsert=op.multiinsert)


def _engine_op(op: ops.EngineOp, to: Directives) -> None:
    to.invoke(op.operation)


def _container(op: ops.OpContainer, to: Directives) -> None:
    for one in op.ops:
        if implementation_of(one) is hear_directive:
            tell(one, to)
        else:
            to.invoke(one)


_CALLS: dict[type, Callable[[Any, Directives], Any]] = {
    ops.CreateTableOp: _create_table,
    ops.DropTableOp: _drop_table,
    ops.RenameTableOp: _rename_table,
    ops.CreateTableCommentOp: _create_table_comment,
    ops.DropTableCommentOp: _drop_table_comment,
    ops.AddColumnOp: _add_column,
    ops.DropColumnOp: _drop_column,
    ops.AlterColumnOp: _alter_column,
    ops.CreatePrimaryKeyOp: _create_primary_key,
    ops.CreateUniqueConstraintOp: _create_unique_constraint,
    ops.CreateForeignKeyOp: _create_foreign_key,
    ops.CreateCheckConstraintOp: _create_check_constraint,
    ops.CreateExcludeConstraintOp: _create_exclude_constraint,
    ops.DropConstraintOp: _drop_constraint,
    ops.CreateIndexOp: _create_index,
    ops.DropIndexOp: _drop_index,
    ops.ExecuteSQLOp: _execute,
    ops.BulkInsertOp: _bulk_insert,
    ops.EngineOp: _engine_op,
    ops.OpContainer: _container,
}

BUILT_IN = tuple(_CALLS)
"""The directive classes that the engine knows; others are a project's own."""
