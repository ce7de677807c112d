"""What the parts of the compiler have in common."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from flask_schema.dialects.compiler import Compiler
from flask_schema.dialects.dialect import Surroundings
from flask_schema.dialects.postgresql.expressions import literal
from flask_schema.dialects.postgresql.named_types import KnownTypes, types_to_create
from flask_schema.dialects.postgresql.specification import PostgresqlConstructs, Specifications
from flask_schema.errors import OfflineRefused
from flask_schema.operations.columns import AlterColumn
from flask_schema.snapshot.elements import Column, QualifiedName, Table


class Pieces(Compiler):
    """The base of the compiler's parts. ``types`` remembers types while SQL is written without a database."""

    database = "PostgreSQL"

    def __init__(self, sqlalchemy: sa.Dialect, surroundings: Surroundings, types: KnownTypes) -> None:
        super().__init__(sqlalchemy, "postgresql", surroundings)
        self.types = types
        self.specifications = self.make_specifications()
        self.constructs = PostgresqlConstructs("postgresql", self.specifications)

    def make_specifications(self) -> Specifications:
        """What writes columns, indexes and EXCLUDE constraints."""
        return Specifications(self.preparer)

    @property
    def version(self) -> tuple[int, ...]:
        """The server's version; that of the newest known one while there is no server."""
        return tuple(getattr(self.sqlalchemy, "server_version_info", None) or (18,))

    def column_specification(self, table: QualifiedName, column: Column) -> str:
        del table
        return f"{self.name(column.name)} {self.specifications.column(column)}"

    def create_types(self, columns: Iterable[Column]) -> Iterable[str]:
        """CREATE TYPE and CREATE DOMAIN for the types of ``columns`` that there are none of."""
        wanted = types_to_create((column.type for column in columns), self.sqlalchemy)
        missing = self.types.missing(wanted, self.surroundings)
        for name, construct in wanted.items():
            if name in missing:
                self.types.created(name, self.surroundings)
                yield self.ddl(construct)

    # -- what there is ------------------------------------------------------------------------

    def known_table(self, name: QualifiedName) -> Table | None:
        """The table as it is, or None where that is not known or there is none."""
        try:
            return self.surroundings.table(name)
        except OfflineRefused:
            return None

    def known_column(self, operation: AlterColumn) -> Column | None:
        """The column as it is, or None where that is not known."""
        table = self.known_table(operation.table)
        return table.column(operation.name) if table is not None else None

    def reference(self, name: QualifiedName) -> str:
        """A table or sequence as a string, as ``nextval`` and others take it."""
        return literal(self.table_name(name))
