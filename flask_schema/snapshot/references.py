"""What a foreign key of SQLAlchemy points at."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from flask_schema.snapshot.elements import QualifiedName


def referred_by(constraint: sa.ForeignKeyConstraint) -> tuple[QualifiedName, tuple[str, ...]]:
    """The table and the columns that a foreign key points at, by their names in the database.

    What the MetaData knows decides: a column may have another key there, and tables may be in its schema.
    """
    try:
        columns: list[Any] = [element.column for element in constraint.elements]
        target = columns[0].table
        return QualifiedName(str(target.name), str(target.schema) if target.schema else None), tuple(
            str(one.name) for one in columns
        )
    except sa.exc.SQLAlchemyError:  # the table is not among those that are known
        pass
    tokens = [element._column_tokens for element in constraint.elements]
    schema, table, _ = tokens[0]
    owner: Any = constraint.parent
    if schema is None:
        schema = getattr(getattr(owner, "metadata", None), "schema", None)
    elif schema == "":
        schema = getattr(owner, "schema", None)
    pairs = zip(tokens, constraint.columns, strict=True)
    names = tuple(str(name or column.name) for (_, _, name), column in pairs)
    return QualifiedName(str(table), str(schema) if schema else None), names
