"""What a reader of the file should know before an operation."""

from __future__ import annotations

from collections.abc import Iterator

from flask_schema.operations.columns import AddColumn, AlterColumn, DropColumn
from flask_schema.operations.enums import AlterEnum
from flask_schema.operations.operation import Operation
from flask_schema.operations.schemas import DropSchema
from flask_schema.operations.tables import DropTable
from flask_schema.scripts.layout import text
from flask_schema.scripts.page import Page


def comments(operation: Operation, page: Page) -> Iterator[str]:
    """Comment lines: what destroys data, and what may not be meant."""
    if isinstance(operation, DropTable):
        yield f"# drops data: table {text(str(operation.name))}"
    elif isinstance(operation, DropColumn):
        computed = operation.before is not None and operation.before.computed is not None
        if not computed:
            yield f"# drops data: column {text(operation.name)} of table {text(str(operation.table))}"
    elif isinstance(operation, AlterColumn) and operation.after.nullable is False and operation.before.nullable is True:
        yield "# fails while a row holds NULL"
    elif isinstance(operation, AddColumn) and operation.stands_in:
        yield "# the values that rows had are lost: they get this default, which then goes"
    elif isinstance(operation, AlterEnum) and operation.removed:
        values = ", ".join(text(value) for value in operation.removed)
        yield f"# fails while a row holds one of the values that go: {values}"
    elif operation.destroys_data or (isinstance(operation, DropSchema) and operation.cascade):
        yield f"# drops data: {' '.join(operation.describe().split())}"
    suspicion = page.rendering.suspicions(operation) if page.rendering.suspicions is not None else None
    if suspicion:
        yield f"# {' '.join(suspicion.split())}"
