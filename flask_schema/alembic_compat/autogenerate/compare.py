"""The engine's comparison as directives, with the comparators of a project's own after it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from flask_schema.actions.comparing import Comparison
from flask_schema.actions.going_back import way_back
from flask_schema.actions.reflecting import ModelTables, Reflected
from flask_schema.alembic_compat.autogenerate.elsewhere import as_ours
from flask_schema.alembic_compat.autogenerate.to_directives import ToDirectives
from flask_schema.alembic_compat.operations import ops
from flask_schema.alembic_compat.runtime.plugins import BUILT_IN, EVERYTHING, chosen
from flask_schema.alembic_compat.util.dispatching import PriorityDispatcher
from flask_schema.errors import Irreversible
from flask_schema.operations import constraints, indexes, tables
from flask_schema.operations.columns import AlterColumn, ColumnFacets
from flask_schema.operations.operation import UNSET, Operation
from flask_schema.snapshot.elements import QualifiedName
from flask_schema.snapshot.normal import name_order

comparators = PriorityDispatcher()
"""Comparators of a project's own: ``@comparators.dispatch_for("schema")``, ``"table"``, ``"column"``."""


def _populate_migration_script(autogen_context: Any, migration_script: ops.MigrationScript) -> None:
    """Put what differs, and the way back, into the last database's entries of a script."""
    upgrade, downgrade = migration_script.upgrade_ops_list[-1], migration_script.downgrade_ops_list[-1]
    _produce_net_changes(autogen_context, upgrade)
    put_way_back(autogen_context, upgrade, downgrade)


def put_way_back(autogen_context: Any, upgrade: ops.UpgradeOps, downgrade: ops.DowngradeOps) -> None:
    """The way back; where only the engine's own operations are there it is theirs, with nothing lost."""
    converter = ToDirectives(_reflected(autogen_context), autogen_context.back, None, _models(autogen_context))
    try:
        if autogen_context.has_comparators:
            downgrade.ops[:] = _inverted(upgrade, converter, autogen_context)
        else:
            dialect = autogen_context.migration_context.impl
            downgrade.ops[:] = converter.containers(way_back(autogen_context.operations, dialect))
    except (Irreversible, NotImplementedError) as error:
        autogen_context.irreversible = error.message if isinstance(error, Irreversible) else str(error)


def _inverted(container: ops.OpContainer, converter: ToDirectives, autogen_context: Any) -> list[ops.MigrateOperation]:
    """The way back of directives, those that nobody changed by the operations that they were made from."""
    found: list[ops.MigrateOperation] = []
    back, dialect = autogen_context.back, autogen_context.migration_context.impl
    for one in map(as_ours, reversed(container.ops)):
        if isinstance(one, ops.ModifyTableOps):
            inner = [
                each for part in _inverted(one, converter, autogen_context) for each in getattr(part, "ops", [part])
            ]
            found.append(ops.ModifyTableOps(one.table_name, inner, schema=one.schema))
        elif back.is_untouched(one):
            found += converter.containers(way_back([one._link.origin], dialect))
        else:
            found.append(one.reverse())
    return found


def _produce_net_changes(autogen_context: Any, upgrade_ops: ops.UpgradeOps) -> None:
    """Put what differs into ``upgrade_ops``."""
    comparison: Comparison = autogen_context.comparison
    include = autogen_context.opts.get("autogenerate_plugins") or EVERYTHING
    operations = tuple(_enabled(comparison.operations, _disabled(include)))
    autogen_context.operations = operations
    models = _models(autogen_context)
    converter = ToDirectives(_reflected(autogen_context), autogen_context.back, models)
    upgrade_ops.ops.extend(converter.containers(operations))
    registry: PriorityDispatcher = autogen_context.comparators
    qualifier = autogen_context.dialect.name
    registry.dispatch("autogenerate", qualifier=qualifier)(autogen_context, upgrade_ops)
    schemas = autogen_context.schemas()
    registry.dispatch("schema", qualifier=qualifier)(autogen_context, upgrade_ops, schemas)
    if registry.has("table") or registry.has("column"):
        _compare_tables(autogen_context, upgrade_ops, models)


def _models(autogen_context: Any) -> ModelTables:
    return ModelTables(autogen_context.metadatas, autogen_context.dialect.default_schema_name)


def _reflected(autogen_context: Any) -> Reflected:
    return Reflected(autogen_context.migration_context.impl, autogen_context.comparison.before)


# -- parts of the comparison that are switched off --------------------------------------------

_FACETS = {
    "types": ("type",),
    "defaults": ("default", "computed", "identity"),
    "comments": ("comment",),
    "constraints": ("nullable",),
}
_KINDS: dict[str, tuple[type[Operation], ...]] = {
    "constraints": (
        constraints.CreateConstraint,
        constraints.DropConstraint,
        indexes.CreateIndex,
        indexes.DropIndex,
    ),
    "comments": (tables.CreateTableComment, tables.DropTableComment),
}


def _disabled(include: Sequence[str]) -> frozenset[str]:
    there = {plugin.name for plugin in chosen(include)}
    disabled = {name for name in BUILT_IN if f"alembic.autogenerate.{name}" not in there}
    if any(name.startswith("~") and "checkconstraint_byname" in name for name in include):
        disabled.add("checks")
    return frozenset(disabled)


def _enabled(operations: Iterable[Operation], disabled: frozenset[str]) -> Iterable[Operation]:
    if {"tables", "schemas"} & disabled:
        return ()
    kinds = tuple(kind for name in disabled for kind in _KINDS.get(name, ()))
    checks = "checks" in disabled
    facets = {facet: UNSET for name in disabled for facet in _FACETS.get(name, ())}
    kept = []
    for one in operations:
        if isinstance(one, kinds) or (checks and _is_check(one)):
            continue
        if isinstance(one, AlterColumn) and facets:
            one = replace(one, after=replace(one.after, **facets))  # noqa: PLW2901
            if one.after == ColumnFacets():
                continue
        kept.append(one)
    return kept


def _is_check(operation: Operation) -> bool:
    if isinstance(operation, constraints.DropConstraint):
        return operation.kind == "check"
    return isinstance(operation, constraints.CreateCheckConstraint)


# -- comparators of tables and columns --------------------------------------------------------


def _compare_tables(autogen_context: Any, upgrade_ops: ops.UpgradeOps, models: ModelTables) -> None:
    comparison: Comparison = autogen_context.comparison
    there = _reflected(autogen_context).all(comparison.before.tables.values())
    for name in sorted({*comparison.before.tables, *comparison.after.tables}, key=name_order):
        model = models.get(name) if name in comparison.after.tables else None
        found = _container_of(upgrade_ops, name)
        container = found if found is not None else ops.ModifyTableOps(name.name, [], schema=name.schema)
        _compare_one(autogen_context, container, name, there.get(name), model)
        if found is None and not container.is_empty():
            upgrade_ops.ops.insert(_place(upgrade_ops, name), container)


def _compare_one(
    autogen_context: Any, container: ops.ModifyTableOps, name: QualifiedName, conn: Any, model: Any
) -> None:
    registry: PriorityDispatcher = autogen_context.comparators
    qualifier = autogen_context.dialect.name
    if conn is not None and model is not None and registry.has("column"):
        for column in model.columns:
            if column.name in conn.columns:
                _compare_column(autogen_context, container, name, conn.columns[column.name], column)
    registry.dispatch("table", qualifier=qualifier)(autogen_context, container, name.schema, name.name, conn, model)


def _compare_column(
    autogen_context: Any,
    container: ops.ModifyTableOps,
    name: QualifiedName,
    conn: sa.Column[Any],
    model: sa.Column[Any],
) -> None:
    known = [one for one in container.ops if isinstance(one, ops.AlterColumnOp) and one.column_name == model.name]
    directive = known[0] if known else ops.AlterColumnOp(name.name, model.name, schema=name.schema)
    if not known:
        directive.existing_type = conn.type
        directive.existing_nullable = conn.nullable
        directive.existing_server_default = conn.server_default if conn.server_default is not None else False
        directive.existing_comment = conn.comment
    compare = autogen_context.comparators.dispatch("column", qualifier=autogen_context.dialect.name)
    compare(autogen_context, directive, name.schema, name.name, model.name, conn, model)
    if not known and directive.has_changes():
        container.ops.append(directive)


def _container_of(upgrade_ops: ops.UpgradeOps, name: QualifiedName) -> ops.ModifyTableOps | None:
    """The last container for a table, where there is one."""
    found = [one for one in upgrade_ops.ops if isinstance(one, ops.ModifyTableOps)]
    return next((one for one in reversed(found) if (one.table_name, one.schema) == name), None)


def _place(upgrade_ops: ops.UpgradeOps, name: QualifiedName) -> int:
    """Where a new container goes: before the table is dropped, else at the end."""
    for place, one in enumerate(upgrade_ops.ops):
        if isinstance(one, ops.DropTableOp) and (one.table_name, one.schema) == name:
            return place
    return len(upgrade_ops.ops)
