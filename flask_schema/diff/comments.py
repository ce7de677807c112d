"""Comments on tables; a column's comment is a facet of the column."""

from __future__ import annotations

from collections.abc import Iterator

from flask_schema.operations.operation import Operation
from flask_schema.operations.tables import CreateTableComment, DropTableComment
from flask_schema.snapshot.elements import Table


def compare_comments(before: Table, after: Table) -> Iterator[Operation]:
    """The comment of one table."""
    if before.comment == after.comment:
        return
    if after.comment is None:
        yield DropTableComment(after.name, before=before.comment)
    else:
        yield CreateTableComment(after.name, after.comment, before=before.comment)
