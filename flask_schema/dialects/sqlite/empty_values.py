"""The emptiest value of each type, for rows whose values are lost."""

from __future__ import annotations

from typing import Final

_MOMENT = "'1970-01-01 00:00:00.000000'"  # as SQLAlchemy stores it
_VALUES: Final[dict[str, str]] = {
    "DATE": "'1970-01-01'",
    "DATETIME": _MOMENT,
    "TIMESTAMP": _MOMENT,
    "TIME": "'00:00:00.000000'",
    "JSON": "'{}'",
    "BLOB": "x''",
}
_NUMBERS = ("INT", "REAL", "FLOA", "DOUB", "NUMERIC", "DECIMAL", "BOOL")
_TEXTS = ("CHAR", "CLOB", "TEXT")


def empty_value(sql: str) -> str | None:
    """The SQL of a value that says nothing, for a canonical type text; None for a type of somebody's own."""
    name = sql.partition("(")[0].partition(" COLLATE ")[0].strip().upper()
    if any(word in name for word in _TEXTS):
        return "''"
    if any(word in name for word in _NUMBERS):
        return "0"
    return _VALUES.get(name)
