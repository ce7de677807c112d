"""Views and triggers as SQLite writes them; functions, schemas and extensions it has none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from flask_schema.dialects.compiler import Compiler
from flask_schema.dialects.sqlite.tokens import quoted
from flask_schema.dialects.statement import Statement
from flask_schema.errors import OperationRefused
from flask_schema.operations import programs, schemas
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import QualifiedName


class SqliteObjects(Compiler):
    """The part of the compiler for them. https://www.sqlite.org/lang_createview.html"""

    replaces_views: ClassVar[bool] = False
    guards_views: ClassVar[bool] = True

    def view_triggers(self, view: QualifiedName) -> Iterable[str]:
        """INSTEAD OF triggers go with their view. Offline those are known that the files create."""
        if self.surroundings.offline:
            return [one.definition for one in self.known_triggers(view)]
        master = f"{quoted(view.schema)}.sqlite_master" if view.schema is not None else "sqlite_master"
        name = view.name.replace("'", "''")
        query = f"SELECT sql FROM {master} WHERE type = 'trigger' AND lower(tbl_name) = lower('{name}') ORDER BY rowid"
        return [str(row[0]) for row in self.surroundings.query(query)]

    def _cascade(self, operation: Operation) -> str:
        raise OperationRefused(
            f"cannot {operation.describe()} with cascade: SQLite has no CASCADE", hint="drop what depends on it before"
        )

    def create_function(self, operation: programs.CreateFunction) -> Iterable[str | Statement]:
        raise _no_functions(operation)

    def drop_function(self, operation: programs.DropFunction) -> Iterable[str | Statement]:
        raise _no_functions(operation)

    def replace_function(self, operation: programs.ReplaceFunction) -> Iterable[str | Statement]:
        raise _no_functions(operation)

    def create_schema(self, operation: schemas.CreateSchema) -> Iterable[str | Statement]:
        raise _no_schemas(operation)

    def drop_schema(self, operation: schemas.DropSchema) -> Iterable[str | Statement]:
        raise _no_schemas(operation)


def _no_functions(operation: Operation) -> OperationRefused:
    return OperationRefused(
        f"cannot {operation.describe()}: SQLite keeps no functions in the database",
        hint="the application gives them to each connection, by sqlite3's create_function",
    )


def _no_schemas(operation: Operation) -> OperationRefused:
    return OperationRefused(
        f"cannot {operation.describe()}: SQLite has no schemas that SQL creates",
        hint="ATTACH DATABASE, on each connection, makes another file a schema",
    )
