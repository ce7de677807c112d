"""Column defaults of MySQL and MariaDB: the one spelling that is compared, and how it is written.

``ON UPDATE CURRENT_TIMESTAMP`` stands behind the default, as ``server_default=text(...)`` has it.
https://dev.mysql.com/doc/refman/8.4/en/data-type-defaults.html
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from flask_schema.dialects.mysql.data_types import MOMENTS, NUMBERS, WITHOUT_LITERAL_DEFAULT, ParsedType, canonical_type
from flask_schema.dialects.mysql.expressions import (
    canonical_expression,
    is_string,
    quoted,
    string_value,
    tokens,
    without_outer_parentheses,
)

_ON_UPDATE = re.compile(r"(?is)\A(?P<default>.*?)\s*\bON\s+UPDATE\s+(?P<moment>[\w]+\s*(?:\(\s*\d*\s*\))?)\s*\Z")
_NOW = re.compile(
    r"(?i)\A(?:now|current_timestamp|localtime|localtimestamp)\s*(?:\(\s*(?P<digits>\d*)\s*\))?\Z",
)
_NUMBER = re.compile(r"\A[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?\Z")


def is_current_timestamp(text: str) -> bool:
    """Whether ``text`` is the moment of the statement, in one of its spellings, with no parentheses around."""
    found = _NOW.match(text.strip())
    return found is not None and text.strip().lower() != "now"


def has_on_update(default: str | None) -> bool:
    """Whether a default carries ``ON UPDATE``."""
    return default is not None and _ON_UPDATE.match(default) is not None


def canonical_default(text: str | None, type_sql: str) -> str | None:
    """One spelling for the SQL after DEFAULT of a column of type ``type_sql``; None for no default."""
    if text is None:
        return None
    on_update = _ON_UPDATE.match(text)
    if on_update is not None:
        default = canonical_default(on_update["default"], type_sql) or "NULL"
        return f"{default} ON UPDATE {_canonical_moment(on_update['moment'])}"
    bare = without_outer_parentheses(text)
    if bare.upper() in ("NULL", ""):
        return None
    return _canonical_moment(bare) if is_current_timestamp(bare) else _canonical_value(bare, canonical_type(type_sql))


def _canonical_value(bare: str, parsed: ParsedType) -> str:
    """A literal in the way of the column's type, or an expression."""
    value = string_value(bare) if is_string(bare) else bare
    if parsed.name in NUMBERS or parsed.name == "YEAR":
        if value.lower() in ("true", "false"):
            return "1" if value.lower() == "true" else "0"
        if _NUMBER.match(value.strip()):
            return _canonical_number(value.strip(), parsed.name, parsed.arguments)
    is_text = is_string(bare) or _NUMBER.match(bare) is not None
    return quoted(value) if is_text else canonical_expression(bare)


def _canonical_moment(text: str) -> str:
    found = _NOW.match(text.strip())
    digits = found["digits"] if found is not None else None
    return f"CURRENT_TIMESTAMP({digits})" if digits and digits != "0" else "CURRENT_TIMESTAMP"


def _canonical_number(text: str, name: str, arguments: tuple[str, ...]) -> str:
    try:
        number = Decimal(text)
        if name == "DECIMAL":
            number = number.quantize(Decimal(1).scaleb(-int(arguments[1])))
            return format(number, "f")
    except InvalidOperation:
        return text
    if number == number.to_integral_value():
        return format(number.to_integral_value(), "f")
    return format(number.normalize(), "f")


def is_literal(default: str) -> bool:
    """Whether a default is a literal, which needs no parentheses."""
    found = tokens(default)
    if found and found[0][1] in ("-", "+"):
        found = found[1:]
    if len(found) != 1:
        return False
    kind, token = found[0]
    return kind in ("string", "number") or token.upper() in ("NULL", "TRUE", "FALSE")


def written_default(default: str, type_sql: str | None, *, is_mariadb: bool) -> str:
    """What stands after DEFAULT: an expression goes into parentheses, a literal and CURRENT_TIMESTAMP do not.

    MySQL wants parentheses around any default of a TEXT, BLOB or JSON column, and around
    CURRENT_TIMESTAMP in a column that is neither TIMESTAMP nor DATETIME.
    """
    name = canonical_type(type_sql).name if type_sql is not None else None
    if default.lstrip().startswith("(") or has_on_update(default):
        return default
    if is_literal(default):
        wrapped = not is_mariadb and name in WITHOUT_LITERAL_DEFAULT and default.upper() != "NULL"
    elif is_current_timestamp(default):
        wrapped = name is not None and name not in MOMENTS
    else:
        wrapped = True
    return f"({default})" if wrapped else default
