"""Autogenerate for programs: what differs between models and a database, and its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from flask_schema.actions.comparing import Comparison, compare
from flask_schema.actions.filtering import metadatas_of
from flask_schema.alembic_compat.autogenerate import render
from flask_schema.alembic_compat.autogenerate.compare import _populate_migration_script, comparators
from flask_schema.alembic_compat.autogenerate.elsewhere import comparators_elsewhere
from flask_schema.alembic_compat.autogenerate.source_translation import SourceTranslation
from flask_schema.alembic_compat.autogenerate.to_operations import ToOperations
from flask_schema.alembic_compat.operations import ops
from flask_schema.alembic_compat.runtime.plugins import EVERYTHING, Plugin, _setup
from flask_schema.dialects.registry import dialect_for
from flask_schema.errors import OfflineRefused
from flask_schema.operations.operation import Operation
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.destinations import Nowhere


def compare_metadata(context: MigrationContext, metadata: sa.MetaData | Sequence[sa.MetaData]) -> list[Any]:
    """What would have to change for the database to be what ``metadata`` says, as tuples.

    ``("add_table", Table)``, ``("remove_column", schema, table name, Column)`` and so on; the changes of one column
    are a list of tuples. An empty list says that nothing differs. The context needs a connection.
    """
    script = produce_migrations(context, metadata)
    found: list[Any] = script.upgrade_ops.as_diffs()
    return found


def produce_migrations(context: MigrationContext, metadata: sa.MetaData | Sequence[sa.MetaData]) -> ops.MigrationScript:
    """What would have to change for the database to be what ``metadata`` says, as directives, with the way back."""
    script = ops.MigrationScript(None, ops.UpgradeOps(), ops.DowngradeOps())
    _populate_migration_script(AutogenContext(context, metadata=metadata), script)
    return script


def render_python_code(
    up_or_down_op: ops.OpContainer,
    sqlalchemy_module_prefix: str = "sa.",
    alembic_module_prefix: str = "op.",
    render_as_batch: bool = False,
    imports: Sequence[str] = (),
    render_item: Any = None,
    migration_context: MigrationContext | None = None,
    user_module_prefix: str | None = None,
) -> str:
    """The body of a function that does what directives say, indented by four columns but for its first line.

    ``imports`` is a set to which import statements are added, where it is one. ``migration_context`` says for which
    database it is; without it the source is for any.
    """
    opts = {
        "sqlalchemy_module_prefix": sqlalchemy_module_prefix,
        "alembic_module_prefix": alembic_module_prefix,
        "render_item": render_item,
        "render_as_batch": render_as_batch,
        "user_module_prefix": user_module_prefix,
    }
    context = migration_context if migration_context is not None else _context_of_no_database()
    autogen_context = AutogenContext(context, opts=opts, autogenerate=False)
    source = render.source_of(autogen_context, [up_or_down_op])
    if isinstance(imports, set):
        imports.update(source.imports)
    return source.body or "pass"


def render_into(autogen_context: AutogenContext, script: ops.MigrationScript, template_args: dict[str, Any]) -> None:
    """Put the source of a script's functions, and its imports, among the variables of a template."""
    for upgrade, downgrade in zip(script.upgrade_ops_list, script.downgrade_ops_list, strict=False):
        for token, container in ((upgrade.upgrade_token, upgrade), (downgrade.downgrade_token, downgrade)):
            source = render.source_of(autogen_context, [container])
            autogen_context.imports.update(source.imports)
            template_args[token] = source.body or "pass"
    template_args["imports"] = "\n".join(sorted(autogen_context.imports))


def _render_migration_diffs(context: MigrationContext, template_args: dict[str, Any]) -> None:
    """Compare, and put the source among the variables of a template."""
    autogen_context = AutogenContext(context)
    script = ops.MigrationScript(None, ops.UpgradeOps(), ops.DowngradeOps())
    _populate_migration_script(autogen_context, script)
    render_into(autogen_context, script, template_args)


def _context_of_no_database() -> MigrationContext:
    impl = dialect_for(sa.make_url("postgresql://").get_dialect()())
    return MigrationContext(impl.sqlalchemy, destination=Nowhere(impl))


_NO_DATABASE = "autogenerate can't use as_sql=True as it prevents querying the database for schema information"


_DONE_BY_THE_ENGINE = {"alembic_postgresql_enum": "enum types", "alembic_autogenerate_enums": "enum types"}
"""Packages whose comparators would find again what the engine finds."""


class AutogenContext:
    """What comparators, renderers and ``render_item`` are told: connection, models, options, imports to add to."""

    imports: set[str]

    def __init__(
        self,
        migration_context: MigrationContext,
        metadata: sa.MetaData | Sequence[sa.MetaData] | None = None,
        opts: dict[str, Any] | None = None,
        autogenerate: bool = True,
        *,
        comparison: Comparison | None = None,
    ) -> None:
        if autogenerate and migration_context.opts.get("as_sql") and comparison is None:
            raise OfflineRefused(_NO_DATABASE)
        self.migration_context = migration_context
        self.opts: dict[str, Any] = dict(migration_context.opts if opts is None else opts)
        self.metadata = metadata if metadata is not None else self.opts.get("target_metadata")
        self.connection = None if migration_context.as_sql else migration_context.connection
        self.dialect: sa.Dialect = migration_context.dialect
        self.imports = set()
        self.irreversible: str | None = None
        self.notes: list[str] = []
        self.operations: tuple[Operation, ...] = ()
        self._comparison = comparison
        self._has_batch = False
        self._name_filters = [one for one in (self.opts.get("include_name"),) if one is not None]
        self._object_filters = [one for one in (self.opts.get("include_object"),) if one is not None]
        self.comparators = comparators.branch()
        self.comparators.populate_with(comparators_elsewhere())
        if autogenerate:
            self._add_plugins()

    def _add_plugins(self) -> None:
        include = self.opts.get("autogenerate_plugins") or EVERYTHING
        if any(not name.lstrip("~").startswith("alembic.") for name in include):
            _setup()
        Plugin.populate_autogenerate_priority_dispatch(self.comparators, include)
        for package, what in _DONE_BY_THE_ENGINE.items():
            if self.comparators.remove_of(package):
                self.notes.append(f"{package} is not asked: {what} are compared by the engine itself")
        config = self.migration_context.config
        if self.has_comparators and config is not None:  # what comparators of a project's own find in Alembic's
            from flask_schema.alembic_compat.script.base import ScriptDirectory

            self.opts.setdefault("script", ScriptDirectory.from_config(config))
            self.opts["template_args"] = {"config": config, **(self.opts.get("template_args") or {})}

    @property
    def has_comparators(self) -> bool:
        """Whether there are comparators beside the engine's own."""
        return any(self.comparators.has(kind) for kind in ("autogenerate", "schema", "table", "column"))

    @property
    def metadatas(self) -> tuple[sa.MetaData, ...]:
        """The models, one or several."""
        return metadatas_of({"target_metadata": self.metadata})

    @cached_property
    def comparison(self) -> Comparison:
        """The engine's comparison of models and database."""
        if self._comparison is not None:
            return self._comparison
        if self.connection is None:
            raise OfflineRefused(_NO_DATABASE)
        filters: Mapping[str, Any] = {
            "target_metadata": self.metadata,
            "include_name": self.run_name_filters if self._name_filters else None,
            "include_object": self.run_object_filters if self._object_filters else None,
        }
        return compare(self.migration_context, opts={**self.opts, **filters})

    @cached_property
    def back(self) -> ToOperations:
        """Translates directives into operations."""
        impl = self.migration_context.impl
        translation = SourceTranslation(impl.sqlalchemy, impl.option_dialects)
        conventions = [one.naming_convention for one in self.metadatas if one.naming_convention]
        return ToOperations(translation, conventions[0] if conventions else None, render.is_custom, self)

    @cached_property
    def inspector(self) -> sa.Inspector:
        """SQLAlchemy's inspector on the connection. Raises TypeError without one."""
        if self.connection is None:
            raise TypeError("can't return inspector as this AutogenContext has no database connection")
        return sa.inspect(self.connection)

    def schemas(self) -> set[str | None]:
        """The schemas that are compared, None for the default one."""
        named: set[str | None] = {None}
        if self.opts.get("include_schemas") and self.connection is not None:
            default = self.connection.dialect.default_schema_name
            named |= {one for one in self.inspector.get_schema_names() if one not in ("information_schema", default)}
        return {one for one in named if self.run_name_filters(one, "schema", {})}

    @contextmanager
    def _within_batch(self) -> Iterator[None]:
        self._has_batch = True
        try:
            yield
        finally:
            self._has_batch = False

    # -- filters ------------------------------------------------------------------------------

    def run_name_filters(self, name: str | None, type_: str, parent_names: Any) -> bool:
        """What ``include_name`` says of a name in the database."""
        if "schema_name" in parent_names:
            table = name if type_ == "table" else parent_names.get("table_name")
            if table:
                schema = parent_names["schema_name"]
                parent_names["schema_qualified_table_name"] = f"{schema}.{table}" if schema else table
        return all(one(name, type_, parent_names) for one in self._name_filters)

    def run_object_filters(self, object_: Any, name: str | None, type_: str, reflected: bool, compare_to: Any) -> bool:
        """What ``include_object`` says of an object."""
        return all(one(object_, name, type_, reflected, compare_to) for one in self._object_filters)

    run_filters = run_object_filters

    # -- models -------------------------------------------------------------------------------

    @cached_property
    def sorted_tables(self) -> list[sa.Table]:
        """The models' tables, each after those that it refers to."""
        return [table for one in self.metadatas for table in one.sorted_tables]

    @cached_property
    def table_key_to_table(self) -> dict[str, sa.Table]:
        """The models' tables by key. Raises ValueError when two MetaData have the same one."""
        found: dict[str, sa.Table] = {}
        for one in self.metadatas:
            twice = sorted(found.keys() & one.tables.keys())
            if twice:
                raise ValueError(
                    "Duplicate table keys across multiple MetaData objects: " + ", ".join(f'"{key}"' for key in twice)
                )
            found.update(one.tables)
        return found
