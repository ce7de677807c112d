"""Which column types PostgreSQL converts by itself in ALTER COLUMN TYPE, and how it is told to convert others.

Without USING only implicit and assignment casts are tried.
https://www.postgresql.org/docs/current/sql-altertable.html, https://www.postgresql.org/docs/current/sql-createcast.html
"""

from __future__ import annotations

from flask_schema.dialects.postgresql.data_types import NUMBERS, STRINGS, TypeName, type_name
from flask_schema.snapshot.elements import DataType

_TIMESTAMPS = frozenset({"TIMESTAMP WITHOUT TIME ZONE", "TIMESTAMP WITH TIME ZONE"})
_TIME, _TIME_ZONED = "TIME WITHOUT TIME ZONE", "TIME WITH TIME ZONE"
_REFERENCES = frozenset({"INTEGER", "BIGINT", "OID", "REGCLASS"})
_GROUPS = (
    NUMBERS, _REFERENCES, _TIMESTAMPS | {"DATE"}, frozenset({"JSON", "JSONB"}), frozenset({"INET", "CIDR"}),
    frozenset({"BIT", "BIT VARYING"}), frozenset({"MACADDR", "MACADDR8"}),
)  # fmt: skip
"""Types that are converted into each other by assignment."""
_ONE_WAY = frozenset(
    {(one, "MONEY") for one in ("INTEGER", "BIGINT", "NUMERIC")} | {("MONEY", "NUMERIC")}
    | {(one, _TIME) for one in (*_TIMESTAMPS, _TIME_ZONED, "INTERVAL")}
    | {("TIMESTAMP WITH TIME ZONE", _TIME_ZONED), (_TIME, _TIME_ZONED), (_TIME, "INTERVAL")}
    | {("VARCHAR", "REGCLASS"), ("TEXT", "REGCLASS"), ("SMALLINT", "OID"), ("SMALLINT", "REGCLASS")}
)  # fmt: skip


def converts_itself(before: DataType, after: DataType) -> bool:
    """Whether ``ALTER COLUMN TYPE`` needs no USING; True where nothing is known of a type (a domain, say)."""
    old, new = type_name(before.sql), type_name(after.sql)
    if old.array != new.array:
        return new.name in STRINGS and not new.array
    if old.name == new.name or new.name in STRINGS or (old.name, new.name) in _ONE_WAY:
        return True
    if before.enum is not None or after.enum is not None:
        return False
    if any(old.name in group and new.name in group for group in _GROUPS):
        return True
    return not (old.name.isupper() or old.name in STRINGS) or not new.name.isupper()


def conversion(column: str, before: DataType, after: DataType) -> str | None:  # noqa: PLR0911 - a table of rules
    """The expression after USING that converts ``column`` (a quoted name); None where none is sure to be meant.

    What has no cast of its own goes by way of text, as it would be written down; a value that cannot be read as the
    new type stops the change.
    """
    old, new = type_name(before.sql), type_name(after.sql)
    target = TypeName(new.name, new.arguments, new.array).sql
    if old.array != new.array:
        if old.array:
            return None
        if old.name in STRINGS:
            return f"{column}::{target}"
        return f"CASE WHEN {column} IS NOT NULL THEN ARRAY[{column}]::text[]::{target} END"
    brackets = "[]" if old.array else ""
    if (before.enum is None) == (after.enum is None):
        if old.name in STRINGS:
            return f"convert_to({column}, 'UTF8')" if new.name == "BYTEA" and not old.array else f"{column}::{target}"
        if not old.array and {old.name, new.name} in ({"INTEGER", "BOOLEAN"}, {"MONEY", "NUMERIC"}):
            return f"{column}::{target}"
        if not old.array and "BOOLEAN" in (old.name, new.name) and {old.name, new.name} & NUMBERS:
            return f"{column}::integer::{target}"
    elif before.enum is None and old.name in STRINGS:
        return f"{column}::{target}"
    return f"{column}::text{brackets}::{target}"


def kind(data_type: DataType) -> str:
    """The type without length and precision."""
    named = type_name(data_type.sql)
    return f"{named.name}{'[]' if named.array else ''}"
