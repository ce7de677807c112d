"""Which column types PostgreSQL converts by itself in ALTER COLUMN TYPE, and how it is told to convert others.

Without USING only implicit and assignment casts are tried.
https://www.postgresql.org/docs/current/sql-altertable.html, https://www.postgresql.org/docs/current/sql-createcast.html
"""

from __future__ import annotations

from flask_schema.dialects.postgresql.data_types import INTEGERS, NUMBERS, STRINGS, TypeName, type_name
from flask_schema.snapshot.elements import DataType

_MOMENTS = frozenset(
    {"DATE", "TIME WITHOUT TIME ZONE", "TIME WITH TIME ZONE", "TIMESTAMP WITHOUT TIME ZONE", "TIMESTAMP WITH TIME ZONE"}
)
_GROUPS = (NUMBERS, frozenset({"JSON", "JSONB"}), frozenset({"INET", "CIDR"}), frozenset({"BIT", "BIT VARYING"}))
_NO_CONVERSION = frozenset(
    {("DATE", "TIME WITHOUT TIME ZONE"), ("DATE", "TIME WITH TIME ZONE")}
    | {(time, other) for time in _MOMENTS if time.startswith("TIME ") for other in _MOMENTS if other[:5] != "TIME "}
)
_KNOWN = frozenset({"BOOLEAN", "UUID", "BYTEA", "INTERVAL", "MACADDR", "XML", "MONEY"})


def converts_itself(before: DataType, after: DataType) -> bool:  # noqa: PLR0911 - a table of rules
    """Whether ``ALTER COLUMN TYPE`` needs no USING, as far as that is known; True where nothing is known."""
    old, new = type_name(before.sql), type_name(after.sql)
    if old.name == new.name and old.array == new.array:
        return True
    if old.array != new.array:
        return not old.array or (new.name in STRINGS and not new.array)
    if new.name in STRINGS:
        return True
    if before.enum is not None or after.enum is not None:
        return False
    if old.name in STRINGS:
        return False
    if old.name in _MOMENTS and new.name in _MOMENTS:
        return (old.name, new.name) not in _NO_CONVERSION
    if any(old.name in group and new.name in group for group in _GROUPS):
        return True
    known = _KNOWN | NUMBERS | _MOMENTS
    return not (old.name in known and new.name in known)


def conversion(column: str, before: DataType, after: DataType) -> str | None:
    """The expression after USING that converts ``column`` (a quoted name); None where none is sure to be meant."""
    old, new = type_name(before.sql), type_name(after.sql)
    target = TypeName(new.name, new.arguments, new.array).sql
    if old.array and not new.array:
        return None
    if before.enum is not None and after.enum is not None:
        return f"{column}::text{'[]' if new.array else ''}::{target}"
    if before.enum is not None or after.enum is not None or old.name in STRINGS:
        return f"{column}::{target}"
    if old.name in INTEGERS and new.name == "BOOLEAN":
        return f"{column}::integer::boolean" if old.name != "INTEGER" else f"{column}::boolean"
    if old.name == "BOOLEAN" and new.name in NUMBERS:
        return f"{column}::integer" if new.name == "INTEGER" else f"{column}::integer::{target}"
    return None


def kind(data_type: DataType) -> str:
    """The type without length and precision."""
    named = type_name(data_type.sql)
    return f"{named.name}{'[]' if named.array else ''}"
