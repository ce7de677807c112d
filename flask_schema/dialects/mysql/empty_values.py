"""The emptiest value of types for which MySQL has none, for rows whose values are lost.

A new NOT NULL column without a default gets 0 or '' in rows that exist, except of these types.
https://dev.mysql.com/doc/refman/8.4/en/data-type-defaults.html
"""

from __future__ import annotations

from typing import Final

_VALUES: Final[dict[str, str]] = {
    "DATE": "'1970-01-01'",
    "DATETIME": "'1970-01-01 00:00:00'",
    "TIMESTAMP": "'1970-01-02 00:00:00'",
    "JSON": "('{}')",
}


def empty_value(sql: str) -> str | None:
    """The SQL of a value that says nothing, for a canonical type text; None where the server has one."""
    return _VALUES.get(sql.partition("(")[0].strip().upper())
