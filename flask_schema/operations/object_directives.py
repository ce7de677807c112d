"""Directives for what stands beside tables: views, functions, triggers, schemas, extensions; and the backfill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from flask_schema.errors import UsageError
from flask_schema.operations import programs, schemas, views
from flask_schema.operations.backfill import Backfill, Progress
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import Function, Options, QualifiedName, Trigger, View


class ObjectDirectives:
    """Part of ``op``. Definitions are SQL texts of the database at hand, sent as they stand."""

    def _hear(self, operation: Operation) -> Any:
        raise NotImplementedError

    # -- views --------------------------------------------------------------------------------

    def create_view(
        self,
        view_name: str,
        definition: str,
        *,
        schema: str | None = None,
        materialized: bool = False,
        columns: Sequence[str] | None = None,
        options: Mapping[str, Any] | None = None,
        if_not_exists: bool = False,
    ) -> None:
        """Create a view; ``definition`` is its SELECT, ``columns`` names for its columns.

        ``options`` are the database's own: PostgreSQL's ``WITH (...)`` (``{"security_barrier": True}``).
        """
        view = _view(QualifiedName(view_name, schema), definition, materialized, columns, options)
        self._hear(views.CreateView(view, if_not_exists=if_not_exists))

    def drop_view(
        self,
        view_name: str,
        *,
        schema: str | None = None,
        materialized: bool = False,
        if_exists: bool = False,
        cascade: bool = False,
        existing_definition: str | None = None,
        existing_columns: Sequence[str] | None = None,
        existing_options: Mapping[str, Any] | None = None,
    ) -> None:
        """Drop a view; ``cascade`` drops what depends on it too. What is ``existing_...`` is for the way back."""
        name = QualifiedName(view_name, schema)
        before = None
        if existing_definition is not None:
            before = _view(name, existing_definition, materialized, existing_columns, existing_options)
        self._hear(views.DropView(name, materialized, if_exists=if_exists, cascade=cascade, before=before))

    def replace_view(
        self,
        view_name: str,
        definition: str,
        *,
        schema: str | None = None,
        materialized: bool = False,
        columns: Sequence[str] | None = None,
        options: Mapping[str, Any] | None = None,
        existing_definition: str | None = None,
        existing_columns: Sequence[str] | None = None,
        existing_options: Mapping[str, Any] | None = None,
        recreate: bool = False,
    ) -> None:
        """Give a view another definition. ``recreate``: drop and create it, for when a column goes or changes.

        A materialized view is always made anew, without indexes; create them again by ``create_index``.
        """
        name = QualifiedName(view_name, schema)
        before = None
        if existing_definition is not None:
            before = _view(name, existing_definition, materialized, existing_columns, existing_options)
        after = _view(name, definition, materialized, columns, options)
        self._hear(views.ReplaceView(after, before, recreate=recreate))

    # -- functions and triggers ---------------------------------------------------------------

    def create_function(
        self,
        function_name: str,
        definition: str,
        *,
        arguments: str = "",
        procedure: bool = False,
        schema: str | None = None,
    ) -> None:
        """Create a function or procedure; ``definition`` is the whole CREATE FUNCTION.

        ``arguments`` are its argument types (``"integer, text"``), by which overloads are told apart.
        """
        function = Function(QualifiedName(function_name, schema), definition, arguments, procedure)
        self._hear(programs.CreateFunction(function))

    def drop_function(
        self,
        function_name: str,
        arguments: str | None = None,
        *,
        procedure: bool = False,
        schema: str | None = None,
        if_exists: bool = False,
        existing_definition: str | None = None,
    ) -> None:
        """Drop a function or procedure; ``arguments`` may be left out where there is one of that name."""
        name = QualifiedName(function_name, schema)
        before = None
        if existing_definition is not None:
            before = Function(name, existing_definition, arguments or "", procedure)
        self._hear(programs.DropFunction(name, arguments, procedure, if_exists=if_exists, before=before))

    def replace_function(
        self,
        function_name: str,
        definition: str,
        *,
        arguments: str = "",
        procedure: bool = False,
        schema: str | None = None,
        existing_definition: str | None = None,
    ) -> None:
        """Give a function another definition, a whole CREATE FUNCTION with the same arguments; what uses it stays."""
        name = QualifiedName(function_name, schema)
        before = None
        if existing_definition is not None:
            before = Function(name, existing_definition, arguments, procedure)
        self._hear(programs.ReplaceFunction(Function(name, definition, arguments, procedure), before))

    def create_trigger(self, trigger_name: str, table_name: str, definition: str, *, schema: str | None = None) -> None:
        """Create a trigger on a table or view; ``definition`` is the whole CREATE TRIGGER."""
        self._hear(programs.CreateTrigger(Trigger(trigger_name, QualifiedName(table_name, schema), definition)))

    def drop_trigger(
        self,
        trigger_name: str,
        table_name: str,
        *,
        schema: str | None = None,
        if_exists: bool = False,
        existing_definition: str | None = None,
    ) -> None:
        """Drop a trigger of a table or view."""
        table = QualifiedName(table_name, schema)
        before = Trigger(trigger_name, table, existing_definition) if existing_definition is not None else None
        self._hear(programs.DropTrigger(trigger_name, table, if_exists=if_exists, before=before))

    def replace_trigger(
        self,
        trigger_name: str,
        table_name: str,
        definition: str,
        *,
        schema: str | None = None,
        existing_definition: str | None = None,
    ) -> None:
        """Give a trigger another definition, a whole CREATE TRIGGER: the old one is dropped, the new one created."""
        table = QualifiedName(table_name, schema)
        before = Trigger(trigger_name, table, existing_definition) if existing_definition is not None else None
        self._hear(programs.ReplaceTrigger(Trigger(trigger_name, table, definition), before))

    # -- schemas and extensions ---------------------------------------------------------------

    def create_schema(self, schema_name: str, *, if_not_exists: bool = False) -> None:
        """Create a schema."""
        self._hear(schemas.CreateSchema(schema_name, if_not_exists=if_not_exists))

    def drop_schema(self, schema_name: str, *, if_exists: bool = False, cascade: bool = False) -> None:
        """Drop a schema that is empty; with ``cascade`` all that is in it goes too."""
        self._hear(schemas.DropSchema(schema_name, if_exists=if_exists, cascade=cascade))

    def create_extension(
        self,
        extension_name: str,
        *,
        schema: str | None = None,
        version: str | None = None,
        if_not_exists: bool = False,
        cascade: bool = False,
    ) -> None:
        """Create an extension; ``cascade`` creates those that it needs too."""
        self._hear(schemas.CreateExtension(extension_name, schema, version, if_not_exists, cascade))

    def drop_extension(
        self,
        extension_name: str,
        *,
        if_exists: bool = False,
        cascade: bool = False,
        schema: str | None = None,
        version: str | None = None,
    ) -> None:
        """Drop an extension; ``schema`` and ``version`` are what it has, for the way back."""
        self._hear(schemas.DropExtension(extension_name, if_exists, cascade, schema, version))

    # -- rows ---------------------------------------------------------------------------------

    def backfill(
        self,
        table: str | sa.TableClause,
        values: Mapping[str, Any],
        where: Any,
        *,
        key: str | Sequence[str] = (),
        batch_size: int = 1000,
        pause_seconds: float = 0.0,
        progress: Progress | None = None,
        schema: str | None = None,
    ) -> None:
        """Set ``values`` in the rows that ``where`` finds, ``batch_size`` rows at a time by the order of ``key``.

        What the revision did before is committed first, then each batch by itself: a backfill that was stopped goes
        on where it stopped, since ``where`` (``"balance IS NULL"``) finds only what is left. Give it a revision of its
        own. ``values`` are plain values or expressions (``sa.text("price * 100")``); ``key`` is the primary key where
        nothing is said; ``progress`` is called after each batch with the rows done and the rows found at the start.

        Raises UsageError for no values or a batch size below one, and OfflineRefused while SQL is written.
        """
        if not values:
            raise UsageError("op.backfill needs values: a dictionary of what to set, by column")
        if batch_size < 1 or pause_seconds < 0:
            raise UsageError("op.backfill needs a batch_size of at least 1 and a pause_seconds of at least 0")
        given = table if isinstance(table, sa.TableClause) else None
        name = QualifiedName(table, schema) if isinstance(table, str) else QualifiedName(table.name, table.schema)
        self._hear(
            Backfill(
                name,
                tuple(values.items()),
                where,
                (key,) if isinstance(key, str) else tuple(key),
                batch_size,
                pause_seconds,
                progress,
                given,
            )
        )


def _view(
    name: QualifiedName,
    definition: str,
    materialized: bool,
    columns: Sequence[str] | None,
    options: Mapping[str, Any] | None,
) -> View:
    found: Options = (("columns", tuple(columns)),) if columns else ()
    found += (("with", tuple(sorted(options.items()))),) if options else ()
    return View(name, definition, materialized, options=found)
