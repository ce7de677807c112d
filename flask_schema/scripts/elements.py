"""Columns, constraints and index keys as source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from flask_schema.operations.building import OPTION_PREFIXES
from flask_schema.scripts.layout import Code, Group, attribute, bracketed, call, keyword, mapping, text
from flask_schema.scripts.page import Page
from flask_schema.scripts.types import type_code
from flask_schema.scripts.values import literal
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    Computed,
    Constraint,
    ExcludeConstraint,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    Options,
    PrimaryKey,
    QualifiedName,
    Table,
    UniqueConstraint,
)
from flask_schema.snapshot.index_text import index_element_of_text

_PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w+(?!:))")
_PLAIN_LITERAL = re.compile(r"'((?:[^'\\%]|'')*)'\Z")


# -- pieces -------------------------------------------------------------------------------------


def texts(names: Iterable[str]) -> Group:
    """A list of strings."""
    return bracketed(text(name) for name in names)


def escaped(sql: str) -> str:
    """SQL for ``sa.text()``, in which ``:word`` would be a parameter."""
    return _PARAMETER.sub(r"\\:", sql)


def sql_text(sql: str, page: Page) -> Code:
    """``sa.text("...")``."""
    return call(page.sa("text"), text(escaped(sql)))


def said(name: str, value: Any, page: Page) -> Code | None:
    """``name=value``, or None where the value is None or False: what goes without saying."""
    return None if value is None or value is False else keyword(name, literal(value, page.imports))


def schema_of(name: QualifiedName) -> Code | None:
    """``schema="..."`` where there is one."""
    return keyword("schema", text(name.schema)) if name.schema else None


def options_code(options: Options, page: Page) -> list[Code]:
    """Dialect options with their prefix: ``mysql_engine="InnoDB"``. One of another database carries its own."""
    prefix = page.rendering.option_prefix
    return [
        keyword(key if key.startswith(OPTION_PREFIXES) else f"{prefix}_{key}", option_code(value, page))
        for key, value in options
    ]


def option_code(value: Any, page: Page) -> Code:
    """The value of an option; SQL stays SQL."""
    if isinstance(value, sa.TextClause):
        return call(page.sa("text"), text(value.text))
    return literal(thawed(value), page.imports)


def prefixed_code(options: Options, page: Page) -> list[Code]:
    """Dialect options that carry their prefix."""
    return [keyword(key, option_code(value, page)) for key, value in options]


def thawed(value: Any) -> Any:
    """A frozen option as it was given: pairs become a dictionary, other tuples lists."""
    if isinstance(value, tuple):
        if value and all(isinstance(one, tuple) and len(one) == 2 and isinstance(one[0], str) for one in value):
            return {key: thawed(one) for key, one in value}
        return [thawed(one) for one in value]
    return value


# -- columns ------------------------------------------------------------------------------------


def default_code(default: str, page: Page) -> Code:
    """A server default: a plain string where it is a quoted literal, else ``sa.text("...")``."""
    written = page.rendered_item("server_default", default)
    if written is not None and written is not False:
        return written
    found = _PLAIN_LITERAL.match(default)
    return text(found[1].replace("''", "'")) if found else sql_text(default, page)


def computed_code(computed: Computed, page: Page) -> Code:
    """``sa.Computed("...")``."""
    written = page.rendered_item("server_default", computed)
    if written is not None and written is not False:
        return written
    stored = [] if computed.stored is None else [keyword("persisted", str(computed.stored))]
    return call(page.sa("Computed"), text(escaped(computed.expression)), *stored)


def identity_code(identity: Identity, page: Page) -> Code:
    """``sa.Identity(...)``."""
    written = page.rendered_item("server_default", identity)
    if written is not None and written is not False:
        return written
    facets = {
        "always": identity.always,
        "start": identity.start,
        "increment": identity.increment,
        "minvalue": identity.minimum,
        "maxvalue": identity.maximum,
        "cycle": identity.cycle,
        "cache": identity.cache,
    }
    items = [said(name, value, page) for name, value in facets.items()]
    return call(page.sa("Identity"), *(item for item in items if item is not None))


def column_code(column: Column, page: Page, *, key: bool = False, autoincrement: bool | None = None) -> Code | None:
    """``sa.Column(...)``; ``key``: it is in the primary key, which would make it NOT NULL by itself.

    ``autoincrement`` is said where it is not None. None where the user's hook leaves the column out.
    """
    written = page.rendered_item("column", column)
    if written is not False:
        return written or None
    items: list[Code | None] = [text(column.name), type_code(column.type, page)]
    if column.computed is not None:
        items.append(computed_code(column.computed, page))
    if column.identity is not None:
        items.append(identity_code(column.identity, page))
    if column.default is not None:
        items.append(keyword("server_default", default_code(column.default, page)))
    if autoincrement is not None:
        items.append(keyword("autoincrement", str(autoincrement)))
    if key or not column.nullable or column.identity is not None:
        items.append(keyword("nullable", str(column.nullable)))
    items.append(said("comment", column.comment, page))
    items += options_code(column.options, page)
    return call(page.sa("Column"), *(item for item in items if item is not None))


def autoincrements(table: Table, page: Page) -> dict[str, bool]:
    """What has to be said about ``autoincrement``: columns where SQLAlchemy would decide otherwise."""
    if not page.rendering.says_autoincrement:
        return {}
    key = table.primary_key.columns if table.primary_key is not None else ()
    automatic = _automatic_column(table, key, page)
    differing = {}
    for column in table.columns:
        if column.identity is None and column.autoincrement != (column.name == automatic):
            differing[column.name] = column.autoincrement
    return differing


def _automatic_column(table: Table, key: tuple[str, ...], page: Page) -> str | None:
    if len(key) != 1 or any(key[0] in one.columns for one in table.foreign_keys):
        return None
    column = table.column(key[0])
    if column is None or column.default is not None or column.computed is not None:
        return None
    python: TypeEngine[Any] = column.type.python or page.rendering.python_type(column.type.sql)
    construct = sa.Table("t", sa.MetaData(), sa.Column(column.name, python, primary_key=True))
    return column.name if construct.autoincrement_column is not None else None


# -- constraints --------------------------------------------------------------------------------


def deferral(constraint: Any, page: Page) -> list[Code | None]:
    """``deferrable=..., initially=...``; False is said too, being another SQL text than nothing."""
    deferrable = None if constraint.deferrable is None else keyword("deferrable", str(constraint.deferrable))
    return [deferrable, said("initially", constraint.initially, page)]


def unique_options(constraint: UniqueConstraint, page: Page) -> list[Code]:
    """The dialect keywords of a unique constraint."""
    options = dict(constraint.options)
    if constraint.nulls_not_distinct:
        options["nulls_not_distinct"] = True
    return options_code(tuple(options.items()), page)


def foreign_key_facets(key: ForeignKey, page: Page) -> list[Code | None]:
    """What a foreign key says besides its columns and target."""
    return [
        said("onupdate", key.onupdate, page),
        said("ondelete", key.ondelete, page),
        *deferral(key, page),
        said("match", key.match, page),
        *options_code(key.options, page),
    ]


_HOOK_KINDS: dict[type, str] = {
    PrimaryKey: "primary_key",
    UniqueConstraint: "unique",
    ForeignKey: "foreign_key",
    CheckConstraint: "check",
}


def constraint_in_table(table: QualifiedName, constraint: Constraint, page: Page) -> Code | None:
    """A constraint as it stands in ``create_table``; None where the user's hook leaves it out."""
    kind = _HOOK_KINDS.get(type(constraint))
    written = page.rendered_item(kind, (table, constraint)) if kind is not None else False
    return constraint_code(constraint, page) if written is False else written or None


def constraint_code(constraint: Constraint, page: Page) -> Code:
    """A constraint as ``sa.UniqueConstraint(...)`` and the like."""
    name = keyword("name", page.name(constraint.name)) if constraint.name is not None else None
    function, items = _constraint_items(constraint, page, name)
    return call(function, *(item for item in items if item is not None))


def _constraint_items(constraint: Constraint, page: Page, name: Code | None) -> tuple[str, list[Code | None]]:
    if isinstance(constraint, PrimaryKey):
        columns: list[Code | None] = [text(column) for column in constraint.columns]
        items = [*columns, name, *deferral(constraint, page), *options_code(constraint.options, page)]
        return page.sa("PrimaryKeyConstraint"), items
    if isinstance(constraint, UniqueConstraint):
        columns = [text(column) for column in constraint.columns]
        items = [*columns, name, *deferral(constraint, page), *unique_options(constraint, page)]
        return page.sa("UniqueConstraint"), items
    if isinstance(constraint, ForeignKey):
        targets = [f"{constraint.referred_table}.{column}" for column in constraint.referred_columns]
        items = [texts(constraint.columns), texts(targets), name, *foreign_key_facets(constraint, page)]
        return page.sa("ForeignKeyConstraint"), items
    if isinstance(constraint, CheckConstraint):
        expression = text(escaped(constraint.expression))
        return page.sa("CheckConstraint"), [expression, name, *options_code(constraint.options, page)]
    page.imports.member("sqlalchemy.dialects", "postgresql")
    return "postgresql.ExcludeConstraint", [
        *exclude_elements(constraint, page),
        name,
        *exclude_facets(constraint, page),
    ]


def exclude_elements(exclude: ExcludeConstraint, page: Page) -> list[Code]:
    """Pairs of expression and operator."""
    return [
        Group("(", (sql_text(expression, page), text(operator)), collection=True)
        for expression, operator in exclude.elements
    ]


def exclude_facets(exclude: ExcludeConstraint, page: Page) -> list[Code | None]:
    """What an exclusion constraint says besides its elements."""
    where = keyword("where", sql_text(exclude.where, page)) if exclude.where is not None else None
    return [keyword("using", text(exclude.using)), where, *deferral(exclude, page)]


# -- indexes ------------------------------------------------------------------------------------


def index_keys(index: Index, page: Page) -> Group:
    """The list of an index's keys: names, or expressions where a name does not say it all."""
    return bracketed(_index_key(element, place, page) for place, element in enumerate(index.elements))


def _index_key(element: IndexElement, place: int, page: Page) -> Code:
    bare = not (element.descending or element.nulls or element.collation)
    if element.is_column and bare:
        return text(element.expression)
    if element.verbatim:
        order = " DESC" if element.descending else ""
        return sql_text(
            f"{element.expression}{order}{f' NULLS {element.nulls.upper()}' if element.nulls else ''}", page
        )
    key: Code = call(page.sa("column" if element.is_column else "literal_column"), text(element.expression))
    if not element.is_column and element.opclass:
        key = attribute(key, "label", text(_key_label(element, place)))
    elif bare and index_element_of_text(element.expression) == IndexElement(element.expression, is_column=False):
        return sql_text(element.expression, page)
    if element.collation:
        key = attribute(key, "collate", text(element.collation))
    if element.descending:
        key = attribute(key, "desc")
    return attribute(key, f"nulls_{element.nulls}") if element.nulls else key


def _key_label(element: IndexElement, place: int) -> str:
    return element.expression if element.is_column else f"key_{place}"


def index_options(index: Index, page: Page) -> Iterator[Code]:
    """The dialect keywords of an index."""
    prefix = page.rendering.option_prefix
    if index.where is not None:
        yield keyword(f"{prefix}_where", sql_text(index.where, page))
    if index.method is not None:
        yield keyword(f"{prefix}_using", text(index.method))
    if index.include:
        yield keyword(f"{prefix}_include", texts(index.include))
    if index.nulls_not_distinct:
        yield keyword(f"{prefix}_nulls_not_distinct", "True")
    keys = list(enumerate(index.elements))
    lengths: dict[str, Code] = {text(one.expression): str(one.length) for _, one in keys if one.length is not None}
    if lengths:
        yield keyword(f"{prefix}_length", mapping(lengths))
    ops: dict[str, Code] = {text(_key_label(one, place)): text(one.opclass) for place, one in keys if one.opclass}
    if ops:
        yield keyword(f"{prefix}_ops", mapping(ops))
    yield from options_code(index.options, page)


def lightweight_table(name: QualifiedName, columns: Iterable[Column], page: Page) -> Code:
    """``sa.table("t", sa.column("c", sa.Integer()))``, for statements that a script sends."""
    made = [call(page.sa("column"), text(one.name), type_code(one.type, page)) for one in columns]
    schema = schema_of(name)
    return call(page.sa("table"), text(name.name), *made, *([schema] if schema is not None else []))
