"""Standard SQL for what stands beside tables: views, functions, triggers, schemas.

Definitions are a script's own text of its database, which is put behind a head that is written here (views) or sent as
it stands (functions and triggers).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, ClassVar

from flask_schema.dialects.dialect import Surroundings
from flask_schema.dialects.statement import Statement
from flask_schema.errors import OfflineRefused, OperationRefused
from flask_schema.operations import programs, schemas, views
from flask_schema.operations.backfill import Backfill
from flask_schema.operations.indexes import CreateIndex
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import QualifiedName, Trigger, View

_CREATE = re.compile(r"\s*CREATE\s+(?:OR\s+REPLACE\s+)?", re.IGNORECASE)


class Objects:
    """The part of the compiler for them.

    ``replaces_views``: there is CREATE OR REPLACE VIEW. ``guards_views``: there is CREATE VIEW IF NOT EXISTS.
    """

    database: ClassVar[str] = "this database"
    has_materialized_views: ClassVar[bool] = False
    replaces_views: ClassVar[bool] = True
    guards_views: ClassVar[bool] = False
    surroundings: Surroundings

    def name(self, name: str) -> str:
        """A quoted identifier."""
        raise NotImplementedError

    def table_name(self, name: QualifiedName) -> str:
        """A quoted name with its schema."""
        raise NotImplementedError

    def create_index(self, operation: CreateIndex) -> Iterable[str | Statement]:
        """The statements of an index."""
        raise NotImplementedError

    # -- views --------------------------------------------------------------------------------

    def create_view(self, operation: views.CreateView) -> Iterable[str | Statement]:
        view = operation.view
        self._check_kind(operation, view.materialized)
        if operation.if_not_exists and not (self.guards_views or view.materialized):
            raise OperationRefused(
                f"cannot {operation.describe()}: {self.database} has no CREATE VIEW IF NOT EXISTS",
                hint="leave out 'if_not_exists'; op.replace_view changes a view that exists",
            )
        yield from self._created_view(view, guard="IF NOT EXISTS " if operation.if_not_exists else "")

    def drop_view(self, operation: views.DropView) -> Iterable[str | Statement]:
        self._check_kind(operation, operation.materialized)
        guard = "IF EXISTS " if operation.if_exists else ""
        cascade = self._cascade(operation) if operation.cascade else ""
        yield f"DROP {_kind(operation.materialized)} {guard}{self.table_name(operation.name)}{cascade}"

    def replace_view(self, operation: views.ReplaceView) -> Iterable[str | Statement]:
        """CREATE OR REPLACE, or the view made anew with the triggers on it."""
        view = operation.after
        self._check_kind(operation, view.materialized)
        if self.replaces_views and not (operation.recreate or view.materialized):
            yield f"CREATE OR REPLACE {self._view(view)}"
            return
        triggers: list[str] = []
        comment = None
        try:
            triggers += () if view.materialized else self.view_triggers(view.name)
        except OfflineRefused:
            comment = f"triggers on {view.name} go with it: they cannot be known without a database"
        yield Statement(f"DROP {_kind(view.materialized)} {self.table_name(view.name)}", comment=comment)
        yield from self._created_view(view)
        yield from triggers

    def view_triggers(self, view: QualifiedName) -> Iterable[str]:
        """The texts of the triggers that go with a view when it is dropped; none where it can have none.

        Raises OfflineRefused where they cannot be known.
        """
        del view
        return ()

    def known_triggers(self, view: QualifiedName) -> Iterable[Trigger]:
        """The triggers on a view, as replayed operations leave it. Raises OfflineRefused where they do not tell."""
        return [one for (owner, _), one in self.surroundings.snapshot().triggers.items() if owner == view]

    def view_options(self, options: dict[str, Any]) -> str:
        """What stands between a view's name and AS. Raises OperationRefused for an option that is not known."""
        raise OperationRefused(f"{self.database} has no options for views, asked for: {', '.join(map(str, options))}")

    def _created_view(self, view: View, guard: str = "") -> Iterable[str | Statement]:
        yield f"CREATE {self._view(view, guard)}"
        for index in view.indexes:
            yield from self.create_index(CreateIndex(view.name, index))

    def _view(self, view: View, guard: str = "") -> str:
        options = dict(view.options)
        columns = ", ".join(self.name(column) for column in options.pop("columns", ()))
        listed = f" ({columns})" if columns else ""
        said = self.view_options(options) if options else ""
        definition = view.definition.strip().rstrip(";")
        return f"{_kind(view.materialized)} {guard}{self.table_name(view.name)}{listed}{said} AS {definition}"

    def _check_kind(self, operation: Operation, materialized: bool) -> None:
        if materialized and not self.has_materialized_views:
            raise OperationRefused(
                f"cannot {operation.describe()}: {self.database} has no materialized views",
                hint="use a view, or a table that is filled by op.execute",
            )

    def _cascade(self, operation: Operation) -> str:
        """``CASCADE``. A database that reads the word and does nothing overrides this."""
        del operation
        return " CASCADE"

    # -- functions and triggers ---------------------------------------------------------------

    def create_function(self, operation: programs.CreateFunction) -> Iterable[str | Statement]:
        yield operation.function.definition.strip()

    def drop_function(self, operation: programs.DropFunction) -> Iterable[str | Statement]:
        kind = "PROCEDURE" if operation.procedure else "FUNCTION"
        guard = "IF EXISTS " if operation.if_exists else ""
        arguments = f"({operation.arguments})" if operation.arguments is not None else ""
        yield f"DROP {kind} {guard}{self.table_name(operation.name)}{arguments}"

    def replace_function(self, operation: programs.ReplaceFunction) -> Iterable[str | Statement]:
        yield or_replace(operation)

    def create_trigger(self, operation: programs.CreateTrigger) -> Iterable[str | Statement]:
        yield operation.trigger.definition.strip()

    def drop_trigger(self, operation: programs.DropTrigger) -> Iterable[str | Statement]:
        """By its own name, in its table's schema."""
        guard = "IF EXISTS " if operation.if_exists else ""
        yield f"DROP TRIGGER {guard}{self.table_name(QualifiedName(operation.name, operation.table.schema))}"

    def replace_trigger(self, operation: programs.ReplaceTrigger) -> Iterable[str | Statement]:
        """Dropped and created: there is no CREATE OR REPLACE TRIGGER that every version has."""
        after = operation.after
        yield from self.drop_trigger(programs.DropTrigger(after.name, after.table))
        yield from self.create_trigger(programs.CreateTrigger(after))

    # -- schemas and extensions ---------------------------------------------------------------

    def create_schema(self, operation: schemas.CreateSchema) -> Iterable[str | Statement]:
        yield f"CREATE SCHEMA {'IF NOT EXISTS ' if operation.if_not_exists else ''}{self.name(operation.name)}"

    def drop_schema(self, operation: schemas.DropSchema) -> Iterable[str | Statement]:
        guard = "IF EXISTS " if operation.if_exists else ""
        yield f"DROP SCHEMA {guard}{self.name(operation.name)}{' CASCADE' if operation.cascade else ''}"

    def create_extension(self, operation: schemas.CreateExtension) -> Iterable[str | Statement]:
        raise self._no_extensions(operation)

    def drop_extension(self, operation: schemas.DropExtension) -> Iterable[str | Statement]:
        raise self._no_extensions(operation)

    def _no_extensions(self, operation: Operation) -> OperationRefused:
        return OperationRefused(
            f"cannot {operation.describe()}: {self.database} has no extensions that SQL creates",
            hint="guard it with 'if op.get_context().dialect.name == \"postgresql\"'",
        )

    # -- rows ---------------------------------------------------------------------------------

    def backfill(self, operation: Backfill) -> Iterable[str | Statement]:
        """Always refused: no list of statements can be written before the rows are looked at."""
        raise OfflineRefused(
            f"op.backfill cannot {operation.describe()} as SQL text: a live database's rows cut its batches",
            hint="run the upgrade on a database, or write one UPDATE by op.execute",
        )


def or_replace(operation: programs.ReplaceFunction) -> str:
    """The definition with OR REPLACE. Raises OperationRefused where it does not begin with CREATE."""
    definition = operation.after.definition.strip()
    if _CREATE.match(definition) is None:
        raise OperationRefused(
            f"cannot {operation.describe()}: its definition does not begin with CREATE",
            hint="give the whole CREATE FUNCTION or CREATE PROCEDURE statement",
        )
    return _CREATE.sub("CREATE OR REPLACE ", definition, count=1)


def _kind(materialized: bool) -> str:
    return "MATERIALIZED VIEW" if materialized else "VIEW"
