"""Changes of one table that belong together, as source."""

from __future__ import annotations

from collections.abc import Iterable

from flask_schema.errors import OperationRefused
from flask_schema.operations import groups
from flask_schema.scripts.comments import comments
from flask_schema.scripts.elements import schema_of
from flask_schema.scripts.layout import Block, Code, Statement, call, keyword, text
from flask_schema.scripts.page import Page
from flask_schema.scripts.renderers import RENDERERS, renderer
from flask_schema.snapshot.elements import QualifiedName


@renderer
def batch_alter_table(operation: groups.AlterTable, page: Page) -> Iterable[Statement]:
    """``with op.batch_alter_table(...) as batch_op:``. Raises OperationRefused for a template of the table."""
    if operation.template != groups.TableTemplate():
        raise OperationRefused(
            f"the batch on {operation.table} describes its table itself, which cannot be written as source",
            hint="write this revision by hand",
        )
    statements: list[Code] = []
    page.batch = True
    for one in operation.operations:
        statements += comments(one, page)
        statements += [code for code in RENDERERS[one.directive](one, page) if not isinstance(code, Block)]
    page.batch = False
    recreate = keyword("recreate", text(operation.recreate)) if operation.recreate != "auto" else None
    yield batch_block(operation.table, statements, page, recreate)


def batch_block(table: QualifiedName, statements: Iterable[Code], page: Page, recreate: Code | None = None) -> Block:
    """The ``with`` block around statements on one table."""
    items = [item for item in (text(table.name), schema_of(table), recreate) if item is not None]
    return Block(call(page.op("batch_alter_table"), *items), "as batch_op", tuple(statements))
