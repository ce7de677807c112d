"""Defaults in one form, however they were written: ``'0'``, ``0`` and ``'0'::integer`` of an integer are ``0``."""

from __future__ import annotations

import re
from functools import lru_cache

from flask_schema.dialects.postgresql.data_types import INTEGERS, NUMBERS, STRINGS, TypeName, type_name
from flask_schema.dialects.postgresql.expressions import canonical_expression, literal_value, split_cast

_NUMBER = re.compile(r"\A\s*(?P<sign>[-+]?)\s*(?P<digits>\d+)(?P<fraction>\.\d+)?\s*\Z")
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
    if column.name in NUMBERS:
        return _number(expression, column.name)
    if column.name == "BOOLEAN":
        return _boolean(expression)
    return expression


def _is_needless(cast: TypeName, column: TypeName) -> bool:
    if cast.array != column.array:
        return False
    if cast.name == column.name:
        return cast.arguments in ("", column.arguments)
    if cast.name in STRINGS and column.name in STRINGS:
        return "CHAR" not in (cast.name, column.name) and not cast.arguments
    return cast.name in NUMBERS and column.name in NUMBERS and not cast.arguments


def _number(expression: str, column: str) -> str:
    value = literal_value(expression)
    found = _NUMBER.match(value if value is not None else expression)
    if found is None or (column in INTEGERS and found["fraction"]):
        return expression
    sign = "-" if found["sign"] == "-" else ""
    return f"{sign}{found['digits'].lstrip('0') or '0'}{found['fraction'] or ''}"


def _boolean(expression: str) -> str:
    value = literal_value(expression)
    word = (value if value is not None else expression).strip().lower()
    if value is not None and word in _TRUE:
        return "true"
    if value is not None and word in _FALSE:
        return "false"
    return word if word in ("true", "false") else expression
