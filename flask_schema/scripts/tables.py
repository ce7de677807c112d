"""Operations on tables as source."""

from __future__ import annotations

from collections.abc import Iterable

from flask_schema.operations import tables
from flask_schema.operations.indexes import CreateIndex
from flask_schema.scripts.elements import (
    autoincrements,
    column_code,
    constraint_in_table,
    options_code,
    said,
    schema_of,
    texts,
    thawed,
)
from flask_schema.scripts.indexes import create_index
from flask_schema.scripts.layout import Code, keyword, text
from flask_schema.scripts.page import Page
from flask_schema.scripts.renderers import renderer
from flask_schema.scripts.values import literal
from flask_schema.snapshot.elements import PrimaryKey, QualifiedName


@renderer
def create_table(operation: tables.CreateTable, page: Page) -> Iterable[Code]:
    """``op.create_table``, then ``op.create_index`` for each index; foreign keys stand before the primary key."""
    table = operation.table
    key = table.primary_key.columns if table.primary_key is not None else ()
    differing = autoincrements(table, page)
    columns = [
        column_code(column, page, key=column.name in key, autoincrement=differing.get(column.name))
        for column in table.columns
    ]
    ordered = sorted(table.constraints, key=lambda one: isinstance(one, PrimaryKey))
    yield page.directive(
        "create_table",
        text(table.name.name),
        *columns,
        *(constraint_in_table(table.name, constraint, page) for constraint in ordered),
        schema_of(table.name),
        said("comment", table.comment, page),
        keyword("prefixes", texts(table.prefixes)) if table.prefixes else None,
        said("if_not_exists", operation.if_not_exists, page),
        *options_code(table.options, page),
    )
    for index in table.indexes:
        yield from create_index(CreateIndex(table.name, index, if_not_exists=operation.if_not_exists), page)


@renderer
def drop_table(operation: tables.DropTable, page: Page) -> Iterable[Code]:
    """``op.drop_table``."""
    if_exists = said("if_exists", operation.if_exists, page)
    yield page.directive("drop_table", text(operation.name.name), schema_of(operation.name), if_exists)


@renderer
def rename_table(operation: tables.RenameTable, page: Page) -> Iterable[Code]:
    """``op.rename_table``."""
    yield page.directive("rename_table", text(operation.name.name), text(operation.new_name), schema_of(operation.name))


@renderer
def alter_table_options(operation: tables.AlterTableOptions, page: Page) -> Iterable[Code]:
    """``op.alter_table_options``, with what the options were where that is known."""
    prefix = page.rendering.option_prefix
    before = operation.before
    existing = {f"{prefix}_{key}": thawed(value) for key, value in before} if before is not None else None
    yield page.directive(
        "alter_table_options",
        text(operation.table.name),
        *options_code(operation.after, page),
        keyword("existing", literal(existing, page.imports)) if existing is not None else None,
        schema_of(operation.table),
    )


@renderer
def create_table_comment(operation: tables.CreateTableComment, page: Page) -> Iterable[Code]:
    """``op.create_table_comment``."""
    yield page.directive(
        "create_table_comment",
        *table_arguments(operation.table, page, text(operation.comment)),
        said("existing_comment", operation.before, page),
        schema_keyword(operation.table, page),
    )


@renderer
def drop_table_comment(operation: tables.DropTableComment, page: Page) -> Iterable[Code]:
    """``op.drop_table_comment``."""
    yield page.directive(
        "drop_table_comment",
        *table_arguments(operation.table, page),
        said("existing_comment", operation.before, page),
        schema_keyword(operation.table, page),
    )


def table_arguments(table: QualifiedName, page: Page, *items: Code) -> tuple[Code, ...]:
    """The items with the table's name before them; a batch knows its table."""
    return items if page.batch else (text(table.name), *items)


def schema_keyword(table: QualifiedName, page: Page) -> Code | None:
    """``schema="..."`` where there is one and no batch says it."""
    return None if page.batch else schema_of(table)
