"""Reads a schema from CockroachDB: columns in one query, keys and indexes through SQLAlchemy's inspector.

sqlalchemy-cockroachdb reads columns with a query a table; over a cluster each is a round trip.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from typing import Any

import sqlalchemy as sa

from flask_schema.dialects.cockroachdb.numbering import named_sequence
from flask_schema.dialects.cockroachdb.sharding import BUCKETS, HASH, buckets_of, is_shard
from flask_schema.dialects.cockroachdb.spelling import spelled_type, without_casts
from flask_schema.dialects.cockroachdb.table_options import REGIONS, options_of
from flask_schema.dialects.cockroachdb.views import VIEWS, views_of
from flask_schema.dialects.dialect import Scope
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    Computed,
    DataType,
    Enum,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    PrimaryKey,
    QualifiedName,
    Sequence,
    Table,
    UniqueConstraint,
)
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass

_HIDDEN = ("crdb_internal_", "rowid")
_ROW_ID = "unique_rowid()"
_METHODS = {"inverted": "gin", "gin": "gin"}
"""What SQLAlchemy's ``postgresql_using`` calls the methods of pg_am; ``prefix`` is the usual one."""
_COLUMNS = """
    SELECT c.table_schema, c.table_name, c.column_name, c.crdb_sql_type, c.is_nullable, c.column_default,
        c.generation_expression, c.column_comment, c.is_identity, c.identity_generation
    FROM information_schema.columns c JOIN information_schema.tables t
        ON t.table_schema = c.table_schema AND t.table_name = c.table_name
    WHERE t.table_type = 'BASE TABLE' AND c.is_hidden = 'NO' AND c.table_schema IN ({schemas})
    ORDER BY c.table_schema, c.table_name, c.ordinal_position
"""
_ENUMS = """
    SELECT n.nspname, t.typname, e.enumlabel FROM pg_enum e
    JOIN pg_type t ON t.oid = e.enumtypid JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE n.nspname IN ({schemas}) ORDER BY n.nspname, t.typname, e.enumsortorder
"""


_STORAGE = """
    SELECT n.nspname, c.relname, c.reloptions FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.reloptions IS NOT NULL AND n.nspname IN ({schemas})
"""
_REGION = "crdb_region"  # the hidden column that says where a row is


@dataclass(slots=True)
class CockroachdbReader:
    """Reads one scope on one connection."""

    connection: sa.Connection
    scope: Scope
    default_schema: str = "public"
    enums: dict[QualifiedName, Enum] = field(default_factory=dict)
    behind_columns: set[QualifiedName] = field(default_factory=set)
    """The sequences that number SERIAL and identity columns: they are no sequences of their own."""

    def read(self) -> Snapshot:
        """The schema, in the one spelling that is compared."""
        inspector = sa.inspect(self.connection)
        self.default_schema = inspector.default_schema_name or "public"
        self._read_enums()
        regional = self.enums.pop(QualifiedName(REGIONS), None) is not None
        tables = self._columns()
        self._options(tables, regional)
        for schema in self.scope.schemas:
            self._constraints(inspector, schema, tables)
        sequences = self._sequences(inspector)
        views = views_of(self._rows(VIEWS), self._name, self.default_schema) if self.scope.views_and_routines else {}
        return Snapshot(
            dialect="cockroachdb",
            tables=tables,
            enums=self.enums,
            sequences=sequences,
            views=views,
            schemas=frozenset(one for one in self.scope.schemas if one not in (None, self.default_schema)),
        )

    def _schemas(self) -> str:
        names = [self.default_schema if one is None else one for one in self.scope.schemas]
        return ", ".join("'" + name.replace("'", "''") + "'" for name in names)

    def _rows(self, sql: str) -> Iterable[Any]:
        return self.connection.exec_driver_sql(
            sql.format(schemas=self._schemas()), execution_options={"no_parameters": True}
        )

    def _name(self, schema: str | None, name: str) -> QualifiedName:
        return QualifiedName(name, None if schema in (None, self.default_schema) else schema)

    def _wanted(self, name: QualifiedName) -> bool:
        if self.scope.only_tables is not None and name not in self.scope.only_tables:
            return False
        include = self.scope.include_table
        return include is None or include(name.schema, name.name)

    def _read_enums(self) -> None:
        for schema, name, value in self._rows(_ENUMS):
            qualified = self._name(schema, name)
            known = self.enums.get(qualified)
            values = (*known.values, value) if known is not None else (value,)
            self.enums[qualified] = Enum(qualified, values)

    def _options(self, tables: dict[QualifiedName, Table], regional: bool) -> None:
        """Row-level TTL, and, where the database has several regions, localities."""
        localities: dict[QualifiedName, str] = {}
        if regional:
            for row in self._rows("SHOW TABLES"):
                localities[self._name(row.schema_name, row.table_name)] = row.locality
        storage = {self._name(schema, name): options for schema, name, options in self._rows(_STORAGE)}
        for name, table in tables.items():
            options = options_of(storage.get(name) or (), localities.get(name))
            if options:
                tables[name] = replace(table, options=options)

    # -- columns ------------------------------------------------------------------------------

    def _columns(self) -> dict[QualifiedName, Table]:
        found: dict[QualifiedName, list[Column]] = {}
        for row in self._rows(_COLUMNS):
            name = self._name(row[0], row[1])
            if self._wanted(name):
                found.setdefault(name, []).append(self._column(row))
        return {name: Table(name, tuple(columns)) for name, columns in found.items()}

    def _column(self, row: Any) -> Column:
        schema, table, name, type_sql, nullable, default, expression, comment, is_identity, generation = row
        bare = without_casts(default).strip() if default is not None else None
        sequence = named_sequence(bare, f"{table}_{name}_seq", is_identity == "YES")
        if sequence is not None:
            self.behind_columns.add(self._name(schema, sequence))
        automatic = bare == _ROW_ID or (sequence is not None and is_identity != "YES")
        return Column(
            name=name,
            type=self._data_type(type_sql),
            nullable=nullable == "YES",
            default=None if automatic or sequence is not None or expression else bare,
            computed=Computed(without_casts(expression), stored=True) if expression else None,
            identity=Identity(generation == "ALWAYS") if is_identity == "YES" else None,
            autoincrement=automatic,
            comment=comment or None,
        )

    def _data_type(self, sql: str) -> DataType:
        bare = sql.removesuffix("[]").replace('"', "")
        qualifier, _, name = bare.rpartition(".")
        schema = qualifier.rpartition(".")[2]  # some versions put the database before it
        qualified = self._name(schema or None, name)
        if qualified in self.enums:
            return DataType(f"{qualified}{'[]' if sql.endswith('[]') else ''}", enum=qualified)
        return DataType(spelled_type(sql))

    # -- keys, checks, indexes ----------------------------------------------------------------

    def _constraints(self, inspector: Any, schema: str | None, tables: dict[QualifiedName, Table]) -> None:
        named = {"schema": schema, "filter_names": None}
        keys = inspector.get_multi_pk_constraint(**named)
        uniques = inspector.get_multi_unique_constraints(**named)
        foreign = inspector.get_multi_foreign_keys(**named)
        checks = inspector.get_multi_check_constraints(**named)
        indexes = inspector.get_multi_indexes(**named)
        comments = inspector.get_multi_table_comment(**named)
        for place in keys:
            name = self._name(*place)
            table = tables.get(name)
            if table is None:
                continue
            shown = {one["name"]: one for one in indexes.get(place, ())}
            unique = tuple(
                _unique(one, table) for one in uniques.get(place, ()) if _is_plain(one, shown.get(one["name"]), table)
            )
            taken = {one.name for one in unique}
            key = _primary_key(keys[place], table)
            tables[name] = replace(
                table,
                primary_key=key,
                unique_constraints=unique,
                foreign_keys=tuple(self._foreign_key(one) for one in foreign.get(place, ())),
                checks=tuple(_check(one) for one in checks.get(place, ()) if not _is_hidden(one["sqltext"])),
                indexes=tuple(
                    _index(one, table)
                    for one in indexes.get(place, ())
                    if _is_own(one, taken, key.name if key else None)
                ),
                comment=(comments.get(place) or {}).get("text"),
            )

    def _foreign_key(self, one: Mapping[str, Any]) -> ForeignKey:
        options = one.get("options") or {}
        return ForeignKey(
            columns=tuple(one["constrained_columns"]),
            referred_table=self._name(one["referred_schema"], one["referred_table"]),
            referred_columns=tuple(one["referred_columns"]),
            name=one["name"],
            onupdate=_action(options.get("onupdate")),
            ondelete=_action(options.get("ondelete")),
        )

    def _sequences(self, inspector: Any) -> dict[QualifiedName, Sequence]:
        if self.scope.only_tables is not None:
            return {}
        found = ((schema, one) for schema in self.scope.schemas for one in inspector.get_sequence_names(schema))
        names = [name for schema, one in found if (name := self._name(schema, one)) not in self.behind_columns]
        return {name: Sequence(name) for name in names}


def _primary_key(one: Mapping[str, Any], table: Table) -> PrimaryKey | None:
    """The key of the columns that are shown: neither the hidden rowid nor the shard of a hash-sharded key is one."""
    named = tuple(one.get("constrained_columns") or ())
    columns = tuple(name for name in named if table.column(name) is not None)
    buckets = buckets_of(named)
    options = ((BUCKETS, buckets),) if buckets is not None else ()
    return PrimaryKey(columns, one.get("name"), options=options) if columns else None


def _unique(one: Mapping[str, Any], table: Table) -> UniqueConstraint:
    return UniqueConstraint(_without_region(one["column_names"], table), one["name"])


def _without_region(names: Iterable[str], table: Table) -> tuple[str, ...]:
    return tuple(name for name in names if name != _REGION or table.column(_REGION) is not None)


def _is_plain(one: Mapping[str, Any], index: Mapping[str, Any] | None, table: Table) -> bool:
    """Whether it may be a constraint: every unique index is shown as one too, partial ones and expressions included.

    https://github.com/cockroachdb/cockroach/issues/65885
    """
    if index is None:
        return True
    options = index.get("dialect_options") or {}
    return (
        _without_region(index["column_names"], table) == _without_region(one["column_names"], table)
        and not any("desc" in sorting for sorting in (index.get("column_sorting") or {}).values())
        and not any((index.get("expressions"), options.get("postgresql_where"), options.get("postgresql_include")))
    )


def _check(one: Mapping[str, Any]) -> CheckConstraint:
    return CheckConstraint(without_casts(one["sqltext"]), one["name"])


def _is_hidden(text: str) -> bool:
    return any(mark in text for mark in _HIDDEN[:1])


def _is_own(one: Mapping[str, Any], taken: set[str | None], key: str | None) -> bool:
    if one["name"] in taken or one["name"] == key or one.get("duplicates_constraint"):
        return False
    return not str(one["name"]).startswith(_HIDDEN)


def _index(one: Mapping[str, Any], table: Table) -> Index:
    options = one.get("dialect_options") or {}
    where = options.get("postgresql_where")
    sorting = one.get("column_sorting") or {}
    expressions = one.get("expressions") or one["column_names"]
    included = tuple(one.get("include_columns") or options.get("postgresql_include") or ())
    keys = [key for key in expressions if key not in included and not is_shard(key)]
    if table.column(_REGION) is None:
        keys = [key for key in keys if key != _REGION]
    buckets = buckets_of(expressions)
    elements = tuple(
        IndexElement(str(key), key in one["column_names"], descending="desc" in sorting.get(key, ())) for key in keys
    )
    return Index(
        one["name"],
        elements,
        unique=bool(one["unique"]),
        method=HASH if buckets is not None else _METHODS.get(str(options.get("postgresql_using"))),
        where=without_casts(where) if where else None,
        include=included,
        options=((BUCKETS, buckets),) if buckets is not None else (),
    )


def _action(action: str | None) -> str | None:
    return None if action is None or action.upper() == "NO ACTION" else action.upper()
