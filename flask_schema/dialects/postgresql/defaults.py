"""Defaults in one form, however they were written: ``'0'``, ``0`` and ``'0'::integer`` of an integer are ``0``."""

from __future__ import annotations

import re
from functools import lru_cache

from flask_schema.dialects.postgresql.data_types import INTEGERS, NUMBERS, STRINGS, TypeName, type_name
from flask_schema.dialects.postgresql.expressions import (
    canonical_expression,
    is_call,
    is_literal,
    literal_value,
    split_cast,
    without_outer_parentheses,
)

_NUMBER = re.compile(r"\A\s*(?P<sign>[-+]?)\s*(?P<digits>\d+)(?P<fraction>\.\d+)?\s*\Z")
_TRUE = frozenset({"t", "true", "y", "yes", "on", "1"})
_FALSE = frozenset({"f", "false", "n", "no", "off", "0"})


@lru_cache(maxsize=4096)
def canonical_default(text: str, type_sql: str) -> str | None:
    """The default of a column of type ``type_sql`` (canonical), or None for one that says NULL.

    A cast to just the column's type is left out of a literal; DEFAULT puts it there again.
    """
    expression = canonical_expression(text)
    bare, cast = split_cast(expression)
    if bare.lower() == "null":
        return None
    if cast is not None and _is_own(type_name(cast), type_name(type_sql)):
        return bare
    return expression


def _is_own(cast: TypeName, column: TypeName) -> bool:
    same = cast.name == column.name or (cast.name, column.name) == ("bpchar", "CHAR")
    return same and cast.array == column.array and cast.arguments in ("", column.arguments)


@lru_cache(maxsize=4096)
def default_key(default: str, type_sql: str) -> str:
    """What a canonical default says: two that say the same for a column of this type have the same key."""
    column = type_name(type_sql)
    bare, cast = split_cast(default)
    expression = bare if cast is not None and _is_needless(type_name(cast), column) else default
    if column.array:
        return expression
    if column.name in NUMBERS:
        return _number(expression, column.name)
    if column.name == "BOOLEAN":
        return _boolean(expression)
    return expression


def _is_needless(cast: TypeName, column: TypeName) -> bool:
    if cast.array != column.array or cast.arguments:
        return False
    return any(cast.name in group and column.name in group for group in (NUMBERS, _TEXTS))


_TEXTS = STRINGS - {"CHAR", "bpchar"}


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


def default_clause(text: str) -> str:
    """A default as it stands in a column definition, which takes operators like AT TIME ZONE in parentheses only."""
    is_plain = is_literal(text) or is_call(text) or text.isidentifier() or split_cast(text)[1] is not None
    return text if is_plain or without_outer_parentheses(text) != text.strip() else f"({text})"
