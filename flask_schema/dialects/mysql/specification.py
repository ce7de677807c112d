"""Column specifications: what stands behind a column's name in CREATE TABLE, ADD, MODIFY and CHANGE."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql.base import MySQLDDLCompiler

from flask_schema.dialects.constructs import Constructs
from flask_schema.dialects.mysql.data_types import MOMENTS, canonical_type
from flask_schema.dialects.mysql.defaults import written_default
from flask_schema.dialects.mysql.index_rules import counts
from flask_schema.dialects.mysql.server import Server
from flask_schema.snapshot.elements import CheckConstraint, Column, Constraint, Index, IndexElement, Table

_SPECIFICATION = "flask_schema_specification"
_KEYS = "flask_schema_keys"


class Specifications:
    """Writes column specifications for one server."""

    def __init__(self, sqlalchemy: sa.Dialect, server: Server) -> None:
        self.server = server
        self._sql: Any = sqlalchemy.statement_compiler(sqlalchemy, None)

    def created(self, column: Column) -> str:
        """As in CREATE TABLE and ADD COLUMN: NULL is said where it does not go without saying."""
        is_timestamp = canonical_type(column.type.sql).name == "TIMESTAMP"
        nullable = self._nullable(column, say_null=is_timestamp)
        number = ["AUTO_INCREMENT"] if counts(column) else self._default(column)
        return " ".join([*self._typed(column), *nullable, *self._comment(column), *number])

    def modified(self, column: Column) -> str:
        """As in MODIFY and CHANGE: everything is said, since what is not said is lost."""
        number = ["AUTO_INCREMENT"] if counts(column) else self._default(column)
        return " ".join([*self._typed(column), *self._nullable(column, say_null=True), *number, *self._comment(column)])

    def literal(self, text: str) -> str:
        """``text`` as a string literal."""
        return str(self._sql.render_literal_value(text, sa.String()))

    def default(self, default: str, type_sql: str | None) -> str:
        """What stands after DEFAULT."""
        return written_default(default, type_sql, is_mariadb=self.server.is_mariadb)

    def create_index(self, index: Index, table: str, *, guard: str = "") -> str:
        """CREATE INDEX; ``table`` is a quoted name. SQLAlchemy's own knows no length beside DESC."""
        options = dict(index.options)
        kind = "UNIQUE " if index.unique else f"{options['prefix']} " if "prefix" in options else ""
        keys = ", ".join(self._key(one) for one in index.elements)
        name = self._quoted(index.name or "")
        return f"CREATE {kind}INDEX {guard}{name} ON {table} ({keys}){self._index_rest(index)}"

    def key(self, index: Index) -> str:
        """A key as in CREATE TABLE, and behind ADD in ALTER TABLE."""
        options = dict(index.options)
        kind = "UNIQUE " if index.unique else f"{options['prefix']} " if "prefix" in options else ""
        keys = ", ".join(self._key(one) for one in index.elements)
        return f"{kind}INDEX {self._quoted(index.name or '')} ({keys}){self._index_rest(index)}"

    def _index_rest(self, index: Index) -> str:
        parser = dict(index.options).get("with_parser")
        using = f" USING {index.method}" if index.method is not None else ""
        return f" WITH PARSER {parser}{using}" if parser else using

    def _key(self, element: IndexElement) -> str:
        name = self._quoted(element.expression) if element.is_column else f"({element.expression})"
        length = f"({element.length})" if element.length is not None else ""
        return f"{name}{length}{' DESC' if element.descending else ''}"

    def _quoted(self, name: str) -> str:
        return str(self._sql.preparer.quote(name))

    def _typed(self, column: Column) -> list[str]:
        if column.computed is None:
            return [column.type.sql]
        stored = "STORED" if column.computed.stored else "VIRTUAL"
        kind = f" {stored}" if column.computed.stored is not None else ""
        return [column.type.sql, f"GENERATED ALWAYS AS ({column.computed.expression}){kind}"]

    def _nullable(self, column: Column, *, say_null: bool) -> list[str]:
        if column.computed is not None and (self.server.is_mariadb or column.nullable):
            return []  # MariaDB has no NOT NULL behind a generated column
        if not column.nullable:
            return ["NOT NULL"]
        return ["NULL"] if say_null else []

    def _default(self, column: Column) -> list[str]:
        if column.default is None or column.computed is not None:
            return []
        return [f"DEFAULT {self.default(column.default, column.type.sql)}"]

    def _comment(self, column: Column) -> list[str]:
        return [f"COMMENT {self.literal(column.comment)}"] if column.comment is not None else []


def takes_current_timestamp(type_sql: str) -> bool:
    """Whether a column of this type may have CURRENT_TIMESTAMP as its default without parentheses."""
    return canonical_type(type_sql).name in MOMENTS


class MysqlDdlCompiler(MySQLDDLCompiler):
    """SQLAlchemy's compiler, with column specifications taken as they were written."""

    def get_column_specification(self, column: sa.Column[Any], **kw: Any) -> str:
        """The specification that the column carries; SQLAlchemy's own for any other column."""
        written = column.info.get(_SPECIFICATION)
        if written is None:
            return super().get_column_specification(column, **kw)
        return f"{self.preparer.format_column(column)} {written}"

    def create_table_constraints(self, table: sa.Table, *rest: Any, **kw: Any) -> str:
        """The constraints, and the keys that the table carries as text."""
        constraints: Any = super().create_table_constraints
        written = [constraints(table, *rest, **kw), *table.info.get(_KEYS, ())]
        return ", \n\t".join(one for one in written if one)

    def post_create_table(self, table: sa.Table) -> str:
        """The table options, always in the same order; SQLAlchemy's order changes from run to run."""
        given = {key: value for key, value in table.kwargs.items() if value is not None}
        comment = [SimpleNamespace(kwargs={}, comment=table.comment)]
        single = [SimpleNamespace(kwargs={key: given[key]}, comment=None) for key in sorted(given, key=_option_order)]
        partitions = [one for one in single if "partition" in str(one.kwargs).lower()]
        options = [one for one in single if one not in partitions]
        parts: Any = (super(MysqlDdlCompiler, self).post_create_table(one) for one in (*options, *comment, *partitions))  # type: ignore[arg-type]
        return " ".join(part for part in parts if part)


def _option_order(key: str) -> tuple[int, str]:
    """ENGINE, the character set, its collation, all else by name, and what partitions the table by what."""
    name = key.lower().partition("_")[2]
    first = ("engine", "default_charset", "charset", "default_character_set", "character_set", "collate")
    partition = ("partition_by", "partitions", "subpartition_by", "subpartitions")
    order = (*first, "", *partition)
    return (order.index(name) if name in order else len(first), name)


def add_keys(table: sa.Table, keys: Iterable[str]) -> None:
    """Let ``table`` carry keys as text, for CREATE TABLE."""
    table.info.setdefault(_KEYS, []).extend(keys)


class MysqlConstructs(Constructs):
    """Constructs whose columns carry their specification as text."""

    def __init__(self, prefix: str, specifications: Specifications) -> None:
        super().__init__(prefix)
        self.specifications = specifications

    def column(self, column: Column, *, primary_key: bool = False) -> sa.Column[Any]:
        """A column with a type of no meaning: its specification says all."""
        return sa.Column(
            sa.sql.elements.quoted_name(column.name, None),
            sa.types.NULLTYPE,
            nullable=column.nullable,
            autoincrement=False,
            primary_key=primary_key,
            info={_SPECIFICATION: self.specifications.created(column)},
        )

    def constraint(self, constraint: Constraint) -> sa.Constraint:
        """A constraint without what MySQL has no words for: nothing can be deferred."""
        if isinstance(constraint, CheckConstraint):
            return super().constraint(constraint)
        return super().constraint(replace(constraint, deferrable=None, initially=None))

    def table(self, table: Table, *, foreign_keys: bool = True) -> sa.Table:
        """A table; option values are texts, as SQLAlchemy wants them."""
        options = tuple((key, str(value)) for key, value in table.options)
        return super().table(replace(table, options=options), foreign_keys=foreign_keys)
