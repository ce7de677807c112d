"""Operations on views, functions, triggers, schemas and extensions, and the backfill, as source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from flask_schema.operations import backfill as rows
from flask_schema.operations import programs, schemas, views
from flask_schema.operations.indexes import CreateIndex
from flask_schema.scripts.elements import said, schema_of, texts, thawed
from flask_schema.scripts.indexes import create_index
from flask_schema.scripts.layout import Code, block, bracketed, call, keyword, mapping, text
from flask_schema.scripts.page import Page
from flask_schema.scripts.renderers import renderer
from flask_schema.scripts.values import literal
from flask_schema.snapshot.elements import View

# -- views --------------------------------------------------------------------------------------


@renderer
def create_view(operation: views.CreateView, page: Page) -> Iterable[Code]:
    """``op.create_view``, and ``op.create_index`` for what a materialized view carries."""
    view = operation.view
    yield page.directive(
        "create_view",
        text(view.name.name),
        block(view.definition),
        schema_of(view.name),
        said("materialized", view.materialized, page),
        *_view_facets(view, "", page),
        said("if_not_exists", operation.if_not_exists, page),
    )
    yield from _indexes(view, page)


@renderer
def drop_view(operation: views.DropView, page: Page) -> Iterable[Code]:
    """``op.drop_view``, with the definition where it is known."""
    before = operation.before
    yield page.directive(
        "drop_view",
        text(operation.name.name),
        schema_of(operation.name),
        said("materialized", operation.materialized, page),
        said("if_exists", operation.if_exists, page),
        said("cascade", operation.cascade, page),
        *_existing(before.definition if before is not None else None),
        *(_view_facets(before, "existing_", page) if before is not None else ()),
    )


@renderer
def replace_view(operation: views.ReplaceView, page: Page) -> Iterable[Code]:
    """``op.replace_view``, with the definition before where it is known."""
    after, before = operation.after, operation.before
    yield page.directive(
        "replace_view",
        text(after.name.name),
        block(after.definition),
        schema_of(after.name),
        said("materialized", after.materialized, page),
        *_view_facets(after, "", page),
        *_existing(before.definition if before is not None else None),
        *(_view_facets(before, "existing_", page) if before is not None else ()),
        said("recreate", operation.recreate, page),
    )
    yield from _indexes(after, page)


def _view_facets(view: View, prefix: str, page: Page) -> Iterable[Code]:
    options = dict(view.options)
    if options.get("columns"):
        yield keyword(f"{prefix}columns", texts(options["columns"]))
    if options.get("with"):
        yield keyword(f"{prefix}options", literal(thawed(options["with"]), page.imports))


def _indexes(view: View, page: Page) -> Iterable[Code]:
    for index in view.indexes:
        yield from create_index(CreateIndex(view.name, index), page)


# -- functions and triggers ---------------------------------------------------------------------


@renderer
def create_function(operation: programs.CreateFunction, page: Page) -> Iterable[Code]:
    """``op.create_function``."""
    function = operation.function
    yield page.directive(
        "create_function",
        text(function.name.name),
        block(function.definition),
        said("arguments", function.arguments or None, page),
        said("procedure", function.procedure, page),
        schema_of(function.name),
    )


@renderer
def drop_function(operation: programs.DropFunction, page: Page) -> Iterable[Code]:
    """``op.drop_function``, with the definition where it is known."""
    yield page.directive(
        "drop_function",
        text(operation.name.name),
        text(operation.arguments) if operation.arguments is not None else None,
        said("procedure", operation.procedure, page),
        schema_of(operation.name),
        said("if_exists", operation.if_exists, page),
        *_existing(operation.before.definition if operation.before is not None else None),
    )


@renderer
def replace_function(operation: programs.ReplaceFunction, page: Page) -> Iterable[Code]:
    """``op.replace_function``, with the definition before where it is known."""
    after = operation.after
    yield page.directive(
        "replace_function",
        text(after.name.name),
        block(after.definition),
        said("arguments", after.arguments or None, page),
        said("procedure", after.procedure, page),
        schema_of(after.name),
        *_existing(operation.before.definition if operation.before is not None else None),
    )


@renderer
def create_trigger(operation: programs.CreateTrigger, page: Page) -> Iterable[Code]:
    """``op.create_trigger``."""
    trigger = operation.trigger
    yield page.directive(
        "create_trigger",
        text(trigger.name),
        text(trigger.table.name),
        block(trigger.definition),
        schema_of(trigger.table),
    )


@renderer
def drop_trigger(operation: programs.DropTrigger, page: Page) -> Iterable[Code]:
    """``op.drop_trigger``, with the definition where it is known."""
    yield page.directive(
        "drop_trigger",
        text(operation.name),
        text(operation.table.name),
        schema_of(operation.table),
        said("if_exists", operation.if_exists, page),
        *_existing(operation.before.definition if operation.before is not None else None),
    )


@renderer
def replace_trigger(operation: programs.ReplaceTrigger, page: Page) -> Iterable[Code]:
    """``op.replace_trigger``, with the definition before where it is known."""
    after = operation.after
    yield page.directive(
        "replace_trigger",
        text(after.name),
        text(after.table.name),
        block(after.definition),
        schema_of(after.table),
        *_existing(operation.before.definition if operation.before is not None else None),
    )


def _existing(definition: str | None) -> Iterable[Code]:
    return () if definition is None else (keyword("existing_definition", block(definition)),)


# -- schemas and extensions ---------------------------------------------------------------------


@renderer
def create_schema(operation: schemas.CreateSchema, page: Page) -> Iterable[Code]:
    """``op.create_schema``."""
    yield page.directive("create_schema", text(operation.name), said("if_not_exists", operation.if_not_exists, page))


@renderer
def drop_schema(operation: schemas.DropSchema, page: Page) -> Iterable[Code]:
    """``op.drop_schema``."""
    yield page.directive(
        "drop_schema",
        text(operation.name),
        said("if_exists", operation.if_exists, page),
        said("cascade", operation.cascade, page),
    )


@renderer
def create_extension(operation: schemas.CreateExtension, page: Page) -> Iterable[Code]:
    """``op.create_extension``."""
    facets = ("schema", "version", "if_not_exists", "cascade")
    said_facets = (said(facet, getattr(operation, facet), page) for facet in facets)
    yield page.directive("create_extension", text(operation.name), *said_facets)


@renderer
def drop_extension(operation: schemas.DropExtension, page: Page) -> Iterable[Code]:
    """``op.drop_extension``."""
    facets = ("if_exists", "cascade", "schema", "version")
    said_facets = (said(facet, getattr(operation, facet), page) for facet in facets)
    yield page.directive("drop_extension", text(operation.name), *said_facets)


# -- rows ---------------------------------------------------------------------------------------


@renderer
def backfill(operation: rows.Backfill, page: Page) -> Iterable[Code]:
    """``op.backfill`` without its callback. Raises NotRenderable for values that no source can be written of."""
    values: dict[str, Code] = {text(column): _value(value, page) for column, value in operation.values}
    key = operation.key
    yield page.directive(
        "backfill",
        text(operation.table.name),
        mapping(values),
        block(operation.where) if isinstance(operation.where, str) else _value(operation.where, page),
        keyword("key", text(key[0]) if len(key) == 1 else bracketed(map(text, key))) if key else None,
        None if operation.batch_size == 1000 else keyword("batch_size", str(operation.batch_size)),
        keyword("pause_seconds", repr(operation.pause_seconds)) if operation.pause_seconds else None,
        schema_of(operation.table),
    )


def _value(value: Any, page: Page) -> Code:
    """A plain value, or an expression as the SQL that it stands for."""
    if isinstance(value, sa.TextClause):
        return call(page.sa("text"), block(value.text))
    if isinstance(value, sa.ClauseElement):
        return call(page.sa("text"), block(str(value.compile(compile_kwargs={"literal_binds": True}))))
    return literal(value, page.imports)
