"""Rows of information_schema as elements; names of the keys are in lower case."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flask_schema.dialects.mysql.data_types import MOMENTS, canonical_type
from flask_schema.dialects.mysql.defaults import is_current_timestamp
from flask_schema.dialects.mysql.expressions import canonical_expression, quoted
from flask_schema.dialects.mysql.server import Server
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    Computed,
    DataType,
    ForeignKey,
    Index,
    IndexElement,
    QualifiedName,
    Trigger,
    View,
)

Row = dict[str, Any]

_JSON_COLLATION = "utf8mb4_bin"
_JSON_VALID = re.compile(r"\A\(?json_valid\(`(?P<column>(?:[^`]|``)*)`\)\)?\Z", re.IGNORECASE)
_ON_UPDATE = re.compile(r"(?i)\bon update (?P<moment>\w+(?:\(\d*\))?)")
_NUMERIC_DEFAULT = re.compile(r"\A(?:[-+]?[\d.]+(?:[eE][-+]?\d+)?|[bBxX]'[^']*'|0x[0-9A-Fa-f]+)\Z")


def column_of(row: Row, table_collation: str | None, server: Server, checks: Mapping[str, Row]) -> Column:
    """A row of COLUMNS. ``checks`` are the checks that MariaDB keeps with a column, by the column's name."""
    name, extra = row["column_name"], (row["extra"] or "")
    type_sql = _type(row, table_collation)
    check = checks.get(name)
    if check is not None and _makes_json(row, check["check_clause"]):
        type_sql = "JSON"
    computed = None
    if row.get("generation_expression"):
        expression = _unescaped(row["generation_expression"], server)
        computed = Computed(expression, "STORED" in extra.upper() or "PERSISTENT" in extra.upper())
    return Column(
        name=name,
        type=DataType(type_sql),
        nullable=row["is_nullable"] == "YES",
        default=None if computed is not None else _default(row, server),
        computed=computed,
        autoincrement="auto_increment" in extra.lower(),
        comment=row["column_comment"] or None,
    )


def _type(row: Row, table_collation: str | None) -> str:
    sql: str = canonical_type(row["column_type"]).sql
    collation = row["collation_name"]
    if collation and collation != table_collation:
        return canonical_type(f"{sql} CHARACTER SET {row['character_set_name']} COLLATE {collation}").sql
    return sql


def _makes_json(row: Row, clause: str) -> bool:
    """MariaDB's JSON is LONGTEXT with this check. https://mariadb.com/kb/en/json-data-type/"""
    quoted_name = f"`{row['column_name'].replace('`', '``')}`"
    return (
        row["data_type"] == "longtext"
        and row["collation_name"] == _JSON_COLLATION
        and canonical_expression(clause) == canonical_expression(f"json_valid({quoted_name})")
    )


def checked_column(row: Row) -> str:
    """The column that MariaDB keeps a check with.

    The check is called after the column, and keeps that name when the column gets another (seen in 10.11); JSON's own
    check tells the column by what it says.
    """
    made_json = _JSON_VALID.match(row["check_clause"])
    return made_json["column"].replace("``", "`") if made_json is not None else str(row["constraint_name"])


def _default(row: Row, server: Server) -> str | None:
    """The SQL after DEFAULT. MariaDB shows it as written; MySQL shows the value, and marks expressions in EXTRA."""
    text: str | None = row["column_default"]
    extra = row["extra"] or ""
    on_update = _ON_UPDATE.search(extra)
    if text is not None and not server.quotes_defaults:
        text = _written(text, row["data_type"], extra, server)
    if on_update is None:
        return text
    return f"{text or 'NULL'} ON UPDATE {on_update['moment']}"


def _written(text: str, data_type: str, extra: str, server: Server) -> str:
    if "DEFAULT_GENERATED" in extra.upper():
        return _unescaped(text, server)
    if data_type.upper() in MOMENTS and is_current_timestamp(text):
        return text
    return text if _NUMERIC_DEFAULT.match(text) and data_type.upper() not in ("CHAR", "VARCHAR") else quoted(text)


def _unescaped(text: str, server: Server) -> str:
    return text if server.is_mariadb else without_escapes(text)


def without_escapes(text: str) -> str:
    """MySQL 8 escapes quotes and backslashes of an expression in information_schema: ``_utf8mb4\\'x\\'``."""
    return re.sub(r"\\(['\"\\])", r"\1", text)


def index_of(rows: Sequence[Row]) -> Index:
    """The rows of STATISTICS of one index."""
    first = rows[0]
    kind = first["index_type"].upper()
    elements = tuple(_element(row, with_length=kind in ("BTREE", "HASH")) for row in rows)
    return Index(
        name=first["index_name"],
        elements=elements,
        unique=not int(first["non_unique"]),
        method=kind.lower() if kind == "HASH" else None,
        options=(("prefix", kind),) if kind in ("FULLTEXT", "SPATIAL") else (),
    )


def _element(row: Row, *, with_length: bool) -> IndexElement:
    expression = row.get("expression")
    return IndexElement(
        expression=row["column_name"] if expression is None else without_escapes(expression),
        is_column=expression is None,
        descending=row["collation"] == "D",
        length=int(row["sub_part"]) if with_length and row["sub_part"] is not None else None,
    )


def foreign_key_of(rows: Sequence[Row], rules: Iterable[Row], schema_of: Callable[[str], str | None]) -> ForeignKey:
    """The rows of KEY_COLUMN_USAGE of one foreign key, with its row of REFERENTIAL_CONSTRAINTS."""
    first = rows[0]
    rule = next(one for one in rules if one["constraint_name"] == first["constraint_name"])
    return ForeignKey(
        columns=tuple(row["column_name"] for row in rows),
        referred_table=QualifiedName(first["referenced_table_name"], schema_of(first["referenced_table_schema"])),
        referred_columns=tuple(row["referenced_column_name"] for row in rows),
        name=first["constraint_name"],
        onupdate=rule["update_rule"],
        ondelete=rule["delete_rule"],
    )


def check_of(row: Row) -> CheckConstraint:
    """A row of CHECK_CONSTRAINTS; one that MariaDB keeps with a column has no name to drop it by."""
    clause = row["check_clause"]
    if row.get("level") == "Column":
        return CheckConstraint(clause)
    return CheckConstraint(clause if "level" in row else without_escapes(clause), row["constraint_name"])


def view_of(row: Row, name: QualifiedName, default_schema: str) -> View:
    """A row of VIEWS; names of the default schema lose it."""
    definition = row["view_definition"].replace(f"`{default_schema}`.", "")
    return View(name, definition)


def trigger_of(row: Row, table: QualifiedName) -> Trigger:
    """A row of TRIGGERS as the statement that creates it."""
    definition = (
        f"CREATE TRIGGER `{row['trigger_name']}` {row['action_timing']} {row['event_manipulation']} "
        f"ON `{table.name}` FOR EACH ROW {row['action_statement']}"
    )
    return Trigger(row["trigger_name"], table, definition)
