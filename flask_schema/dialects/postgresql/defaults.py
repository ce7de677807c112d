"""Defaults in one form: ``'0'``, ``0`` and ``'0'::integer`` of an INTEGER are ``0``.

Two texts come to one form only where the server, too, shows both in the same words afterwards.
"""

from __future__ import annotations

import re
from functools import lru_cache

from flask_schema.dialects.postgresql.data_types import TypeName, type_name
from flask_schema.dialects.postgresql.expressions import (
    canonical_expression,
    is_call,
    is_literal,
    literal_value,
    split_cast,
    without_outer_parentheses,
)

_NUMBER = re.compile(r"\A\s*(?P<sign>[-+]?)\s*(?P<digits>\d+)\s*\Z")
_TRUE = frozenset({"t", "true", "y", "yes", "on", "1"})
_FALSE = frozenset({"f", "false", "n", "no", "off", "0"})


@lru_cache(maxsize=4096)
def canonical_default(text: str, type_sql: str) -> str | None:
    """The default of a column of type ``type_sql`` (canonical), or None for one that says NULL."""
    expression = canonical_expression(text)
    column = type_name(type_sql)
    bare, cast = split_cast(expression)
    if bare.lower() == "null":
        return None
    if cast is not None and _is_needless(type_name(cast), column):
        expression = bare
    if column.array:
        return expression
    if column.name == "INTEGER":
        return _number(expression)
    if column.name == "BOOLEAN":
        return _boolean(expression)
    return expression


def _is_needless(cast: TypeName, column: TypeName) -> bool:
    """Only a cast to the column's own type: the server keeps the text of any other one."""
    return (cast.name, cast.array) == (column.name, column.array) and cast.arguments in ("", column.arguments)


def _number(expression: str) -> str:
    value = literal_value(expression)
    found = _NUMBER.match(value if value is not None else expression)
    if found is None:
        return expression
    return f"{'-' if found['sign'] == '-' else ''}{found['digits'].lstrip('0') or '0'}"


def _boolean(expression: str) -> str:
    value = literal_value(expression)
    word = (value if value is not None else expression).strip().lower()
    if value is not None and word in _TRUE:
        return "true"
    if value is not None and word in _FALSE:
        return "false"
    return word if word in ("true", "false") else expression


def default_clause(text: str) -> str:
    """A default as it stands in a column definition, which takes operators like AT TIME ZONE in parentheses only."""
    is_plain = is_literal(text) or is_call(text) or text.isidentifier() or split_cast(text)[1] is not None
    return text if is_plain or without_outer_parentheses(text) != text.strip() else f"({text})"
