"""The one form of every element, reached from SQLAlchemy's spelling and from the catalog's alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace
from functools import cached_property
from typing import Any, TypeVar

from flask_schema.dialects.postgresql.data_types import (
    canonical_collation,
    canonical_type,
    is_serial,
    quoted,
    type_name,
)
from flask_schema.dialects.postgresql.defaults import canonical_default
from flask_schema.dialects.postgresql.expressions import canonical_expression
from flask_schema.dialects.postgresql.numbering import canonical_identity, canonical_sequence
from flask_schema.dialects.postgresql.programs import canonical_programs
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    DataType,
    Enum,
    ExcludeConstraint,
    ForeignKey,
    Index,
    IndexElement,
    Options,
    PrimaryKey,
    QualifiedName,
    Sequence,
    Table,
    UniqueConstraint,
)
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass

_COLLATED = re.compile(r'\A(?P<key>"(?:[^"]|"")*"|[^\W\d][\w$]*) COLLATE (?P<collation>[\w".]+)\Z', re.IGNORECASE)
_NAME = re.compile(r'\A(?:"(?:[^"]|"")*"|[^\W\d][\w$]*)\Z')
_SIMILAR = re.compile(r"\s+")

_Deferrable = TypeVar("_Deferrable", PrimaryKey, UniqueConstraint, ForeignKey, ExcludeConstraint)
_Named = TypeVar("_Named", Table, Enum, Sequence)


def enum_sql(name: QualifiedName) -> str:
    """An enum type's name as SQL."""
    return f"{quoted(name.schema)}.{quoted(name.name)}" if name.schema else quoted(name.name)


def canonical_options(options: Options) -> Options:
    """Storage parameters as texts: ``fillfactor=70`` is read back as a string. What says the default is left out."""

    def texts(value: object) -> object:
        if isinstance(value, tuple):
            return tuple(sorted((str(key), str(one).lower()) for key, one in value))
        return value

    kept: dict[str, Callable[[Any], object]] = {"with": texts, "include": tuple, "ops": tuple}
    return tuple((key, kept[key](value) if key in kept else value) for key, value in options if value is not None)


@dataclass(frozen=True)
class Canonical:
    """Brings elements to their one form; ``default_schema`` is the schema whose names carry none.

    ``virtual_by_default``: a computed column that says nothing is VIRTUAL, as SQLAlchemy 2.1 writes it from PostgreSQL
    18 on; else it is STORED.
    """

    default_schema: str | None = "public"
    virtual_by_default: bool = False
    _met: dict[tuple[int, bool], tuple[Column, Column]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    """Columns by identity and whether they are in a key, with their one form: many tables have the same ones."""

    @cached_property
    def _prefix(self) -> re.Pattern[str] | None:
        if self.default_schema is None:
            return None
        return re.compile(rf'\A(?:{re.escape(self.default_schema)}|"{re.escape(self.default_schema)}")\.(?=\w|")')

    # -- names --------------------------------------------------------------------------------

    def name(self, name: QualifiedName) -> QualifiedName:
        """A name without its schema where that is the default one."""
        return QualifiedName(name.name) if name.schema is not None and name.schema == self.default_schema else name

    def data_type(self, data_type: DataType) -> DataType:
        """A type in its one spelling; an enum's is made from its name."""
        if data_type.enum is not None:
            name = self.name(data_type.enum)
            sql = enum_sql(name) + ("[]" if type_name(data_type.sql).array else "")
            if sql == data_type.sql and name is data_type.enum:
                return data_type
            return DataType(sql, data_type.python, name)
        text = self._prefix.sub("", data_type.sql) if self._prefix is not None else data_type.sql
        sql = canonical_type(text)
        return data_type if sql == data_type.sql else DataType(sql, data_type.python)

    # -- columns ------------------------------------------------------------------------------

    def column(self, column: Column, key: tuple[str, ...] = ()) -> Column:
        """A column; ``key`` are the columns of the primary key, which are never NULL."""
        place = (id(column), column.name in key)
        known = self._met.get(place)
        if known is None:
            known = self._met[place] = (column, self._column(column, column.name in key))
        return known[1]

    def _column(self, column: Column, in_key: bool) -> Column:
        data_type = self.data_type(column.type)
        autoincrement = column.autoincrement or is_serial(column.type.sql)
        default, computed, identity = column.default, column.computed, column.identity
        if default is not None:  # SERIAL leaves no room for one
            default = canonical_default(default, data_type.sql) if not autoincrement else None
        if computed is not None:
            stored = not self.virtual_by_default if computed.stored is None else computed.stored
            computed = replace(computed, expression=canonical_expression(computed.expression), stored=stored)
        if identity is not None:
            identity = canonical_identity(identity, data_type.sql)
        nullable = column.nullable and not (autoincrement or identity is not None or in_key)
        made = (data_type, default, computed, identity, nullable, autoincrement)
        if made == (
            column.type,
            column.default,
            column.computed,
            column.identity,
            column.nullable,
            column.autoincrement,
        ):
            return column
        return replace(
            column,
            type=data_type,
            default=default,
            computed=computed,
            identity=identity,
            nullable=nullable,
            autoincrement=autoincrement,
        )

    # -- constraints --------------------------------------------------------------------------

    def check(self, check: CheckConstraint) -> CheckConstraint:
        """A CHECK."""
        expression = canonical_expression(check.expression)
        return check if expression == check.expression else replace(check, expression=expression)

    def foreign_key(self, key: ForeignKey) -> ForeignKey:
        """A foreign key; MATCH SIMPLE goes without saying."""
        match = None if key.match == "SIMPLE" else key.match
        ondelete = _SIMILAR.sub(" ", key.ondelete) if key.ondelete else None
        onupdate = _SIMILAR.sub(" ", key.onupdate) if key.onupdate else None
        referred = self.name(key.referred_table)
        key = self.deferral(key)
        if (referred, match, ondelete, onupdate) == (key.referred_table, key.match, key.ondelete, key.onupdate):
            return key
        return replace(key, referred_table=referred, match=match, ondelete=ondelete, onupdate=onupdate)

    def deferral(self, constraint: _Deferrable) -> _Deferrable:
        """NOT DEFERRABLE and INITIALLY IMMEDIATE go without saying; what is deferred is deferrable."""
        initially = "DEFERRED" if constraint.initially == "DEFERRED" else None
        deferrable = True if constraint.deferrable or initially else None
        if (deferrable, initially) == (constraint.deferrable, constraint.initially):
            return constraint
        return replace(constraint, deferrable=deferrable, initially=initially)

    def exclude(self, exclude: ExcludeConstraint) -> ExcludeConstraint:
        """An EXCLUDE."""
        return replace(
            self.deferral(exclude),
            elements=tuple((canonical_expression(one), operator) for one, operator in exclude.elements),
            using=exclude.using.lower(),
            where=canonical_expression(exclude.where) if exclude.where is not None else None,
        )

    # -- indexes ------------------------------------------------------------------------------

    def index(self, index: Index) -> Index:
        """An index; btree goes without saying."""
        plain = index.where is None and index.method is None and not index.options
        if plain and all(one.is_column for one in index.elements):
            return index
        made = replace(
            index,
            elements=tuple(self.index_element(one) for one in index.elements),
            where=canonical_expression(index.where) if index.where is not None else None,
            method=None if index.method == "btree" else index.method,
            options=canonical_options(index.options),
        )
        return index if made == index else made

    def index_element(self, element: IndexElement) -> IndexElement:
        """One key. A column with a collation is a column, also where it was written as an expression."""
        if element.is_column:
            return element
        expression = canonical_expression(element.expression)
        collation, is_column, verbatim = element.collation, False, element.verbatim
        found = _COLLATED.match(expression)
        if found is not None:
            expression = found["key"]
            collation = canonical_collation(found["collation"]).rpartition('."')[2].strip('"')
            verbatim = False  # what the text says is said by both
        if _NAME.match(expression) and not verbatim:
            is_column = True
            plain = not expression.startswith('"')
            expression = expression.lower() if plain else expression[1:-1].replace('""', '"')
        return replace(element, expression=expression, is_column=is_column, collation=collation, verbatim=verbatim)

    # -- tables and the whole -----------------------------------------------------------------

    def table(self, table: Table) -> Table:
        """A table with all that belongs to it."""
        key = table.primary_key.columns if table.primary_key is not None else ()
        return Table(
            name=self.name(table.name),
            columns=tuple(self.column(one, key) for one in table.columns),
            primary_key=self.deferral(table.primary_key) if table.primary_key is not None else None,
            unique_constraints=_once(tuple(self.deferral(one) for one in table.unique_constraints)),
            foreign_keys=tuple(self.foreign_key(one) for one in table.foreign_keys),
            checks=tuple(self.check(one) for one in table.checks),
            excludes=tuple(self.exclude(one) for one in table.excludes),
            indexes=tuple(self.index(one) for one in table.indexes),
            comment=table.comment,
            prefixes=table.prefixes,
            options=canonical_options(table.options) if table.options else (),
            sql=table.sql,
            renamed_from=table.renamed_from,
        )

    def snapshot(self, snapshot: Snapshot) -> Snapshot:
        """The whole schema."""
        tables = [self.table(one) for one in snapshot.tables.values()]
        return replace(
            canonical_programs(snapshot, self.name, canonical_options),
            tables={one.name: one for one in tables},
            enums=_keyed(replace(one, name=self.name(one.name)) for one in snapshot.enums.values()),
            sequences=_keyed(self._sequence(one) for one in snapshot.sequences.values()),
            schemas=frozenset(snapshot.schemas - {self.default_schema}),
        )

    def _sequence(self, sequence: Sequence) -> Sequence:
        named = replace(sequence, name=self.name(sequence.name))
        return canonical_sequence(named)


def _once(constraints: tuple[UniqueConstraint, ...]) -> tuple[UniqueConstraint, ...]:
    """CREATE TABLE makes one constraint of several that say the same and have no name or one name."""
    if len(constraints) < 2:
        return constraints
    found: dict[UniqueConstraint, UniqueConstraint] = {}
    for one in constraints:
        bare = replace(one, name=None)
        if bare in found and None in (one.name, found[bare].name):
            found[bare] = one if one.name is not None else found[bare]
        else:
            found[bare if bare not in found else one] = one
    return tuple(found.values())


def _keyed(elements: Iterable[_Named]) -> Mapping[QualifiedName, _Named]:
    return {one.name: one for one in elements}
