"""The body of ``upgrade()`` or ``downgrade()`` from operations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from flask_schema.errors import OperationRefused
from flask_schema.operations.columns import AddColumn
from flask_schema.operations.operation import Operation
from flask_schema.operations.tables import CreateTable
from flask_schema.scripts import (
    catalog,
    columns,
    constraints,
    groups,
    indexes,
    objects,
    placement,
    statements,
    tables,
)
from flask_schema.scripts.backfill import fill, known_value, needs_filling, not_null, nullable_first
from flask_schema.scripts.comments import comments
from flask_schema.scripts.groups import batch_block
from flask_schema.scripts.imports import Imports
from flask_schema.scripts.layout import Block, Statement, flat, layout_statement
from flask_schema.scripts.page import Page, Rendering
from flask_schema.scripts.renderers import RENDERERS
from flask_schema.snapshot.elements import QualifiedName
from flask_schema.values import dataclass

DIRECTIVE_MODULES = (tables, columns, constraints, indexes, statements, groups, catalog, objects, placement)
"""The modules that hold the renderers; importing them enters their functions in RENDERERS."""

_BATCHED = {
    "add_column", "alter_column", "create_check_constraint", "create_exclude_constraint", "create_foreign_key",
    "create_index", "create_primary_key", "create_table_comment", "create_unique_constraint", "custom_operation",
    "drop_column", "drop_constraint", "drop_index", "drop_table_comment",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """Python source for one function.

    ``body`` is indented by four columns except for its first line, as templates expect it; empty
    where there is nothing to do. ``imports`` are statements, sorted. ``notes`` are sentences for the user.
    """

    body: str
    imports: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Statement:
    """One statement; ``batch`` is the table of the ``with`` block in which it stands, None for none."""

    code: Statement
    batch: QualifiedName | None = None


def render_operations(operations: Sequence[Operation], rendering: Rendering, indent: int = 4) -> Source:
    """The source that carries out ``operations``, formatted as ``ruff format`` leaves it at ``indent`` columns.

    What destroys data carries a comment. A NOT NULL column without a default is added to a table that
    exists in three steps where the model knows a value for the rows that are there.
    Raises OperationRefused for an operation that nobody has registered a renderer for.
    """
    page = Page(rendering)
    created = {one.table.name for one in operations if isinstance(one, CreateTable)}
    rendered: list[_Statement] = []
    for one in operations:
        rendered += _statements(one, created, page)
    return Source(_body(rendered, page, indent), tuple(sorted(page.imports.statements)), tuple(page.notes))


def _statements(operation: Operation, created: set[QualifiedName], page: Page) -> Iterator[_Statement]:
    for comment in comments(operation, page):
        yield _placed(operation, comment, page)
    if isinstance(operation, AddColumn) and operation.table not in created and needs_filling(operation.column):
        yield from _not_null_column(operation, page)
    else:
        yield from _directive(operation, page)


def _directive(operation: Operation, page: Page) -> Iterator[_Statement]:
    render = RENDERERS.get(operation.directive)
    if render is None:
        raise OperationRefused(
            f"there is no renderer for op.{operation.directive}, so that it cannot be written into a file",
            hint="register one with renderers.renders('...')",
        )
    page.batch = page.rendering.inside_batch or _batch(operation, page) is not None
    try:
        for code in render(operation, page):
            yield _placed(operation, code, page)
    finally:
        page.batch = False


def _not_null_column(operation: AddColumn, page: Page) -> Iterator[_Statement]:
    value = known_value(operation, page)
    place = f"{operation.table}.{operation.column.name}"
    if value is None:
        page.notes.append(
            f"column {place} is NOT NULL and has no default: adding it fails on a table that has rows; "
            "give it a server_default, or add it as nullable and fill it first"
        )
        yield _placed(operation, "# fails on a table that has rows: NOT NULL without a default", page)
        yield from _directive(operation, page)
        return
    page.notes.append(f"rows that exist get {flat(value)} in the new column {place}")
    yield from _directive(nullable_first(operation), page)
    for code in fill(operation, value, page):
        yield _Statement(code)
    yield from _directive(not_null(operation), page)


def _batch(operation: Operation, page: Page) -> QualifiedName | None:
    if page.rendering.inside_batch or not page.rendering.render_as_batch or operation.directive not in _BATCHED:
        return None
    table = getattr(operation, "table", None)
    return table if isinstance(table, QualifiedName) else None


def _placed(operation: Operation, code: Statement, page: Page) -> _Statement:
    return _Statement(code, _batch(operation, page))


def _body(rendered: Sequence[_Statement], page: Page, indent: int) -> str:
    statements: list[Statement] = []
    for table, group in groupby(rendered, key=lambda one: one.batch):
        codes = [one.code for one in group]
        if table is None:
            statements += codes
        else:
            statements.append(batch_block(table, [one for one in codes if not isinstance(one, Block)], page))
    return "\n".join(layout_statement(one, indent) for one in statements).strip()


def all_imports(sources: Sequence[Source]) -> tuple[str, ...]:
    """The imports of several sources together, each once."""
    imports = Imports()
    for source in sources:
        imports.statements.update(source.imports)
    return tuple(sorted(imports.statements))
