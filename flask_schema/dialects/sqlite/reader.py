"""Reads a SQLite schema: one statement a schema, however many tables, and the texts that it keeps are parsed.

What the pragmas tell of a table is in its CREATE TABLE as well, and that also holds what they do not tell:
names of constraints, checks, expressions, AUTOINCREMENT, collations, deferral, conflict clauses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from flask_schema.dialects.dialect import Scope
from flask_schema.dialects.sqlite import create_table as parts
from flask_schema.dialects.sqlite.canonical import folded_names, type_text
from flask_schema.dialects.sqlite.create_index import parse_create_index
from flask_schema.dialects.sqlite.create_table import Clause, ColumnText, TableText, parse_create_table
from flask_schema.dialects.sqlite.tokens import closing, folded, literal, quoted, tokens_of, unquoted
from flask_schema.errors import DatabaseError
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    Computed,
    Constraint,
    DataType,
    ForeignKey,
    Index,
    IndexElement,
    Options,
    PrimaryKey,
    QualifiedName,
    Table,
    Trigger,
    UniqueConstraint,
    View,
)
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
    for row in rows:
        if row.type != "table" or row.sql is None or row.name in passed or row.name.startswith(_PASSED):
            continue
        if scope.include_table is not None and not scope.include_table(schema, row.name):
            continue
        text = parsed_or_refused(_parse_without_places, row)
        yield table_of(text, QualifiedName(row.name, schema), indexes.get(row.name, ()))


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


# -- from texts to elements -------------------------------------------------------------------


def table_of(text: TableText, name: QualifiedName, indexes: Iterable[Index] = ()) -> Table:
    """A parsed CREATE TABLE and its indexes as a table."""
    declared = folded_names(column.name for column in text.columns)
    clauses = text.clauses()
    found = [one for one in (constraint_of(clause, declared, name.schema) for clause in clauses) if one is not None]
    key = next((clause for clause in clauses if clause.kind == parts.PRIMARY_KEY), None)
    return Table(
        name=name,
        columns=tuple(_column(column) for column in text.columns),
        primary_key=next((one for one in found if isinstance(one, PrimaryKey)), None),
        unique_constraints=tuple(one for one in found if isinstance(one, UniqueConstraint)),
        foreign_keys=tuple(one for one in found if isinstance(one, ForeignKey)),
        checks=tuple(one for one in found if isinstance(one, CheckConstraint)),
        indexes=tuple(_spelled_index(index, declared) for index in indexes),
        options=_table_options(text, key),
        sql=text.text,
    )


def constraint_of(clause: Clause, declared: Mapping[str, str], schema: str | None) -> Constraint | None:
    """A clause as a constraint, None for NOT NULL and the like. ``declared`` has the columns by folded name."""
    if clause.kind == parts.PRIMARY_KEY:
        return PrimaryKey(_spelled(clause, declared), clause.name, options=_conflict(clause))
    if clause.kind == parts.UNIQUE:
        return UniqueConstraint(_spelled(clause, declared), clause.name, options=_conflict(clause))
    if clause.kind == parts.FOREIGN_KEY:
        return foreign_key_of(clause, declared, schema)
    if clause.kind == parts.CHECK:
        return CheckConstraint(clause.text, clause.name, _conflict(clause))
    return None


def _table_options(text: TableText, key: Clause | None) -> Options:
    options: list[tuple[str, Any]] = []
    if key is not None and key.autoincrement is not None:
        options.append(("autoincrement", True))
    if text.strict:
        options.append(("strict", True))
    if text.without_rowid:
        options.append(("with_rowid", False))
    return tuple(options)


def _column(text: ColumnText) -> Column:
    sql, default, computed, nullable = text.type, None, None, True
    options: Options = ()
    autoincrement = False
    for clause in text.clauses:
        if clause.kind == parts.NOT_NULL:
            nullable = False
            if clause.on_conflict is not None:
                options = (("on_conflict_not_null", clause.on_conflict),)
        elif clause.kind == parts.DEFAULT:
            default = clause.text
        elif clause.kind == parts.GENERATED:
            computed = Computed(clause.text, clause.stored)
        elif clause.kind == parts.COLLATE:
            sql = type_text(f"{sql} COLLATE {quoted(clause.text)}")
        elif clause.kind == parts.PRIMARY_KEY:
            autoincrement = clause.autoincrement is not None
    return Column(text.name, DataType(sql), nullable, default, computed, None, autoincrement, None, options)


def _conflict(clause: Clause) -> Options:
    return (("on_conflict", clause.on_conflict),) if clause.on_conflict is not None else ()


def _spelled(clause: Clause, declared: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(declared.get(folded(name), name) for name in clause.columns)


def foreign_key_of(clause: Clause, declared: Mapping[str, str], schema: str | None) -> ForeignKey:
    """A REFERENCES clause as a foreign key; ``declared`` has the table's columns by folded name."""
    reference = clause.reference
    assert reference is not None
    return ForeignKey(
        columns=_spelled(clause, declared),
        referred_table=QualifiedName(reference.table, schema),
        referred_columns=reference.columns,
        name=clause.name,
        onupdate=reference.onupdate,
        ondelete=reference.ondelete,
        deferrable=reference.deferrable,
        initially=reference.initially,
        match=reference.match,
    )


def _spelled_index(index: Index, declared: Mapping[str, str]) -> Index:
    if all(
        not element.is_column or declared.get(folded(element.expression)) == element.expression
        for element in index.elements
    ):
        return index
    elements = tuple(
        IndexElement(
            declared.get(folded(one.expression), one.expression), True, one.descending, collation=one.collation
        )
        if one.is_column
        else one
        for one in index.elements
    )
    return Index(index.name, elements, index.unique, index.where)


def view_of(name: QualifiedName, sql: str) -> View:
    """A CREATE VIEW as a view; a list of column names is kept as the option ``columns``."""
    tokens = tokens_of(sql)
    place = next(place for place, token in enumerate(tokens) if place > 1 and token.text.upper() == "AS")
    columns: tuple[str, ...] = ()
    opening = next((one for one in range(2, place) if tokens[one].text == "("), None)
    if opening is not None:
        end = closing([token.text for token in tokens], opening)
        columns = tuple(unquoted(token.text) for token in tokens[opening + 1 : end] if token.text != ",")
    definition = sql[tokens[place].end :].strip().rstrip(";")
    return View(name, definition, options=(("columns", columns),) if columns else ())
