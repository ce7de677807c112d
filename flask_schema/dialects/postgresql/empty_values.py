"""The emptiest value of each type, for rows whose values are lost."""

from __future__ import annotations

from typing import Final

from flask_schema.dialects.postgresql.data_types import type_name

_NUMBERS = ("SMALLINT", "INTEGER", "BIGINT", "NUMERIC", "REAL", "DOUBLE PRECISION", "FLOAT", "OID")
_TEXTS = ("VARCHAR", "CHAR", "TEXT", "citext", "BYTEA", "TSVECTOR", "BIT VARYING", "hstore", "XML")
_RANGES = ("INT4", "INT8", "NUM", "TS", "TSTZ", "DATE")

_VALUES: Final[dict[str, str]] = {
    **dict.fromkeys(_NUMBERS, "0"),
    **dict.fromkeys(_TEXTS, "''"),
    **{f"{name}RANGE": "'empty'" for name in _RANGES},
    **{f"{name}MULTIRANGE": "'{}'" for name in _RANGES},
    "BOOLEAN": "false",
    "DATE": "'1970-01-01'",
    "TIMESTAMP": "'1970-01-01 00:00:00'",
    "TIME": "'00:00:00'",
    "INTERVAL": "'00:00:00'",
    "UUID": "'00000000-0000-0000-0000-000000000000'",
    "JSON": "'{}'",
    "JSONB": "'{}'",
    "MONEY": "0",
    "INET": "'0.0.0.0'",
    "CIDR": "'0.0.0.0/0'",
    "MACADDR": "'00:00:00:00:00:00'",
    "POINT": "'(0,0)'",
}


def empty_value(sql: str) -> str | None:
    """The SQL of a value that says nothing, for a canonical type text; None where there is none."""
    parts = type_name(sql)
    if parts.array:
        return "'{}'"
    if parts.name == "BIT":
        return f"B'{'0' * int(parts.arguments or 1)}'"
    return _VALUES.get(parts.name) or _VALUES.get(parts.name.partition(" ")[0])
