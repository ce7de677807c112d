"""A commit before the first statement that uses an enum value which the open transaction has added.

The server refuses such a use with SQLSTATE 55P04; nothing but a commit helps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from flask_schema.dialects.dialect import Surroundings
from flask_schema.dialects.postgresql.expressions import literal
from flask_schema.dialects.postgresql.named_types import Memory
from flask_schema.dialects.statement import Statement
from flask_schema.operations.enums import AlterEnum

_WHY = "a new enum value can be used only after the transaction that added it"


def with_commit_points(
    statements: Iterable[Statement], memory: Memory, surroundings: Surroundings, dialect: sa.Dialect
) -> Iterator[Statement]:
    """The statements, with a commit put in where one is needed."""
    for statement in statements:
        if not statement.transactional:
            memory.uncommitted.clear()
            memory.knows_no_leftovers = False
        elif memory.uncommitted and not isinstance(statement.operation, AlterEnum):
            text = _text(statement, dialect)
            if any(literal(value) in text for value in memory.uncommitted):
                memory.uncommitted.clear()
                yield from _commit(surroundings)
        yield statement


def _commit(surroundings: Surroundings) -> Iterator[Statement]:
    if surroundings.offline:
        yield Statement("COMMIT", comment=_WHY)
        yield Statement("BEGIN")
    else:
        yield Statement("SELECT 1", transactional=False, comment=_WHY)


def _text(statement: Statement, dialect: sa.Dialect) -> str:
    """The statement's text with everything that it may hold as a value."""
    if isinstance(statement.sql, str):
        return statement.sql
    parts = [_quoted(statement.parameters)]
    try:
        compiled: Any = statement.sql.compile(dialect=dialect)
    except sa.exc.SQLAlchemyError:
        return " ".join([str(statement.sql), *parts])
    return " ".join([str(compiled), _quoted(compiled.params), *parts])


def _quoted(value: Any) -> str:
    """All texts inside a value as literals."""
    if isinstance(value, dict):
        return " ".join(_quoted(one) for one in value.values())
    if isinstance(value, (list, tuple, set)):
        return " ".join(_quoted(one) for one in value)
    name = getattr(value, "name", None)  # a member of a Python enum
    return " ".join(literal(str(one)) for one in (value, name) if one is not None)
