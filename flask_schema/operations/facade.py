"""``op``: the directives of a migration script.

Names and arguments are those that users of Alembic know. Each method builds an operation
and hands it to whoever listens (see :mod:`flask_schema.operations.listening`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import sqlalchemy as sa

from flask_schema.errors import OfflineRefused, UsageError
from flask_schema.operations import columns, constraints, statements, tables
from flask_schema.operations.batch import COMPAT, BatchDirectives, BatchOptions
from flask_schema.operations.building import Builder, final_name, prefixed_options
from flask_schema.operations.extending import CustomDirectives
from flask_schema.operations.groups import AlterTable
from flask_schema.operations.listening import Listener, listener
from flask_schema.operations.object_directives import ObjectDirectives
from flask_schema.operations.operation import Operation
from flask_schema.operations.placement_directives import PlacementDirectives
from flask_schema.operations.type_directives import TypeDirectives
from flask_schema.snapshot.elements import QualifiedName
from flask_schema.snapshot.from_sqlalchemy import frozen_options


class Directives(CustomDirectives, TypeDirectives, ObjectDirectives, PlacementDirectives):
    """The directives; ``op`` is its one instance that asks the context who listens.

    An instance made with a listener speaks to that one only.
    """

    def __init__(self, to: Listener | None = None) -> None:
        self._to = to

    def __getattr__(self, name: str) -> Any:
        """A directive that a package registered with a real Alembic, which the application had imported before."""
        if name.startswith("_") or "alembic.operations.base" not in sys.modules:
            raise AttributeError(f"'op' has no directive {name!r}")
        return import_module(COMPAT).registered_elsewhere(name)

    def _listener(self) -> Listener:
        return self._to if self._to is not None else listener()

    def _builder(self) -> Builder:
        to = self._listener()
        return Builder(to.translation, to.naming_convention)

    def _hear(self, operation: Operation) -> Any:
        return self._listener().hear(operation)

    # -- context ------------------------------------------------------------------------------

    def get_bind(self) -> sa.Connection:
        """The connection on which the migration runs. Raises OfflineRefused while SQL is written without one."""
        return self._listener().take_connection()

    def get_context(self) -> Any:
        """The migration context: ``dialect``, ``connection``, ``as_sql``, ``autocommit_block()``, ``opts``."""
        return self._listener().context()

    @property
    def migration_context(self) -> Any:
        """The same as ``get_context()``."""
        return self.get_context()

    @property
    def _proxy(self) -> Directives:
        return self

    def run_async(self, async_function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        """Run a coroutine function with an AsyncConnection on the migration's connection; its result is returned.

        Raises OfflineRefused while SQL is written, and UsageError where the engine is not an asynchronous one.
        """
        from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
        from sqlalchemy.util.concurrency import await_only

        connection = self.get_bind()
        if self.get_context().as_sql:
            raise OfflineRefused(
                "op.run_async needs a database, and SQL is being written without one",
                hint="guard it with 'if not op.get_context().as_sql', or run the upgrade on a database",
            )
        if not connection.dialect.is_async:
            raise UsageError(
                "op.run_async needs an engine of an asynchronous driver",
                hint="call op.get_bind() and use the connection, without 'await'",
            )
        asynchronous = AsyncConnection(AsyncEngine(connection.engine), connection)
        return await_only(async_function(asynchronous, *arguments, **keywords))

    def f(self, name: str) -> Any:
        """``name`` as a final name: naming conventions leave it alone."""
        return final_name(name)

    def inline_literal(self, value: Any, type_: Any = None) -> Any:
        """A value that is written into the SQL text, also where parameters would be used."""
        return sa.literal(value, type_, literal_execute=True) if type_ else sa.literal(value, literal_execute=True)

    def invoke(self, operation: Operation) -> Any:
        """Hand over an operation that was built elsewhere."""
        return self._hear(operation)

    # -- tables -------------------------------------------------------------------------------

    def create_table(self, table_name: str, *columns: Any, **keywords: Any) -> sa.Table:
        """Create a table. Returns the ``sa.Table``, for ``bulk_insert`` for instance."""
        operation, table = self._builder().create_table(table_name, columns, keywords)
        self._hear(operation)
        return table

    def drop_table(
        self, table_name: str, *, schema: str | None = None, if_exists: bool | None = None, **keywords: Any
    ) -> None:
        """Drop a table. Raises TypeError for keywords that no table has."""
        self._builder().table(table_name, schema=schema, **keywords)  # for its objections
        self._hear(tables.DropTable(QualifiedName(table_name, schema), if_exists=bool(if_exists)))

    def rename_table(self, old_table_name: str, new_table_name: str, *, schema: str | None = None) -> None:
        """Rename a table within its schema."""
        self._hear(tables.RenameTable(QualifiedName(old_table_name, schema), new_table_name))

    def alter_table_options(
        self,
        table_name: str,
        *,
        existing: Mapping[str, Any] | None = None,
        schema: str | None = None,
        **options: Any,
    ) -> None:
        """Give a table other options, named as in ``create_table`` (``mysql_engine="InnoDB"``); None takes one away.

        Those of other databases count for nothing. ``existing`` is what the same ones were, for the way back.
        """
        builder = self._builder()
        before = builder.changed_options(existing) if existing is not None else None
        after = builder.changed_options(options)
        if after:
            self._hear(tables.AlterTableOptions(QualifiedName(table_name, schema), after, before))

    def create_table_comment(
        self, table_name: str, comment: str | None, *, existing_comment: str | None = None, schema: str | None = None
    ) -> None:
        """Set the comment of a table."""
        name = QualifiedName(table_name, schema)
        if comment is None:
            self._hear(tables.DropTableComment(name, before=existing_comment))
        else:
            self._hear(tables.CreateTableComment(name, comment, before=existing_comment))

    def drop_table_comment(
        self, table_name: str, *, existing_comment: str | None = None, schema: str | None = None
    ) -> None:
        """Remove the comment of a table."""
        self._hear(tables.DropTableComment(QualifiedName(table_name, schema), before=existing_comment))

    # -- columns ------------------------------------------------------------------------------

    def add_column(self, table_name: str, column: sa.Column[Any], *, schema: str | None = None, **flags: Any) -> None:
        """Add a column, with the constraints and indexes that it carries."""
        given = {key: value for key, value in flags.items() if value is not None}
        self._hear(self._builder().add_column(table_name, column, schema, **given))

    def drop_column(
        self,
        table_name: str,
        column_name: str,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        **options: Any,
    ) -> None:
        """Drop a column."""
        self._hear(
            columns.DropColumn(
                QualifiedName(table_name, schema),
                column_name,
                if_exists=bool(if_exists),
                options=prefixed_options(options),
            )
        )

    def alter_column(self, table_name: str, column_name: str, *, schema: str | None = None, **facets: Any) -> None:
        """Change facets of a column: ``type_``, ``nullable``, ``server_default`` (None drops it), ``comment``,
        ``autoincrement``, ``new_column_name``; ``existing_...`` say what it is, where a database must be told.
        """
        name = QualifiedName(table_name, schema)
        for operation in self._builder().alter_column(name, column_name, facets):
            self._hear(operation)

    def rename_column(self, table_name: str, old_name: str, new_name: str, *, schema: str | None = None) -> None:
        """Rename a column: ``alter_column`` with ``new_column_name``."""
        self.alter_column(table_name, old_name, new_column_name=new_name, schema=schema)

    # -- constraints --------------------------------------------------------------------------

    def create_primary_key(
        self,
        constraint_name: str | None,
        table_name: str,
        columns: Sequence[str],
        *,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        """Give a table its primary key."""
        construct = sa.PrimaryKeyConstraint(*columns, name=constraint_name, **kw)
        self._hear(self._builder().constraint(QualifiedName(table_name, schema), construct, columns))

    def create_unique_constraint(
        self,
        constraint_name: str | None,
        table_name: str,
        columns: Sequence[str],
        *,
        schema: str | None = None,
        **kw: Any,
    ) -> Any:
        """Add a unique constraint."""
        construct = sa.UniqueConstraint(*columns, name=constraint_name, **kw)
        self._hear(self._builder().constraint(QualifiedName(table_name, schema), construct, columns))

    def create_check_constraint(
        self, constraint_name: str | None, table_name: str, condition: Any, *, schema: str | None = None, **kw: Any
    ) -> None:
        """Add a CHECK; ``condition`` is SQL text or an expression."""
        construct = sa.CheckConstraint(condition, name=constraint_name, **kw)
        self._hear(self._builder().constraint(QualifiedName(table_name, schema), construct, ()))

    def create_foreign_key(
        self,
        constraint_name: str | None,
        source_table: str,
        referent_table: str,
        local_cols: Sequence[str],
        remote_cols: Sequence[str],
        *,
        source_schema: str | None = None,
        referent_schema: str | None = None,
        **facets: Any,
    ) -> None:
        """Add a foreign key (``onupdate``, ``ondelete``, ``deferrable``, ``initially``, ``match``)."""
        self._hear(
            self._builder().foreign_key(
                constraint_name,
                QualifiedName(source_table, source_schema),
                QualifiedName(referent_table, referent_schema),
                local_cols,
                remote_cols,
                facets,
            )
        )

    def create_exclude_constraint(
        self, constraint_name: str, table_name: str, *elements: Any, schema: str | None = None, **kw: Any
    ) -> None:
        """Add an EXCLUDE constraint (PostgreSQL); elements are pairs of expression and operator."""
        self._hear(self._builder().exclude(QualifiedName(table_name, schema), constraint_name, elements, kw))

    def drop_constraint(
        self,
        constraint_name: str | None,
        table_name: str,
        type_: str | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        existing: sa.Constraint | None = None,
        **options: Any,
    ) -> None:
        """Drop a constraint by name; one that the database has no name for is described by ``existing``."""
        table = QualifiedName(table_name, schema)
        given = {"if_exists": if_exists, "existing": existing, **options}
        self._hear(self._builder().drop_constraint(table, constraint_name, type_, given))

    def alter_primary_key(
        self,
        table_name: str,
        columns: Sequence[str],
        *,
        constraint_name: str | None = None,
        existing_columns: Sequence[str] | None = None,
        existing_name: str | None = None,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        """Give a table another primary key. What is ``existing_...`` is for the way back."""
        table = QualifiedName(table_name, schema)
        after = self._builder().primary_key(table, columns, constraint_name, kw)
        before = None
        if existing_columns is not None:
            before = self._builder().primary_key(table, existing_columns, existing_name, {})
        self._hear(constraints.AlterPrimaryKey(table, after, before))

    def validate_constraint(self, constraint_name: str, table_name: str, *, schema: str | None = None) -> None:
        """Let a CHECK or foreign key hold for the rows that were there before it (``postgresql_not_valid=True``)."""
        self._hear(constraints.ValidateConstraint(QualifiedName(table_name, schema), constraint_name))

    # -- indexes ------------------------------------------------------------------------------

    def create_index(
        self, index_name: str | None, table_name: str, columns: Sequence[Any], *, schema: str | None = None, **kw: Any
    ) -> None:
        """Create an index on columns and expressions; ``postgresql_concurrently`` needs no block around it."""
        self._hear(self._builder().create_index(index_name, table_name, columns, schema, kw))

    def drop_index(
        self,
        index_name: str,
        table_name: str | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        **options: Any,
    ) -> None:
        """Drop an index; some databases need ``table_name``. Raises TypeError for keywords that no index has."""
        table = QualifiedName(table_name, schema) if table_name is not None else None
        self._hear(self._builder().drop_index(index_name, table, schema, {"if_exists": if_exists, **options}))

    # -- statements ---------------------------------------------------------------------------

    def execute(self, sqltext: Any, *, execution_options: Mapping[str, Any] | None = None) -> None:
        """Run SQL text or a construct; nothing is returned (use ``get_bind().execute`` to read)."""
        options = frozen_options(execution_options) if execution_options else ()
        self._hear(statements.Execute(sqltext, options))

    def bulk_insert(self, table: Any, rows: Sequence[dict[str, Any]], *, multiinsert: bool = True) -> None:
        """Insert rows, given as dictionaries by column."""
        if not isinstance(rows, (list, tuple)) or (rows and not isinstance(rows[0], dict)):
            raise TypeError("rows of bulk_insert are a list of dictionaries")
        self._hear(statements.BulkInsert(table, tuple(rows), multiinsert=multiinsert))

    # -- batch --------------------------------------------------------------------------------

    @contextmanager
    def batch_alter_table(
        self, table_name: str, schema: str | None = None, **options: Any
    ) -> Iterator[BatchDirectives]:
        """Collect changes of one table; they are carried out together when the block ends.

        A block without changes does nothing, unless it asks for the table to be made anew (``recreate="always"``).
        """
        to = self._listener()
        settings = BatchOptions.of(options)
        builder = Builder(to.translation, settings.naming_convention or to.naming_convention)
        batch = BatchDirectives(QualifiedName(table_name, schema), builder, self)
        yield batch
        if batch.operations or settings.recreate == "always":
            to.hear(AlterTable(batch.table, tuple(batch.operations), settings.recreate, settings.template(builder)))


op = Directives()
"""The directives, for ``from flask_schema import op``."""
