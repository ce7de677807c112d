"""Reads a schema from the catalog in a handful of queries and makes elements of the rows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from flask_schema.dialects.dialect import Scope
from flask_schema.dialects.postgresql.canonical import Canonical, enum_sql
from flask_schema.dialects.postgresql.catalog import CONTEXT, Catalog, set_search_path
from flask_schema.dialects.postgresql.data_types import canonical_collation, canonical_type, quoted
from flask_schema.dialects.postgresql.defaults import canonical_default
from flask_schema.dialects.postgresql.domains import Domain
from flask_schema.dialects.postgresql.expressions import literal, read_expression
from flask_schema.dialects.postgresql.index_rows import index_of, numbers_of, storage_parameters
from flask_schema.dialects.postgresql.names import unquoted_name
from flask_schema.dialects.postgresql.numbering import canonical_identity, canonical_sequence
from flask_schema.dialects.postgresql.programs import canonical_arguments
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    Computed,
    DataType,
    Enum,
    ExcludeConstraint,
    ForeignKey,
    Function,
    Identity,
    Index,
    Options,
    PrimaryKey,
    QualifiedName,
    Sequence,
    Table,
    Trigger,
    UniqueConstraint,
    View,
)
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass

_ACTIONS = {"r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
_MATCHES = {"f": "FULL", "p": "PARTIAL"}
_LAST_NAME = re.compile(r"""(?:"(?:[^"]|"")*"|[^".]+)\Z""")
_ROWS_AT_ONCE = 1000


@dataclass(slots=True)
class _Parts:
    """A table while its rows come in; ``numbers`` are its columns' names by number."""

    name: QualifiedName
    comment: str | None
    prefixes: tuple[str, ...]
    options: Options
    materialized: bool
    columns: list[Column] = field(default_factory=list)
    numbers: dict[int, str] = field(default_factory=dict)
    primary_key: PrimaryKey | None = None
    unique_constraints: list[UniqueConstraint] = field(default_factory=list)
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    checks: list[CheckConstraint] = field(default_factory=list)
    excludes: list[ExcludeConstraint] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)

    def named(self, numbers: str) -> tuple[str, ...]:
        """The columns of numbers written one after the other: ``1 3``."""
        return tuple(self.numbers[one] for one in numbers_of(numbers or ""))

    def table(self) -> Table:
        """The table with all that came in."""
        return Table(
            name=self.name,
            columns=tuple(self.columns),
            primary_key=self.primary_key,
            unique_constraints=tuple(self.unique_constraints),
            foreign_keys=tuple(self.foreign_keys),
            checks=tuple(self.checks),
            excludes=tuple(self.excludes),
            indexes=tuple(self.indexes),
            comment=self.comment,
            prefixes=self.prefixes,
            options=self.options,
        )


class Reader:
    """Reads one scope on one connection.

    ``default_schema``, ``domains``, and the enum types ``used_elsewhere``, in schemas that are not read, are known
    after ``read``.
    """

    def __init__(self, connection: sa.Connection, scope: Scope) -> None:
        self.connection = connection
        self.scope = scope
        self.default_schema: str | None = None
        self.domains: dict[QualifiedName, Domain] = {}
        self._parts: dict[int, _Parts] = {}
        self._types: dict[tuple[Any, ...], DataType] = {}
        self._known: dict[tuple[Any, ...], Column] = {}
        self.used_elsewhere: set[QualifiedName] = set()
        self._extensions: set[str] = set()

    def read(self) -> Snapshot:
        """The schema in canonical form."""
        with self._own_search_path():
            return self._read()

    def catalog(self) -> Catalog:
        """The queries."""
        version: Any = getattr(self.connection.dialect, "server_version_info", None) or (18,)
        schemas = tuple(None if one == self.default_schema else one for one in self.scope.schemas)
        only = self.scope.only_tables
        names = frozenset(Canonical(self.default_schema).name(one) for one in only) if only is not None else None
        return Catalog(schemas, names, tuple(version), self.scope.views_and_routines)

    def _read(self) -> Snapshot:
        catalog = self.catalog()
        self._relations(catalog)
        if self._parts:
            self._columns(catalog)
            self._constraints(catalog)
            self._indexes(catalog)
        enums: dict[QualifiedName, Enum] = {}
        sequences: dict[QualifiedName, Sequence] = {}
        if self.scope.only_tables is None:
            self._types_and_sequences(catalog, enums, sequences)
        views: dict[QualifiedName, View] = {}
        functions: dict[tuple[QualifiedName, str], Function] = {}
        triggers: dict[tuple[QualifiedName, str], Trigger] = {}
        if self.scope.views_and_routines:
            self._programs(catalog, views, functions, triggers)
        return Snapshot(
            dialect=self.connection.dialect.name,
            tables={one.name: one.table() for one in self._parts.values() if not one.materialized},
            enums=enums,
            sequences=sequences,
            views=views,
            functions=functions,
            triggers=triggers,
            schemas=self._schemas(),
            extensions=frozenset(self._extensions),
        )

    # -- pieces -------------------------------------------------------------------------------

    def rows(self, sql: str) -> list[Any]:
        """The rows of a query; percent signs stand for themselves."""
        return list(self._each_row(sql))

    def _each_row(self, sql: str) -> Iterator[Any]:
        """The rows of a query that may have many: they are not all there at once."""
        result = self.connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
        for part in result.partitions(_ROWS_AT_ONCE):
            yield from part

    @contextmanager
    def _own_search_path(self) -> Iterator[None]:
        """Let names be qualified exactly where they are not in the default schema."""
        self.default_schema, count, path = self.rows(CONTEXT)[0]
        if self.default_schema is None or count == 1:
            yield
            return
        self.rows(set_search_path(quoted(self.default_schema)))
        try:
            yield
        finally:
            self.rows(set_search_path(path))

    def name(self, schema: str | None, name: str) -> QualifiedName:
        """A name without its schema where that is the default one."""
        return QualifiedName(name, None if schema == self.default_schema else schema)

    def _schemas(self) -> frozenset[str]:
        return frozenset(one for one in self.scope.schemas if one is not None and one != self.default_schema)

    # -- tables and columns -------------------------------------------------------------------

    def _relations(self, catalog: Catalog) -> None:
        include = self.scope.include_table
        for row in self._each_row(catalog.relations()):
            oid, schema, name, kind, persistence, comment, method, tablespace, partition, parents = row
            qualified = self.name(schema, name)
            if include is not None and not include(qualified.schema, name):
                continue
            options: dict[str, Any] = {}
            if method:
                options["using"] = method
            if tablespace:
                options["tablespace"] = tablespace
            if partition:
                options["partition_by"] = partition
            if parents:
                options["inherits"] = tuple(parents.split("\n"))
            prefixes = ("UNLOGGED",) if persistence == "u" else ()
            self._parts[oid] = _Parts(qualified, comment, prefixes, tuple(sorted(options.items())), kind == "m")

    def _columns(self, catalog: Catalog) -> None:
        for row in self._each_row(catalog.columns()):
            parts = self._parts.get(row[0])
            if parts is None or row[1] in parts.numbers:
                continue
            said = tuple(row[2:])
            column = self._known.get(said)
            if column is None:
                column = self._known[said] = self._column(said)
            parts.numbers[row[1]] = column.name
            parts.columns.append(column)

    def _column(self, said: tuple[Any, ...]) -> Column:
        name, type_sql, not_null, identity_kind, generated, expression, comment, collation, *rest = said
        enum_name, enum_schema, told = rest
        numbering: Any = json.loads(told) if told is not None else None
        data_type = self._data_type(type_sql, collation, enum_name, enum_schema)
        default, computed, identity, autoincrement = None, None, None, False
        if generated:
            computed = Computed(read_expression(expression), stored=generated == "s")
        elif identity_kind:
            identity = self._identity(identity_kind == "a", numbering, data_type.sql)
        elif expression is not None:
            if numbering is not None and expression == _nextval(numbering[0]):
                autoincrement = True
            else:
                default = canonical_default(expression, data_type.sql)
        return Column(
            name=name,
            type=data_type,
            nullable=not not_null,
            default=default,
            computed=computed,
            identity=identity,
            autoincrement=autoincrement,
            comment=comment,
            sequence=bare_name(numbering[0]) if numbering is not None else None,
        )

    def _data_type(self, sql: str, collation: str | None, enum: str | None, enum_schema: str | None) -> DataType:
        key = (sql, collation, enum, enum_schema)
        found = self._types.get(key)
        if found is None:
            if enum is not None:
                name = self.name(enum_schema, enum)
                found = DataType(enum_sql(name) + ("[]" if sql.endswith("[]") else ""), enum=name)
            else:
                text = canonical_type(sql)
                found = DataType(f"{text} COLLATE {canonical_collation(collation)}" if collation else text)
            self._types[key] = found
        return found

    def _identity(self, always: bool, numbering: list[Any], type_sql: str) -> Identity:
        _, start, increment, minimum, maximum, cycle, cache = numbering
        return canonical_identity(Identity(always, start, increment, minimum, maximum, cycle, cache), type_sql)

    # -- constraints and indexes --------------------------------------------------------------

    def _constraints(self, catalog: Catalog) -> None:
        for row in self._each_row(catalog.constraints()):
            oid, name, kind, deferrable, deferred, valid, key, expression, index_key, key_count, nulls, *foreign = row
            parts = self._parts.get(oid)
            if parts is None:
                continue
            deferral = (True if deferrable else None, "DEFERRED" if deferred else None)
            options: Options = () if valid else (("not_valid", True),)
            if kind == "c":
                parts.checks.append(CheckConstraint(read_expression(expression), name, options))
                continue
            columns = parts.named(key)
            if kind == "f":
                parts.foreign_keys.append(self._foreign_key(columns, name, foreign, parts, deferral, options))
                continue
            included = parts.named(index_key)[key_count:]
            options = (("include", included),) if included else ()
            if kind == "p":
                parts.primary_key = PrimaryKey(columns, name, *deferral, options)
            else:
                parts.unique_constraints.append(UniqueConstraint(columns, name, *deferral, bool(nulls), options))

    def _foreign_key(
        self,
        columns: tuple[str, ...],
        name: str,
        foreign: list[Any],
        parts: _Parts,
        deferral: tuple[bool | None, str | None],
        options: Options,
    ) -> ForeignKey:
        schema, table, onupdate, ondelete, match, referred, only = foreign
        action = _ACTIONS.get(ondelete)
        if action is not None and only:
            action = f"{action} ({', '.join(quoted(one) for one in parts.named(only))})"
        target, update = self.name(schema, table), _ACTIONS.get(onupdate)
        return ForeignKey(
            columns, target, _names(referred), name, update, action, *deferral, _MATCHES.get(match), options
        )

    def _indexes(self, catalog: Catalog) -> None:
        for row in self._each_row(catalog.indexes()):
            parts = self._parts.get(row[0])
            if parts is None:
                continue
            made = index_of(parts.numbers, row[1:])
            if isinstance(made, Index):
                parts.indexes.append(made)
            else:
                parts.excludes.append(made)

    # -- what is no table ---------------------------------------------------------------------

    def _types_and_sequences(
        self, catalog: Catalog, enums: dict[QualifiedName, Enum], sequences: dict[QualifiedName, Sequence]
    ) -> None:
        for kind, schema, bare, details in self.rows(catalog.types_and_sequences()):
            name = self.name(schema, bare)
            found = json.loads(details)
            if kind == "e":
                enums[name] = Enum(name, tuple(found[1] or ()), comment=found[0])
                if found[2]:
                    self.used_elsewhere.add(name)
            elif kind == "d":
                checks = tuple((one[0], one[1]) for one in found[3] or ())
                self.domains[name] = Domain(name, canonical_type(found[0]), found[1], found[2], checks)
            else:
                data_type, start, increment, minimum, maximum, cycle, cache, owner = found
                owned = (self.name(owner[0], owner[1]), owner[2]) if owner else None
                sequences[name] = canonical_sequence(
                    Sequence(name, start, increment, minimum, maximum, cycle, cache, data_type, owned)
                )

    def _programs(
        self,
        catalog: Catalog,
        views: dict[QualifiedName, View],
        functions: dict[tuple[QualifiedName, str], Function],
        triggers: dict[tuple[QualifiedName, str], Trigger],
    ) -> None:
        for kind, schema, bare, definition, more, storage, told in self.rows(catalog.programs()):
            if kind == "extension":
                self._extensions.add(bare)
                continue
            name = self.name(schema, bare)
            interface = tuple(str(one) for one in json.loads(told)) if told else None
            if kind in ("view", "materialized"):
                parts = self._parts.get(int(more))
                options: Options = (("with", storage_parameters(storage)),) if storage else ()
                views[name] = View(
                    name,
                    definition.strip().rstrip(";"),
                    materialized=kind == "materialized",
                    indexes=tuple(parts.indexes) if parts is not None else (),
                    options=options,
                    interface=interface,
                )
            elif kind == "trigger":
                triggers[name, more] = Trigger(more, name, definition)
            else:
                types = canonical_arguments(more)
                functions[name, types] = Function(name, definition.strip(), types, kind == "procedure", interface)


@lru_cache(maxsize=4096)
def _names(listed: str) -> tuple[str, ...]:
    return tuple(json.loads(listed))


def bare_name(regclass: str) -> str:
    """The name in ``regclass`` output, without its schema and quotes."""
    return unquoted_name(_LAST_NAME.search(regclass)[0])  # type: ignore[index]


def _nextval(sequence: str) -> str:
    """The default of a SERIAL column as the server prints it."""
    return f"nextval({literal(sequence)}::regclass)"
