"""Views, functions and schemas as MySQL and MariaDB write them."""

from __future__ import annotations

from collections.abc import Iterable

from flask_schema.dialects.compiler import Compiler
from flask_schema.dialects.mysql.server import Server
from flask_schema.dialects.objects import or_replace
from flask_schema.dialects.statement import Statement
from flask_schema.errors import OperationRefused
from flask_schema.operations import programs, schemas, views
from flask_schema.operations.operation import Operation


class MysqlObjects(Compiler):
    """The part of the compiler for them."""

    server: Server

    def create_view(self, operation: views.CreateView) -> Iterable[str | Statement]:
        if operation.if_not_exists and self.server.is_mariadb and not operation.view.materialized:
            yield from self._created_view(operation.view, guard="IF NOT EXISTS ")
        else:
            yield from super().create_view(operation)

    def replace_view(self, operation: views.ReplaceView) -> Iterable[str | Statement]:
        """OR REPLACE takes any columns here, so that nothing is ever made anew."""
        self._check_kind(operation, operation.after.materialized)
        yield f"CREATE OR REPLACE {self._view(operation.after)}"

    def _cascade(self, operation: Operation) -> str:
        raise OperationRefused(
            f"cannot {operation.describe()} with cascade: {self.database} reads CASCADE and drops nothing by it",
            hint="drop what depends on it before",
        )

    def drop_function(self, operation: programs.DropFunction) -> Iterable[str | Statement]:
        """There are no overloads, and no arguments to tell them apart."""
        kind = "PROCEDURE" if operation.procedure else "FUNCTION"
        yield f"DROP {kind} {'IF EXISTS ' if operation.if_exists else ''}{self.table_name(operation.name)}"

    def replace_function(self, operation: programs.ReplaceFunction) -> Iterable[str | Statement]:
        """MySQL has no CREATE OR REPLACE FUNCTION. https://mariadb.com/kb/en/create-function/"""
        if self.server.is_mariadb:
            yield or_replace(operation)
            return
        after = operation.after
        or_replace(operation)  # refuses what does not begin with CREATE before anything is dropped
        yield from self.drop_function(programs.DropFunction(after.name, procedure=after.procedure))
        yield from self.create_function(programs.CreateFunction(after))

    def drop_schema(self, operation: schemas.DropSchema) -> Iterable[str | Statement]:
        """DROP SCHEMA drops all that is in it: without ``cascade`` the database is asked first whether it is empty."""
        if not operation.cascade:
            name = operation.name.replace("\\", "\\\\").replace("'", "''")
            yield Statement(
                f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{name}'",
                online_only=True,
                must_be_empty=True,
                failure=f"cannot {operation.describe()}: it is not empty; cascade=True drops what is in it too",
            )
        yield f"DROP SCHEMA {'IF EXISTS ' if operation.if_exists else ''}{self.name(operation.name)}"
