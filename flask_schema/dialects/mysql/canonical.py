"""Snapshots in the form in which MySQL's and MariaDB's are compared. Pure: nothing is asked of a server."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from flask_schema.dialects.mysql.data_types import canonical_type
from flask_schema.dialects.mysql.defaults import canonical_default
from flask_schema.dialects.mysql.expressions import canonical_expression
from flask_schema.dialects.mysql.index_rules import counts
from flask_schema.dialects.mysql.programs import canonical_programs
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    Computed,
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

_OPTION_NAMES = {
    "default_charset": "charset",
    "default_character_set": "charset",
    "character_set": "charset",
    "default_collate": "collate",
}
_COLUMN_KEY = re.compile(
    r"(?i)(?:(?P<name>[\w$]+)|`(?P<quoted>(?:[^`]|``)+)`)(?:\s*\(\s*(?P<length>\d+)\s*\))?(?:\s+(?P<order>ASC|DESC))?\Z"
)
SEQUENCE_DEFAULTS: dict[str, int] = {
    "start": 1,
    "increment": 1,
    "minimum": 1,
    "maximum": 9_223_372_036_854_775_806,
    "cache": 1000,
}
"""What MariaDB takes where CREATE SEQUENCE says nothing. https://mariadb.com/kb/en/create-sequence/"""


def canonical_snapshot(snapshot: Snapshot) -> Snapshot:
    """The snapshot with every table and sequence in canonical form."""
    tables = (canonical_table(table) for table in snapshot.tables.values())
    sequences = (canonical_sequence(one) for one in snapshot.sequences.values())
    return replace(
        canonical_programs(snapshot),
        tables={table.name: table for table in tables},
        sequences={sequence.name: sequence for sequence in sequences},
    )


def canonical_table(table: Table) -> Table:
    """The table in canonical form."""
    options = canonical_options(table.options)
    memory = str(dict(options).get("engine", "")).upper() in ("MEMORY", "HEAP", "NDB", "NDBCLUSTER")
    key = table.primary_key
    return replace(
        table,
        columns=tuple(
            canonical_column(column, in_key=key is not None and column.name in key.columns) for column in table.columns
        ),
        primary_key=PrimaryKey(key.columns) if key is not None else None,
        unique_constraints=tuple(UniqueConstraint(one.columns, one.name) for one in table.unique_constraints),
        foreign_keys=tuple(canonical_foreign_key(one, table.name) for one in table.foreign_keys),
        checks=tuple(canonical_check(one) for one in table.checks),
        indexes=tuple(canonical_index(one, hash_is_kept=memory) for one in table.indexes),
        comment=table.comment or None,
        options=options,
    )


def canonical_options(options: Options) -> Options:
    """Table options with one name each, in lower case."""
    named = {str(key).lower().replace(" ", "_"): value for key, value in options}
    return tuple(sorted((_OPTION_NAMES.get(key, key), value) for key, value in named.items()))


def canonical_column(column: Column, *, in_key: bool = False) -> Column:
    """The column in canonical form; a column of the primary key is NOT NULL whatever it says."""
    sql = canonical_type(column.type.sql).sql
    computed = column.computed
    numbered = counts(column)
    return replace(
        column,
        type=replace(column.type, sql=sql),
        nullable=column.nullable and not in_key and not numbered,
        default=None if computed is not None else canonical_default(column.default, sql),
        autoincrement=numbered,
        computed=Computed(canonical_expression(computed.expression), bool(computed.stored)) if computed else None,
        comment=column.comment or None,
    )


def canonical_foreign_key(key: ForeignKey, table: QualifiedName) -> ForeignKey:
    """NO ACTION and RESTRICT are the same to InnoDB, and are what goes without saying; nothing can be deferred."""
    target = key.referred_table
    return ForeignKey(
        columns=key.columns,
        referred_table=target,
        referred_columns=key.referred_columns,
        name=key.name,
        onupdate=_action(key.onupdate),
        ondelete=_action(key.ondelete),
    )


def _action(action: str | None) -> str | None:
    upper = action.upper() if action else None
    return None if upper in ("NO ACTION", "RESTRICT") else upper


def canonical_check(check: CheckConstraint) -> CheckConstraint:
    """The check with its expression in canonical form."""
    return replace(check, expression=canonical_expression(check.expression))


def canonical_index(index: Index, *, hash_is_kept: bool = False) -> Index:
    """The index in canonical form; InnoDB makes a BTREE of every HASH."""
    method = index.method.lower() if index.method else None
    if method == "btree" or (method == "hash" and not hash_is_kept):
        method = None
    options = {key: value.upper() if key == "prefix" else value for key, value in index.options}
    unique = index.unique
    if str(options.get("prefix", "")) == "UNIQUE":
        unique = True
        del options["prefix"]
    return replace(
        index,
        elements=tuple(canonical_element(one) for one in index.elements),
        unique=unique,
        method=method,
        options=tuple(sorted(options.items())),
    )


def canonical_element(element: IndexElement) -> IndexElement:
    """The element; ``text("name(10) DESC")`` is a column to MySQL, which wants an expression in parentheses."""
    if element.is_column:
        return element
    column = _COLUMN_KEY.match(element.expression.strip())
    if column is None:
        return replace(element, expression=canonical_expression(element.expression), verbatim=False)
    name = column["name"] or column["quoted"].replace("``", "`")
    length = int(column["length"]) if column["length"] else element.length
    descending = element.descending or (column["order"] or "").upper() == "DESC"
    return replace(element, expression=name, is_column=True, descending=descending, length=length, verbatim=False)


def canonical_sequence(sequence: Sequence) -> Sequence:
    """The sequence without what goes without saying."""
    unsaid: dict[str, Any] = {
        name: None for name, value in SEQUENCE_DEFAULTS.items() if getattr(sequence, name) == value
    }
    return replace(sequence, **unsaid, data_type=None)
