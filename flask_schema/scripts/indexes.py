"""Operations on indexes as source."""

from __future__ import annotations

from collections.abc import Iterable

from flask_schema.operations import indexes
from flask_schema.scripts.elements import index_keys, index_options, prefixed_code, said, schema_of
from flask_schema.scripts.layout import Code, keyword, text
from flask_schema.scripts.page import Page
from flask_schema.scripts.renderers import renderer


@renderer
def create_index(operation: indexes.CreateIndex, page: Page) -> Iterable[Code]:
    """``op.create_index``."""
    index, table = operation.index, operation.table
    yield page.directive(
        "create_index",
        page.name(index.name),
        None if page.batch else text(table.name),
        index_keys(index, page),
        None if page.batch else schema_of(table),
        said("unique", index.unique, page),
        said("if_not_exists", operation.if_not_exists, page),
        *_concurrently(operation.concurrently, page),
        *index_options(index, page),
    )


@renderer
def drop_index(operation: indexes.DropIndex, page: Page) -> Iterable[Code]:
    """``op.drop_index``."""
    table = operation.table
    schema = operation.schema or (table.schema if table is not None else None)
    yield page.directive(
        "drop_index",
        page.name(operation.name),
        None if page.batch or table is None else keyword("table_name", text(table.name)),
        None if page.batch else said("schema", schema, page),
        said("if_exists", operation.if_exists, page),
        *_concurrently(operation.concurrently, page),
        *prefixed_code(tuple(pair for pair in operation.options if not pair[0].endswith("_concurrently")), page),
    )


def _concurrently(concurrently: bool, page: Page) -> Iterable[Code]:
    return [keyword(f"{page.rendering.option_prefix}_concurrently", "True")] if concurrently else []
