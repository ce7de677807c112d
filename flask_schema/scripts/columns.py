"""Operations on columns as source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flask_schema.operations import columns
from flask_schema.operations.columns import ColumnFacets
from flask_schema.operations.constraints import create_constraint
from flask_schema.operations.indexes import CreateIndex
from flask_schema.operations.operation import UNSET
from flask_schema.scripts.constraints import create_any_constraint
from flask_schema.scripts.elements import column_code, computed_code, default_code, identity_code, prefixed_code, said
from flask_schema.scripts.indexes import create_index
from flask_schema.scripts.layout import Code, Statement, keyword, text
from flask_schema.scripts.page import Page
from flask_schema.scripts.renderers import renderer
from flask_schema.scripts.tables import schema_keyword, table_arguments
from flask_schema.scripts.types import type_code


@renderer
def add_column(operation: columns.AddColumn, page: Page) -> Iterable[Statement]:
    """``op.add_column``, then its constraints and indexes."""
    automatic = True if operation.column.autoincrement else None
    column = column_code(operation.column, page, autoincrement=automatic)
    if column is None:
        return
    yield page.directive(
        "add_column",
        *table_arguments(operation.table, page, column),
        schema_keyword(operation.table, page),
        said("if_not_exists", operation.if_not_exists, page),
        said("inline_references", operation.inline_references, page),
        said("insert_before", operation.insert_before, page),
        said("insert_after", operation.insert_after, page),
    )
    for constraint in operation.constraints:
        yield from create_any_constraint(create_constraint(operation.table, constraint), page)
    for index in operation.indexes:
        yield from create_index(CreateIndex(operation.table, index), page)


@renderer
def drop_column(operation: columns.DropColumn, page: Page) -> Iterable[Code]:
    """``op.drop_column``."""
    yield page.directive(
        "drop_column",
        *table_arguments(operation.table, page, text(operation.name)),
        schema_keyword(operation.table, page),
        said("if_exists", operation.if_exists, page),
        *prefixed_code(operation.options, page),
    )


@renderer
def alter_column(operation: columns.AlterColumn, page: Page) -> Iterable[Code]:
    """``op.alter_column`` with what changes, and with what other databases must be told of what stays."""
    renamed_to = operation.after.name if operation.after.name is not UNSET else None
    yield page.directive(
        "alter_column",
        *table_arguments(operation.table, page, text(operation.name)),
        said("new_column_name", renamed_to, page),
        *_facets(operation.before, operation.after, page),
        schema_keyword(operation.table, page),
        said("insert_before", operation.insert_before, page),
        said("insert_after", operation.insert_after, page),
        said("postgresql_using", operation.using, page),
        *prefixed_code(operation.options, page),
    )


def _facets(before: ColumnFacets, after: ColumnFacets, page: Page) -> Iterator[Code]:
    if before.type is not UNSET:
        yield keyword("existing_type", type_code(before.type, page))
    if after.type is not UNSET:
        yield keyword("type_", type_code(after.type, page))
    if after.nullable is not UNSET:
        yield keyword("nullable", str(after.nullable))
    elif before.nullable is not UNSET:
        yield keyword("existing_nullable", str(before.nullable))
    yield from _server_default(before, after, page)
    if after.autoincrement is not UNSET:
        yield keyword("autoincrement", str(after.autoincrement))
    if before.autoincrement is True:
        yield keyword("existing_autoincrement", "True")
    if after.comment is not UNSET:
        yield keyword("comment", "None" if after.comment is None else text(after.comment))
    if before.comment is not UNSET and before.comment is not None:
        yield keyword("existing_comment", text(before.comment))


def _server_default(before: ColumnFacets, after: ColumnFacets, page: Page) -> Iterator[Code]:
    """Default, computed and identity share one argument: a column has at most one of them."""
    changed = [facet for facet in (after.default, after.computed, after.identity) if facet is not UNSET]
    if changed:
        given = next((facet for facet in changed if facet is not None), None)
        yield keyword("server_default", _default(given, page))
    existing = [facet for facet in (before.default, before.computed, before.identity) if facet is not UNSET]
    told = next((facet for facet in existing if facet is not None), None)
    if told is not None:
        yield keyword("existing_server_default", _default(told, page))


def _default(facet: Any, page: Page) -> Code:
    if facet is None:
        return "None"
    if isinstance(facet, str):
        return default_code(facet, page)
    return computed_code(facet, page) if hasattr(facet, "expression") else identity_code(facet, page)
