"""Tables of a snapshot as SQLAlchemy's own, as its reflection would give them: for hooks, which expect those."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import quoted_name
from sqlalchemy.types import TypeEngine

from flask_schema.dialects.constructs import Constructs
from flask_schema.dialects.dialect import Dialect
from flask_schema.snapshot.elements import (
    Column,
    Constraint,
    DataType,
    ExcludeConstraint,
    Identity,
    Index,
    PrimaryKey,
    QualifiedName,
    Table,
)
from flask_schema.snapshot.snapshot import Snapshot

_PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w+(?!:))")


class Reflected(Constructs):
    """Constructs with the types that the database's texts stand for, and with real defaults.

    ``snapshot`` tells the values of enum types. Options that SQLAlchemy does not know are left out.
    """

    def __init__(self, dialect: Dialect, snapshot: Snapshot | None = None) -> None:
        super().__init__(dialect.option_dialects[-1])
        self._dialect = dialect
        self._snapshot = snapshot
        self._made: dict[QualifiedName, sa.Table] = {}

    # -- types and columns --------------------------------------------------------------------

    def type(self, data_type: DataType) -> TypeEngine[Any]:
        """The SQLAlchemy type: the one that it was made from, or the one for its text."""
        if data_type.python is not None:
            return data_type.python
        enum = self._snapshot.enums.get(data_type.enum) if self._snapshot is not None and data_type.enum else None
        if enum is not None and data_type.sql.rpartition(".")[2].strip('"') == enum.name.name:
            return sa.Enum(*enum.values, name=enum.name.name, schema=enum.name.schema)
        return self._dialect.python_type(data_type.sql)

    def column(self, column: Column, *, primary_key: bool = False) -> sa.Column[Any]:
        """A ``sa.Column`` that is attached to no table."""
        try:
            made = super().column(column, primary_key=primary_key)
        except sa.exc.ArgumentError:
            made = super().column(replace(column, options=()), primary_key=primary_key)
        if column.default is not None:
            made.server_default = self.default(column.default)
            made.server_default._set_parent(made)
        if not column.autoincrement:
            made.autoincrement = "auto"
        made.type = self.type(column.type)
        return made

    def default(self, sql: str) -> sa.DefaultClause:
        """A server default."""
        return sa.DefaultClause(sa.text(_escaped(sql)))

    def identity(self, identity: Identity) -> sa.Identity:
        """An identity."""
        made = super().column(Column("x", DataType("INTEGER"), identity=identity)).identity
        assert made is not None
        return made

    # -- tables -------------------------------------------------------------------------------

    def whole(self, table: Table, metadata: sa.MetaData | None = None) -> sa.Table:
        """A ``sa.Table`` with constraints and indexes, on ``metadata`` or one of its own."""
        target = metadata if metadata is not None else sa.MetaData()
        made = self._with_columns(table, target)
        self._made = {table.name: made}
        self._add_rest(table, made)
        return made

    def all(self, tables: Iterable[Table]) -> Mapping[QualifiedName, sa.Table]:
        """All tables on one MetaData, so that foreign keys find their targets."""
        metadata = sa.MetaData()
        known = tuple(tables)
        self._made = {table.name: self._with_columns(table, metadata) for table in known}
        for table in known:
            self._add_rest(table, self._made[table.name])
        return self._made

    def name_only(self, name: QualifiedName, columns: Iterable[str] = ()) -> sa.Table:
        """The table of that name where it is known whole, else one with nothing but the columns and their types."""
        wanted = tuple(columns)
        made = self._made.get(name)
        if made is not None and all(column in made.c for column in wanted):
            return made
        stub = super().name_only(name, wanted)
        there = self._snapshot.tables.get(name) if self._snapshot is not None else None
        for column in stub.columns:
            known = there.column(column.name) if there is not None else None
            if known is not None:
                column.type = self.type(known.type)
        return stub

    def _with_columns(self, table: Table, metadata: sa.MetaData) -> sa.Table:
        key = table.primary_key.columns if table.primary_key is not None else ()
        columns = [self.column(column, primary_key=column.name in key) for column in table.columns]
        rest: dict[str, Any] = {
            "schema": table.name.schema,
            "comment": table.comment,
            "prefixes": list(table.prefixes),
        }
        name = quoted_name(table.name.name, None)
        try:
            return sa.Table(name, metadata, *columns, **rest, **self.options(table.options))
        except sa.exc.ArgumentError:
            columns = [column._copy() for column in columns]
            return sa.Table(name, metadata, *columns, **rest, extend_existing=True)

    def _add_rest(self, table: Table, made: sa.Table) -> None:
        for constraint in table.constraints:
            made.append_constraint(self.part(constraint))
        for index in table.indexes:
            self.index(table.name, index)

    def part(self, constraint: Constraint) -> sa.Constraint:
        """A constraint that is attached to no table yet, EXCLUDE included."""
        if isinstance(constraint, ExcludeConstraint):
            return _exclude(constraint)
        try:
            return super().constraint(constraint)
        except sa.exc.ArgumentError:
            return super().constraint(replace(constraint, options=()))

    def on_stub(self, table: QualifiedName, constraint: Constraint) -> sa.Constraint:
        """A constraint on a table that has just the columns it names."""
        self._made = {}
        made = self.part(constraint)
        self.name_only(table, getattr(constraint, "columns", ())).append_constraint(made)
        return made

    def index_on_stub(self, table: QualifiedName, index: Index) -> sa.Index:
        """An index on a table that has just the columns it names."""
        self._made = {}
        return self.index(table, index)


def _exclude(exclude: ExcludeConstraint) -> sa.Constraint:
    from sqlalchemy.dialects.postgresql import ExcludeConstraint as Construct

    make: Any = Construct
    elements = [(sa.text(_escaped(expression)), operator) for expression, operator in exclude.elements]
    where = sa.text(_escaped(exclude.where)) if exclude.where is not None else None
    made: sa.Constraint = make(
        *elements,
        name=exclude.name,
        using=exclude.using,
        where=where,
        deferrable=exclude.deferrable,
        initially=exclude.initially,
    )
    return made


def column_of(table: sa.Table, name: str) -> sa.Column[Any] | None:
    """The column of that name in the database; a model may keep it under another key."""
    return next((column for column in table.columns if column.name == name), None)


def part_of(table: sa.Table, element: Any, translation: Any) -> Any:
    """The column, constraint or index of a model's table that ``element`` was made from; None when none fits."""
    if isinstance(element, Column):
        return column_of(table, element.name)
    if isinstance(element, Index):
        return next((one for one in table.indexes if translation.index_name(one) == element.name), None)
    kind = _KINDS.get(type(element).__name__)
    found = [one for one in table.constraints if one.__visit_name__ == kind]
    if isinstance(element, PrimaryKey):
        return table.primary_key
    named = [one for one in found if element.name is not None and translation.constraint_name(one) == element.name]
    if named or not hasattr(element, "columns"):
        return named[0] if named else None
    return next((one for one in found if tuple(c.name for c in getattr(one, "columns", ())) == element.columns), None)


_KINDS = {
    "PrimaryKey": "primary_key_constraint",
    "UniqueConstraint": "unique_constraint",
    "ForeignKey": "foreign_key_constraint",
    "CheckConstraint": "check_constraint",
    "ExcludeConstraint": "exclude_constraint",
}


class ModelTables:
    """The models' own tables by the names that they have in the database."""

    def __init__(self, metadatas: Iterable[sa.MetaData], default_schema: str | None = None) -> None:
        self._metadatas = tuple(metadatas)
        self._default_schema = default_schema

    @cached_property
    def _tables(self) -> dict[QualifiedName, sa.Table]:
        """Made when it is asked for: without hooks nobody asks."""
        tables: dict[QualifiedName, sa.Table] = {}
        for metadata in self._metadatas:
            for table in metadata.tables.values():
                schema = None if table.schema == self._default_schema else table.schema
                tables[QualifiedName(str(table.name), schema)] = table
        return tables

    def get(self, name: QualifiedName) -> sa.Table | None:
        """The table, None where the models have none of that name."""
        return self._tables.get(name)


def _escaped(sql: str) -> str:
    """SQL for ``sa.text()``, in which ``:word`` would be a parameter."""
    return _PARAMETER.sub(r"\\:", sql)
