"""The one form in which SQLite's texts and facets are compared.

It stays as close as possible to what SQLAlchemy writes, since it is also what a user gets to read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

from flask_schema.dialects.sqlite.create_index import key_of
from flask_schema.dialects.sqlite.create_table import even_type
from flask_schema.dialects.sqlite.tokens import (
    folded,
    is_word,
    literal,
    quoted,
    texts_of,
    tokens_of,
    unquoted,
    without_outer_parentheses,
)
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    Computed,
    DataType,
    ForeignKey,
    Index,
    IndexElement,
    Options,
    PrimaryKey,
    QualifiedName,
    Table,
    UniqueConstraint,
)
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.snapshot.type_text import TypeText

_COLLATION: Final = re.compile(r"(?i)(?P<type>.*?)\s*\bCOLLATE\s+(?P<name>\"[^\"]*\"|\S+)\s*\Z", re.DOTALL)
_EVEN_TYPE: Final = re.compile(r"[A-Z][A-Z_]*(?:\([0-9]+\))?\Z")
_PLAIN_DEFAULT: Final = re.compile(r"(?:[0-9]+|'[^']*'|[A-Z_]+)\Z")
_SAME_TYPES: Final = {"INT": "INTEGER", "BOOL": "BOOLEAN"}
_CONFLICT_OPTIONS: Final = frozenset(("on_conflict_primary_key", "on_conflict_unique"))

# -- texts ------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def type_text(sql: str) -> str:
    """A type with even blanks, in upper case, its collation last: ``VARCHAR(50) COLLATE "NOCASE"``.

    BINARY, which is every column's collation, is left out. A collation is folded to upper case:
    SQLite compares their names so.
    """
    if _EVEN_TYPE.match(sql):
        return _SAME_TYPES.get(sql, sql)
    bare, collation = split_collation(sql)
    even = even_type(texts_of(bare))
    even = _SAME_TYPES.get(even, even)
    return f"{even} COLLATE {quoted(collation)}" if collation is not None else even


def split_collation(sql: str) -> tuple[str, str | None]:
    """A type's text without its collation, and the collation in upper case; None where it is BINARY."""
    found = _COLLATION.match(sql)
    if found is None:
        return sql, None
    name = unquoted(found["name"]).upper()
    return found["type"], None if name == "BINARY" else name


@lru_cache(maxsize=4096)
def default_text(sql: str) -> str:
    """The text after DEFAULT: a literal bare, anything else in one pair of parentheses, as SQLite wants it."""
    if _PLAIN_DEFAULT.match(sql):
        return sql
    text = without_outer_parentheses(sql)
    tokens = tokens_of(text)
    if len(tokens) == 1:
        one = tokens[0].text
        if one[0] == '"':  # no column can be meant in a default: SQLite reads a string
            return literal(unquoted(one))
        return one
    if len(tokens) == 2 and tokens[0].text in ("+", "-") and tokens[1].text[0] in ".0123456789":
        return tokens[0].text + tokens[1].text
    return f"({text})"


def _canonical_default(sql: str) -> str:
    text = default_text(sql)
    return text.upper() if is_word(text) else text  # true is TRUE


# -- elements ---------------------------------------------------------------------------------


def canonical_snapshot(snapshot: Snapshot) -> Snapshot:
    """All tables in canonical form; a foreign key that names no columns gets those of its target's key."""
    met: Met = {}
    tables = {name: canonical_table(table, met) for name, table in snapshot.tables.items()}
    keys: dict[QualifiedName, PrimaryKey] | None = None
    for name, table in tables.items():
        if any(not key.referred_columns for key in table.foreign_keys):
            if keys is None:
                keys = {one.name: one.primary_key for one in tables.values() if one.primary_key is not None}
            tables[name] = replace(table, foreign_keys=tuple(_spelled_out(key, keys) for key in table.foreign_keys))
    return replace(snapshot, tables=tables)


def _spelled_out(key: ForeignKey, keys: Mapping[QualifiedName, PrimaryKey]) -> ForeignKey:
    if key.referred_columns or key.referred_table not in keys:
        return key
    return replace(key, referred_columns=keys[key.referred_table].columns)


Met = dict[int, tuple[Column, Column]]
"""Columns outside of keys by identity, each with its canonical form: many tables have the same ones."""


def canonical_table(table: Table, met: Met | None = None) -> Table:
    """A table in canonical form: what SQLite does not have is gone, what it implies is said."""
    options = {key: value for key, value in table.options if value not in (None, "")} if table.options else {}
    key = canonical_primary_key(table)
    numbered = bool(options.get("autoincrement")) and key is not None and len(key.columns) == 1
    never_null = _never_null(table, key, options)
    if not numbered:
        options.pop("autoincrement", None)
    elif key is not None:
        key = replace(key, name=None)  # SQLAlchemy writes the key on the column then, without its name
    schema = table.name.schema
    return Table(
        name=table.name,
        columns=_canonical_columns(table, key, numbered, never_null, {} if met is None else met),
        primary_key=key,
        unique_constraints=tuple([_canonical_unique(one, table) for one in table.unique_constraints]),
        foreign_keys=tuple([_canonical_foreign_key(one, schema) for one in table.foreign_keys]),
        checks=tuple(map(_canonical_check, table.checks)),
        excludes=table.excludes,
        indexes=tuple(sorted(map(canonical_index, table.indexes), key=lambda index: index.name or "")),
        options=tuple(sorted(options.items())),
        sql=table.sql,
        renamed_from=table.renamed_from,
    )


def _canonical_columns(
    table: Table, key: PrimaryKey | None, numbered: bool, never_null: frozenset[str], met: Met
) -> tuple[Column, ...]:
    in_key = key.columns if key is not None else ()
    found = []
    for column in table.columns:
        if column.name in in_key:
            found.append(canonical_column(column, key, numbered, column.name in never_null))
            continue
        known = met.get(id(column))
        if known is None:
            known = met[id(column)] = (column, canonical_column(column, None, False, False))
        found.append(known[1])
    return tuple(found)


def _never_null(table: Table, key: PrimaryKey | None, options: Mapping[str, Any]) -> frozenset[str]:
    """The columns of the key that cannot hold NULL whether they say so or not.

    An INTEGER PRIMARY KEY is the rowid; without a rowid, every column of the key is NOT NULL
    (https://sqlite.org/lang_createtable.html#the_primary_key).
    """
    if key is None:
        return frozenset()
    if options.get("with_rowid") is False:
        return frozenset(key.columns)
    return frozenset(key.columns) if rowid_alias(table, key) is not None else frozenset()


def rowid_alias(table: Table, key: PrimaryKey | None) -> str | None:
    """The name of the column that is the rowid (INTEGER PRIMARY KEY), or None."""
    if key is None or len(key.columns) != 1 or dict(table.options).get("with_rowid") is False:
        return None
    column = table.column(key.columns[0])
    return column.name if column is not None and column.type.sql.strip().upper() == "INTEGER" else None


def canonical_column(column: Column, key: PrimaryKey | None, numbered: bool, never_null: bool) -> Column:
    """A column in canonical form. ``numbered``: the key has AUTOINCREMENT. ``never_null``: it cannot hold NULL."""
    in_key = key is not None and column.name in key.columns
    sql = "INT" if in_key and column.type.sql.upper() == "INT" else type_text(column.type.sql)  # INT is no rowid
    options = column.options
    if options:
        options = tuple(
            (name, _conflict(value) if name.startswith("on_conflict") else value)
            for name, value in options
            if name not in _CONFLICT_OPTIONS
        )
    nullable = column.nullable and not never_null
    default = _canonical_default(column.default) if column.default is not None else None
    computed = column.computed
    if (
        sql == column.type.sql
        and default == column.default
        and nullable == column.nullable
        and column.autoincrement == (numbered and in_key)
        and options is column.options
        and (computed or column.identity or column.comment or column.type.enum) is None
    ):
        return column
    if computed is not None:
        computed = Computed(without_outer_parentheses(computed.expression), bool(computed.stored))
    kept = column.type
    return replace(
        column,
        type=kept if kept.sql == sql and kept.enum is None else DataType(sql, kept.python),
        nullable=nullable,
        default=default,
        computed=computed,
        identity=None,
        autoincrement=numbered and in_key,
        comment=None,
        options=options,
    )


def canonical_primary_key(table: Table) -> PrimaryKey | None:
    """The key, with the conflict clause that SQLAlchemy lets a column carry."""
    key = table.primary_key
    if key is None:
        return None
    options = _own_conflict(key.options, key.columns, table, "on_conflict_primary_key")
    return key if options == key.options else replace(key, options=options)


def _canonical_unique(constraint: UniqueConstraint, table: Table) -> UniqueConstraint:
    options = _own_conflict(constraint.options, constraint.columns, table, "on_conflict_unique")
    return constraint if options == constraint.options else replace(constraint, options=options)


def _own_conflict(options: Options, columns: tuple[str, ...], table: Table, option: str) -> Options:
    clause = dict(options).get("on_conflict") if options else None
    if clause is None and len(columns) == 1:
        column = table.column(columns[0])
        clause = dict(column.options).get(option) if column is not None and column.options else None
    return (("on_conflict", _conflict(clause)),) if clause is not None else ()


def _conflict(clause: Any) -> str:
    return str(clause).upper()


def _canonical_foreign_key(key: ForeignKey, schema: str | None) -> ForeignKey:
    """A key never leaves its schema, so its target is named as its own table is."""
    target = key.referred_table
    if target.schema == schema and not key.options:
        return key
    return replace(key, referred_table=QualifiedName(target.name, schema), options=())


def _canonical_check(check: CheckConstraint) -> CheckConstraint:
    expression = without_outer_parentheses(check.expression)
    options = tuple((key, _conflict(value)) for key, value in check.options if key == "on_conflict")
    if expression == check.expression and options == check.options:
        return check
    return replace(check, expression=expression, options=options)


def canonical_index(index: Index) -> Index:
    """An index whose keys are columns wherever they can be, with their collation apart."""
    if index.where is None and index.method is None and not index.include and all(map(_is_plain, index.elements)):
        return index
    elements = tuple(_canonical_element(element) for element in index.elements)
    where = without_outer_parentheses(index.where) if index.where is not None else None
    if elements == index.elements and where == index.where and index.method is None and not index.include:
        return index
    return replace(index, elements=elements, where=where, method=None, include=(), nulls_not_distinct=False)


def _is_plain(element: IndexElement) -> bool:
    """Whether a key is a column and nothing more."""
    return (
        element.is_column
        and element.opclass is None
        and element.length is None
        and element.collation is None
        and element.nulls is None
    )


def _canonical_element(element: IndexElement) -> IndexElement:
    if _is_plain(element):
        return element
    if element.is_column:
        collation = element.collation.upper() if element.collation else None
        return IndexElement(
            element.expression, True, element.descending, collation=None if collation == "BINARY" else collation
        )
    read = key_of(without_outer_parentheses(element.expression))
    return replace(read, descending=read.descending or element.descending)


# -- types as Python --------------------------------------------------------------------------


def python_type_of(sql: str, dialect: Any) -> sa.types.TypeEngine[Any]:
    """The SQLAlchemy type for a type text, as SQLAlchemy's reflection of SQLite finds it; any other is its own text."""
    bare, collation = split_collation(sql)
    bare = bare.strip().upper()
    if not bare:
        return sa.BLOB()  # a column without a type has BLOB affinity: https://sqlite.org/datatype3.html
    name = bare.partition("(")[0].strip()
    known: Any = _FURTHER_TYPES.get(name) or dialect.ischema_names.get(name)
    arguments = [int(one) for one in re.findall(r"\d+", bare[len(name) :])]
    if known is None:  # its affinity is not its name, which a new column has to have again
        return TypeText(bare if collation is None else f'{bare} COLLATE "{collation}"')
    return _generic(_with_arguments(known, arguments), collation)


_FURTHER_TYPES: Final[Mapping[str, type[Any]]] = {
    "CLOB": sa.CLOB,
    "BINARY": sa.BINARY,
    "VARBINARY": sa.VARBINARY,
    "DOUBLE": sa.Double,
    "DOUBLE PRECISION": sa.DOUBLE_PRECISION,
    "UUID": sa.UUID,
}
"""What SQLAlchemy writes for SQLite and does not know again when it reads it."""

_GENERIC: Final[Mapping[type[Any], type[Any]]] = {
    sa.INTEGER: sa.Integer,
    sa.BIGINT: sa.BigInteger,
    sa.SMALLINT: sa.SmallInteger,
    sa.VARCHAR: sa.String,
    sa.TEXT: sa.Text,
    sa.BOOLEAN: sa.Boolean,
    sa.FLOAT: sa.Float,
    sa.NUMERIC: sa.Numeric,
    sa.DATE: sa.Date,
    sa.TIME: sa.Time,
    sa.DATETIME: sa.DateTime,
}


def _with_arguments(kind: type[Any], arguments: Iterable[int]) -> Any:
    try:
        return kind(*arguments)
    except TypeError:
        return kind()


def _generic(found: Any, collation: str | None) -> sa.types.TypeEngine[Any]:
    """The CamelCase type where it is written the same, since that is what people write in models."""
    kind = _GENERIC.get(type(found)) or next(
        (generic for exact, generic in _GENERIC.items() if isinstance(found, exact) and exact is not sa.TEXT), None
    )
    if isinstance(found, sa.types.String):
        made: Any = kind or type(found)
        return made(length=found.length, collation=collation)  # type: ignore[no-any-return]
    if kind is None:
        return found  # type: ignore[no-any-return]
    if isinstance(found, sa.types.Float):
        return kind(precision=found.precision)  # type: ignore[no-any-return]
    if isinstance(found, sa.types.Numeric):
        return kind(precision=found.precision, scale=found.scale)  # type: ignore[no-any-return]
    return kind()  # type: ignore[no-any-return]


def folded_names(names: Iterable[str]) -> dict[str, str]:
    """The names by their folded form, to find how a name is spelled where it is declared."""
    return {folded(name): name for name in names}
