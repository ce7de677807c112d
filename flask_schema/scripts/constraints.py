"""Operations on constraints as source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_schema.operations import constraints
from flask_schema.scripts.elements import (
    constraint_code,
    deferral,
    escaped,
    exclude_elements,
    exclude_facets,
    foreign_key_facets,
    options_code,
    prefixed_code,
    said,
    schema_of,
    texts,
    unique_options,
)
from flask_schema.scripts.layout import Code, Statement, call, keyword, text
from flask_schema.scripts.page import Page
from flask_schema.scripts.renderers import RENDERERS, renderer
from flask_schema.scripts.tables import schema_keyword, table_arguments
from flask_schema.snapshot.elements import CheckConstraint, ExcludeConstraint, ForeignKey, PrimaryKey, UniqueConstraint


def create_any_constraint(operation: constraints.CreateConstraint, page: Page) -> Iterable[Statement]:
    """The source for whichever kind of constraint it is."""
    return RENDERERS[operation.directive](operation, page)


def _head(operation: constraints.CreateConstraint, page: Page) -> tuple[Code, ...]:
    return (page.name(operation.constraint.name), *table_arguments(operation.table, page))


@renderer
def create_primary_key(operation: constraints.CreatePrimaryKey, page: Page) -> Iterable[Code]:
    """``op.create_primary_key``."""
    key = operation.constraint
    assert isinstance(key, PrimaryKey)
    yield page.directive(
        "create_primary_key",
        *_head(operation, page),
        texts(key.columns),
        schema_keyword(operation.table, page),
        *deferral(key, page),
        *options_code(key.options, page),
    )


@renderer
def create_unique_constraint(operation: constraints.CreateUniqueConstraint, page: Page) -> Iterable[Code]:
    """``op.create_unique_constraint``."""
    unique = operation.constraint
    assert isinstance(unique, UniqueConstraint)
    yield page.directive(
        "create_unique_constraint",
        *_head(operation, page),
        texts(unique.columns),
        schema_keyword(operation.table, page),
        *deferral(unique, page),
        *unique_options(unique, page),
    )


@renderer
def create_foreign_key(operation: constraints.CreateForeignKey, page: Page) -> Iterable[Code]:
    """``op.create_foreign_key``."""
    key = operation.constraint
    assert isinstance(key, ForeignKey)
    source = operation.table.schema
    target = key.referred_table.schema
    yield page.directive(
        "create_foreign_key",
        *_head(operation, page),
        text(key.referred_table.name),
        texts(key.columns),
        texts(key.referred_columns),
        None if page.batch else said("source_schema", source, page),
        said("referent_schema", target, page),
        *foreign_key_facets(key, page),
    )


@renderer
def create_check_constraint(operation: constraints.CreateCheckConstraint, page: Page) -> Iterable[Code]:
    """``op.create_check_constraint``; text of SQL that a colon could spoil goes through ``sa.text``."""
    check = operation.constraint
    assert isinstance(check, CheckConstraint)
    expression: Code = text(check.expression)
    if escaped(check.expression) != check.expression:
        expression = call(page.sa("text"), text(escaped(check.expression)))
    yield page.directive(
        "create_check_constraint",
        *_head(operation, page),
        expression,
        schema_keyword(operation.table, page),
        *options_code(check.options, page),
    )


@renderer
def create_exclude_constraint(operation: constraints.CreateExcludeConstraint, page: Page) -> Iterable[Code]:
    """``op.create_exclude_constraint``."""
    exclude = operation.constraint
    assert isinstance(exclude, ExcludeConstraint)
    yield page.directive(
        "create_exclude_constraint",
        *_head(operation, page),
        *exclude_elements(exclude, page),
        *exclude_facets(exclude, page),
        schema_keyword(operation.table, page),
    )


@renderer
def drop_constraint(operation: constraints.DropConstraint, page: Page) -> Iterable[Code]:
    """``op.drop_constraint``; one that has no name is described by ``existing``."""
    described: Any = None
    if operation.name is None and operation.before is not None:
        described = keyword("existing", constraint_code(operation.before, page))
    yield page.directive(
        "drop_constraint",
        page.name(operation.name),
        *table_arguments(operation.table, page),
        said("type_", operation.kind, page),
        described,
        schema_keyword(operation.table, page),
        said("if_exists", operation.if_exists, page),
        *prefixed_code(operation.options, page),
    )


@renderer
def validate_constraint(operation: constraints.ValidateConstraint, page: Page) -> Iterable[Code]:
    """``op.validate_constraint``."""
    table = operation.table
    yield page.directive("validate_constraint", page.name(operation.name), text(table.name), schema_of(table))


@renderer
def alter_primary_key(operation: constraints.AlterPrimaryKey, page: Page) -> Iterable[Code]:
    """``op.alter_primary_key``, with the key before where that is known."""
    table, after, before = operation.table, operation.after, operation.before
    yield page.directive(
        "alter_primary_key",
        text(table.name),
        texts(after.columns),
        keyword("constraint_name", page.name(after.name)) if after.name is not None else None,
        keyword("existing_columns", texts(before.columns)) if before is not None else None,
        keyword("existing_name", page.name(before.name)) if before is not None and before.name is not None else None,
        schema_of(table),
        *deferral(after, page),
        *options_code(after.options, page),
    )
