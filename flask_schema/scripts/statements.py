"""A script's own statements as source."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from flask_schema.operations import statements
from flask_schema.scripts.layout import Code, block, bracketed, call, keyword, text
from flask_schema.scripts.page import Page
from flask_schema.scripts.renderers import renderer
from flask_schema.scripts.types import python_type_code
from flask_schema.scripts.values import literal


@renderer
def execute(operation: statements.Execute, page: Page) -> Iterable[Code]:
    """``op.execute`` with text; a construct is written as the SQL that it stands for."""
    options = [keyword("execution_options", literal(dict(operation.execution_options), page.imports))]
    said = options if operation.execution_options else []
    if isinstance(operation.statement, str):
        yield page.directive("execute", block(operation.statement), *said)
    elif isinstance(operation.statement, sa.TextClause):
        yield page.directive("execute", call(page.sa("text"), block(operation.statement.text)), *said)
    else:
        compiled = operation.statement.compile(compile_kwargs={"literal_binds": True})
        yield page.directive("execute", call(page.sa("text"), block(str(compiled))), *said)


@renderer
def bulk_insert(operation: statements.BulkInsert, page: Page) -> Iterable[Code]:
    """``op.bulk_insert`` into a lightweight table. Raises NotRenderable for values that no source can be written of."""
    table = operation.table
    columns = [call(page.sa("column"), text(one.name), python_type_code(one.type, page)) for one in table.columns]
    schema = [keyword("schema", text(table.schema))] if table.schema else []
    yield page.directive(
        "bulk_insert",
        call(page.sa("table"), text(table.name), *columns, *schema),
        bracketed(literal(row, page.imports) for row in operation.rows),
        None if operation.multiinsert else keyword("multiinsert", "False"),
    )
