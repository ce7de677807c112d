"""Reads a schema from information_schema, in a number of queries that does not grow with the number of tables.

https://dev.mysql.com/doc/refman/8.4/en/information-schema.html and
https://mariadb.com/kb/en/information-schema-tables/ say what is where; they differ in defaults (MariaDB quotes
strings, MySQL marks expressions in EXTRA), in checks and in JSON, which MariaDB keeps as LONGTEXT with a check.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from flask_schema.dialects.dialect import Scope
from flask_schema.dialects.mysql.expressions import quoted
from flask_schema.dialects.mysql.programs import PARAMETERS, ROUTINES, routines_of
from flask_schema.dialects.mysql.rows import (
    Row,
    check_of,
    checked_column,
    column_of,
    foreign_key_of,
    index_of,
    trigger_of,
    view_of,
)
from flask_schema.dialects.mysql.server import Server
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Function,
    Index,
    Options,
    PrimaryKey,
    QualifiedName,
    Sequence,
    Table,
    UniqueConstraint,
)
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass

_Rows = Mapping[QualifiedName, list[Row]]

_KEPT_OPTIONS = frozenset(
    {"row_format", "key_block_size", "stats_persistent", "stats_auto_recalc", "stats_sample_pages", "pack_keys"}
    | {"checksum", "delay_key_write", "max_rows", "min_rows", "avg_row_length"}
)

_COLUMNS = "SELECT * FROM information_schema.COLUMNS WHERE {where} ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION"
_INDEXES = (
    "SELECT * FROM information_schema.STATISTICS WHERE {where} "
    "ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX"
)
_KEYS = (
    "SELECT * FROM information_schema.KEY_COLUMN_USAGE WHERE {where} AND REFERENCED_TABLE_NAME IS NOT NULL "
    "ORDER BY TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION"
)
_RULES = "SELECT * FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE {where}"
_CHECKS_MARIADB = "SELECT * FROM information_schema.CHECK_CONSTRAINTS WHERE {where}"
_CHECKS_MYSQL = (
    "SELECT owner.TABLE_SCHEMA, owner.TABLE_NAME, found.CONSTRAINT_NAME, found.CHECK_CLAUSE "
    "FROM information_schema.TABLE_CONSTRAINTS AS owner "
    "JOIN information_schema.CHECK_CONSTRAINTS AS found ON found.CONSTRAINT_SCHEMA = owner.CONSTRAINT_SCHEMA "
    "AND found.CONSTRAINT_NAME = owner.CONSTRAINT_NAME WHERE owner.CONSTRAINT_TYPE = 'CHECK' AND {where}"
)
_VIEWS = "SELECT * FROM information_schema.VIEWS WHERE {where}"
_TRIGGERS = "SELECT * FROM information_schema.TRIGGERS WHERE {where} ORDER BY ACTION_ORDER"


@dataclass(frozen=True, slots=True)
class _Parts:
    """The rows of one table."""

    columns: list[Row]
    indexes: list[Row]
    keys: list[Row]
    rules: list[Row]
    checks: list[Row]


class Reader:
    """Reads what ``scope`` names from one connection."""

    def __init__(self, connection: sa.Connection, scope: Scope, server: Server) -> None:
        self.connection = connection
        self.scope = scope
        self.server = server
        self.default_schema = self._rows("SELECT DATABASE() AS name")[0]["name"]
        self.schemas = [schema or self.default_schema for schema in scope.schemas]

    def read(self) -> Snapshot:
        """The schema, its texts still as the server prints them, made comparable by ``canonical`` afterwards."""
        found = self._rows(f"SELECT * FROM information_schema.TABLES WHERE {self._where()}")
        owners = {self._name(row): row for row in found}
        tables = {
            name: row
            for name, row in owners.items()
            if row["table_type"] in ("BASE TABLE", "SYSTEM VERSIONED") and self._is_wanted(name)
        }
        read = self._tables(tables)
        whole = self.scope.only_tables is None
        views = [name for name, row in owners.items() if row["table_type"] == "VIEW"]
        return Snapshot(
            dialect=self.connection.dialect.name,
            tables=read,
            sequences=self._sequences([name for name, row in owners.items() if row["table_type"] == "SEQUENCE"]),
            views={view.name: view for view in map(self._view, self._rows(self._query(_VIEWS)))}
            if views and whole
            else {},
            triggers={(one.table, one.name): one for one in map(self._trigger, self._triggers()) if one.table in read}
            if whole
            else {},
            functions=self._functions() if whole and self.scope.views_and_routines else {},
            schemas=frozenset(schema for schema in self.scope.schemas if schema is not None),
        )

    # -- queries ------------------------------------------------------------------------------

    def _rows(self, sql: str) -> list[Row]:
        result = self.connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
        return [{str(key).lower(): _text(value) for key, value in row.items()} for row in result.mappings()]

    def _where(self, schema_column: str = "TABLE_SCHEMA", table_column: str | None = "TABLE_NAME") -> str:
        schemas = ", ".join(quoted(schema) for schema in self.schemas)
        where = f"{schema_column} IN ({schemas})"
        if self.scope.only_tables is not None and table_column is not None:
            names = ", ".join(quoted(name.name) for name in sorted(self.scope.only_tables, key=str)) or "NULL"
            where += f" AND {table_column} IN ({names})"
        return where

    def _query(self, sql: str, schema_column: str = "TABLE_SCHEMA", table_column: str = "TABLE_NAME") -> str:
        # not str.format: a name may hold braces
        return sql.replace("{where}", self._where(schema_column, table_column))

    def _by_table(self, rows: Iterable[Row], schema: str = "table_schema") -> _Rows:
        grouped: dict[QualifiedName, list[Row]] = defaultdict(list)
        for row in rows:
            grouped[self._name(row, schema)].append(row)
        return grouped

    def _name(self, row: Row, schema: str = "table_schema", table: str = "table_name") -> QualifiedName:
        return QualifiedName(row[table], self._schema(row[schema]))

    def _schema(self, schema: str) -> str | None:
        return None if schema == self.default_schema else schema

    def _is_wanted(self, name: QualifiedName) -> bool:
        include, only = self.scope.include_table, self.scope.only_tables
        if only is not None and name not in only and name.name not in {one.name for one in only if not one.schema}:
            return False
        return include is None or include(name.schema, name.name)

    # -- elements -----------------------------------------------------------------------------

    def _tables(self, owners: Mapping[QualifiedName, Row]) -> dict[QualifiedName, Table]:
        if not owners:
            return {}
        columns = self._by_table(self._rows(self._query(_COLUMNS)))
        indexes = self._by_table(self._rows(self._query(_INDEXES)))
        keys = self._by_table(self._rows(self._query(_KEYS)))
        rules = (
            self._by_table(self._rows(self._query(_RULES, "CONSTRAINT_SCHEMA")), "constraint_schema") if keys else {}
        )
        checks = self._checks()
        return {
            name: self._table(
                name, row, _Parts(columns[name], indexes[name], keys[name], rules.get(name, []), checks[name])
            )
            for name, row in owners.items()
        }

    def _checks(self) -> _Rows:
        if not self.server.has_checks:
            return defaultdict(list)
        if self.server.is_mariadb:
            return self._by_table(self._rows(self._query(_CHECKS_MARIADB, "CONSTRAINT_SCHEMA")), "constraint_schema")
        return self._by_table(self._rows(self._query(_CHECKS_MYSQL, "owner.TABLE_SCHEMA", "owner.TABLE_NAME")))

    def _table(self, name: QualifiedName, row: Row, parts: _Parts) -> Table:
        primary, uniques, others = _indexes(parts.indexes)
        inside = {checked_column(one): one for one in parts.checks if one.get("level") == "Column"}
        columns = tuple(column_of(one, row["table_collation"], self.server, inside) for one in parts.columns)
        json = {column.name for column in columns if column.type.sql == "JSON"}
        return Table(
            name=name,
            columns=columns,
            primary_key=primary,
            unique_constraints=tuple(uniques),
            foreign_keys=tuple(foreign_key_of(rows, parts.rules, self._schema) for rows in _groups(parts.keys)),
            checks=tuple(_read_checks(parts.checks, json)),
            indexes=tuple(others),
            comment=row["table_comment"] or None,
            options=_options(row),
        )

    def _sequences(self, names: list[QualifiedName]) -> dict[QualifiedName, Sequence]:
        if not names or self.scope.only_tables is not None:
            return {}
        quote = self.connection.dialect.identifier_preparer.quote
        selects = (
            f"SELECT {quoted(name.schema or self.default_schema)} AS table_schema, {quoted(name.name)} AS table_name, "
            "start_value, increment, minimum_value, maximum_value, cache_size, cycle_option "
            f"FROM {quote(name.schema or self.default_schema)}.{quote(name.name)}"
            for name in names
        )
        rows = {self._name(row): row for row in self._rows(" UNION ALL ".join(selects))}
        return {
            name: Sequence(
                name=name,
                start=int(row["start_value"]),
                increment=int(row["increment"]),
                minimum=int(row["minimum_value"]),
                maximum=int(row["maximum_value"]),
                cycle=bool(int(row["cycle_option"])),
                cache=int(row["cache_size"]),
            )
            for name, row in rows.items()
        }

    def _view(self, row: Row) -> Any:
        return view_of(row, self._name(row), self.default_schema)

    def _functions(self) -> dict[tuple[QualifiedName, str], Function]:
        routines = self._rows(ROUTINES.replace("{where}", self._where("ROUTINE_SCHEMA", None)))
        parameters = self._rows(PARAMETERS.replace("{where}", self._where("SPECIFIC_SCHEMA", None))) if routines else ()
        named = (
            replace(one, name=QualifiedName(one.name.name, self._schema(schema)))
            for schema, one in routines_of(routines, parameters)
        )
        return {(one.name, one.arguments): one for one in named}

    def _triggers(self) -> list[Row]:
        return self._rows(self._query(_TRIGGERS, "EVENT_OBJECT_SCHEMA", "EVENT_OBJECT_TABLE"))

    def _trigger(self, row: Row) -> Any:
        return trigger_of(row, self._name(row, "event_object_schema", "event_object_table"))


def _text(value: Any) -> Any:
    """MySQL 8 and some drivers give texts of information_schema as bytes."""
    return value.decode("utf-8") if isinstance(value, (bytes, bytearray)) else value


def _groups(rows: Iterable[Row], key: str = "constraint_name") -> Iterable[list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row[key]].append(row)
    return grouped.values()


def _indexes(rows: Iterable[Row]) -> tuple[PrimaryKey | None, list[UniqueConstraint], list[Index]]:
    """A unique index over plain columns is a unique constraint; ``settle`` asks the model which of both it meant."""
    primary, uniques, others = None, [], []
    for group in _groups(rows, "index_name"):
        index = index_of(group)
        if index.name == "PRIMARY":
            primary = PrimaryKey(index.columns)
        elif index.unique and all(is_plain(one) for one in index.elements) and index.method is None:
            uniques.append(UniqueConstraint(index.columns, index.name))
        else:
            others.append(index)
    return primary, uniques, others


def is_plain(element: Any) -> bool:
    """Whether an index element is a whole column in ascending order."""
    return bool(element.is_column and not element.descending and element.length is None)


def _read_checks(rows: Iterable[Row], json: set[str]) -> Iterable[CheckConstraint]:
    """Checks of a table; the one that makes a column JSON in MariaDB is part of its type."""
    for row in rows:
        if row.get("level") != "Column" or checked_column(row) not in json:
            yield check_of(row)


def _options(row: Row) -> Options:
    """ENGINE, character set and what was said explicitly. https://dev.mysql.com/doc/refman/8.4/en/create-table.html"""
    options: dict[str, Any] = {}
    if row["engine"]:
        options["engine"] = row["engine"]
    if row["table_collation"]:
        options["collate"] = row["table_collation"]
        options["charset"] = row["table_collation"].partition("_")[0]
    for pair in (row["create_options"] or "").split():
        key, _, value = pair.partition("=")
        if key.lower() in _KEPT_OPTIONS:
            options[key.lower()] = value
    return tuple(sorted(options.items()))
