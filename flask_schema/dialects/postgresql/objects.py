"""Views, triggers and extensions as PostgreSQL writes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from flask_schema.dialects.compiler import Compiler
from flask_schema.dialects.postgresql.expressions import literal
from flask_schema.dialects.statement import Statement
from flask_schema.errors import OperationRefused
from flask_schema.operations import programs, schemas, tables
from flask_schema.snapshot.elements import QualifiedName


class PostgresqlObjects(Compiler):
    """The part of the compiler for them."""

    has_materialized_views: ClassVar[bool] = True
    view_trigger_query: ClassVar[str | None] = """
        SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = to_regclass({view}) AND NOT tgisinternal
        ORDER BY tgname"""

    def view_options(self, options: dict[str, Any]) -> str:
        """``WITH (security_barrier = true)``. https://www.postgresql.org/docs/current/sql-createview.html"""
        unknown = sorted(options.keys() - {"with"})
        if unknown:
            raise OperationRefused(f"{self.database} has no option {unknown[0]!r} for views")
        pairs = (f"{key} = {_option(value)}" for key, value in options["with"])
        return f" WITH ({', '.join(pairs)})"

    def view_triggers(self, view: QualifiedName) -> Iterable[str]:
        """INSTEAD OF triggers go with their view. Offline those are known that the files create."""
        if self.view_trigger_query is None:
            return ()
        if not self.surroundings.offline:
            query = self.view_trigger_query.replace("{view}", literal(self.table_name(view)))
            return [str(row[0]) for row in self.surroundings.query(query)]
        return [one.definition for one in self.known_triggers(view)]

    def alter_table_options(self, operation: tables.AlterTableOptions) -> Iterable[str | Statement]:
        """Storage parameters and the tablespace. https://www.postgresql.org/docs/current/sql-altertable.html"""
        after, before = dict(operation.after), dict(operation.before or ())
        unknown = sorted(after.keys() - {"with", "tablespace"})
        if unknown:
            raise OperationRefused(f"the option {unknown[0]!r} of table {operation.table} cannot be changed")
        if "with" in after:
            wanted, had = dict(after["with"] or ()), dict(before.get("with") or ())
            pairs = (f"{key} = {_option(value)}" for key, value in wanted.items() if had.get(key) != value)
            if setting := ", ".join(pairs):
                yield self.alter_table(operation.table, f"SET ({setting})")
            if gone := ", ".join(sorted(had.keys() - wanted.keys())):
                yield self.alter_table(operation.table, f"RESET ({gone})")
        if "tablespace" in after:
            yield self.alter_table(operation.table, f"SET TABLESPACE {self.name(after['tablespace'] or 'pg_default')}")

    def drop_trigger(self, operation: programs.DropTrigger) -> Iterable[str | Statement]:
        guard = "IF EXISTS " if operation.if_exists else ""
        yield f"DROP TRIGGER {guard}{self.name(operation.name)} ON {self.table_name(operation.table)}"

    def create_extension(self, operation: schemas.CreateExtension) -> Iterable[str | Statement]:
        words = [f"CREATE EXTENSION {'IF NOT EXISTS ' if operation.if_not_exists else ''}{self.name(operation.name)}"]
        words += [f"SCHEMA {self.name(operation.schema)}"] if operation.schema is not None else []
        words += [f"VERSION {literal(operation.version)}"] if operation.version is not None else []
        words += ["CASCADE"] if operation.cascade else []
        yield " ".join(words)

    def drop_extension(self, operation: schemas.DropExtension) -> Iterable[str | Statement]:
        guard = "IF EXISTS " if operation.if_exists else ""
        yield f"DROP EXTENSION {guard}{self.name(operation.name)}{' CASCADE' if operation.cascade else ''}"


def _option(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
