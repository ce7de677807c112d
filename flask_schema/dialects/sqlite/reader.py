"""Reads a SQLite schema: one statement a schema, however many tables, and the texts that it keeps are parsed.

What the pragmas tell of a table is in its CREATE TABLE as well, and that also holds what they do not tell:
names of constraints, checks, expressions, AUTOINCREMENT, collations, deferral, conflict clauses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from flask_schema.dialects.dialect import Scope
from flask_schema.dialects.sqlite.create_index import parse_create_index
from flask_schema.dialects.sqlite.create_table import TableText, parse_create_table
from flask_schema.dialects.sqlite.definitions import Definitions
from flask_schema.dialects.sqlite.from_text import table_of, view_of
from flask_schema.dialects.sqlite.tokens import folded, literal, quoted
from flask_schema.errors import DatabaseError
from flask_schema.snapshot.elements import Index, QualifiedName, Table, Trigger, View
from flask_schema.snapshot.snapshot import Snapshot

_TABLE_LIST_VERSION: Final = (3, 37)
_VIRTUAL: Final = "CREATE VIRTUAL"
_PASSED: Final = ("sqlite_", "_flask_schema_new_")
"""Tables of SQLite's own, and what a killed rebuild left behind."""


class SchemaRow(NamedTuple):
    """A row of ``sqlite_master``; ``sql`` is None for an index that a constraint brought along."""

    type: str
    name: str
    table: str
    sql: str | None


def read_snapshot(connection: sa.Connection, scope: Scope) -> Snapshot:
    """The tables, views and triggers in ``scope``, not yet in canonical form. Raises DatabaseError."""
    tables: dict[QualifiedName, Table] = {}
    views: dict[QualifiedName, View] = {}
    triggers: dict[tuple[QualifiedName, str], Trigger] = {}
    for schema in scope.schemas:
        rows = schema_rows(connection, schema, scope.only_tables)
        for table in _tables(connection, schema, rows, scope):
            tables[table.name] = table
        for row in rows:
            name = QualifiedName(row.name, schema)
            if row.type == "view" and row.sql is not None:
                views[name] = view_of(name, row.sql)
            elif row.type == "trigger" and row.sql is not None:
                owner = QualifiedName(row.table, schema)
                triggers[owner, row.name] = Trigger(row.name, owner, row.sql)
    schemas = frozenset(schema for schema in scope.schemas if schema is not None)
    return Snapshot("sqlite", tables=tables, views=views, triggers=triggers, schemas=schemas)


def schema_rows(
    connection: sa.Connection, schema: str | None, only: Iterable[QualifiedName] | None = None
) -> list[SchemaRow]:
    """The rows of a schema's ``sqlite_master`` in the order of their creation."""
    query = f"SELECT type, name, tbl_name, sql FROM {quoted(schema or 'main')}.sqlite_master"
    if only is not None:
        names = ", ".join(sorted(literal(folded(name.name)) for name in only if name.schema == schema)) or "NULL"
        query += f" WHERE lower(tbl_name) IN ({names})"
    result = connection.exec_driver_sql(query, execution_options={"no_parameters": True})
    return [SchemaRow(*row) for row in result]


def _tables(connection: sa.Connection, schema: str | None, rows: list[SchemaRow], scope: Scope) -> Iterable[Table]:
    indexes: dict[str, list[Index]] = {}
    for row in rows:
        if row.type == "index" and row.sql is not None:
            indexes.setdefault(row.table, []).append(parsed_or_refused(parse_create_index, row))
    passed = _virtual_and_shadow(connection, schema, rows)
    definitions = Definitions(schema)
    for row in rows:
        if row.type != "table" or row.sql is None or row.name in passed or row.name.startswith(_PASSED):
            continue
        if scope.include_table is not None and not scope.include_table(schema, row.name):
            continue
        name, own = QualifiedName(row.name, schema), indexes.get(row.name, ())
        table = definitions.table(row.sql, name, own)
        yield table if table is not None else table_of(parsed_or_refused(_parse_without_places, row), name, own)


def _parse_without_places(sql: str) -> TableText:
    return parse_create_table(sql, places=False)


def parsed_or_refused(parse: Callable[[str], Any], row: SchemaRow) -> Any:
    """What ``parse`` makes of a row's text. Raises DatabaseError for a text it cannot read."""
    try:
        return parse(row.sql or "")
    except (ValueError, IndexError) as problem:
        raise DatabaseError(
            f"the text that SQLite keeps of {row.type} {row.name} cannot be read: {problem}", statement=row.sql
        ) from problem


def _virtual_and_shadow(connection: sa.Connection, schema: str | None, rows: list[SchemaRow]) -> frozenset[str]:
    """Virtual tables and the tables that they keep their data in: they belong to their module."""
    virtual = {row.name for row in rows if row.type == "table" and (row.sql or "")[:14].upper() == _VIRTUAL}
    if not virtual:
        return frozenset()
    dialect: Any = connection.dialect
    if dialect.server_version_info >= _TABLE_LIST_VERSION:
        listed = connection.exec_driver_sql(f"PRAGMA {quoted(schema or 'main')}.table_list")
        return frozenset(row[1] for row in listed if row[2] in ("virtual", "shadow"))
    return frozenset(
        row.name for row in rows if row.name in virtual or any(row.name.startswith(f"{one}_") for one in virtual)
    )
