"""The names that PostgreSQL makes up for what has none.

They follow ``makeObjectName`` and ``ChooseConstraintName`` in the server's source
(src/backend/commands/indexcmds.c, src/backend/catalog/pg_constraint.c).
"""

from __future__ import annotations

from flask_schema.snapshot.elements import (
    CheckConstraint,
    Constraint,
    ExcludeConstraint,
    ForeignKey,
    PrimaryKey,
    Table,
    UniqueConstraint,
)
from flask_schema.snapshot.identifiers import mentions

_LONGEST_BYTES = 63


def object_name(table: str, middle: str | None, label: str) -> str:
    """``table_middle_label``, table and middle cut to fit into 63 bytes, the longer one first."""
    one, other = table.encode(), (middle or "").encode()
    room = _LONGEST_BYTES - len(label.encode()) - 1 - (1 if middle else 0)
    while len(one) + len(other) > room:
        if len(one) > len(other):
            one = one[:-1]
        else:
            other = other[:-1]
    parts = [one.decode(errors="ignore"), *([other.decode(errors="ignore")] if middle else []), label]
    return "_".join(parts)


def sequence_name(table: str, column: str) -> str:
    """The sequence of a SERIAL column."""
    return object_name(table, column, "seq")


def constraint_name(table: Table, constraint: Constraint) -> str:
    """The name that a constraint without one got when ``table`` was created; equal ones are numbered."""
    middle, label = _name_parts(table, constraint)
    taken = {one.name for one in table.constraints if one.name is not None}
    for one in table.constraints:
        if one.name is not None or _name_parts(table, one) != (middle, label):
            continue
        number, name = 0, object_name(table.name.name, middle, label)
        while name in taken:
            number += 1
            name = object_name(table.name.name, middle, f"{label}{number}")
        if one == constraint:
            return name
        taken.add(name)
    return object_name(table.name.name, middle, label)


def _name_parts(table: Table, constraint: Constraint) -> tuple[str | None, str]:
    if isinstance(constraint, PrimaryKey):
        return None, "pkey"
    if isinstance(constraint, UniqueConstraint):
        return "_".join(constraint.columns), "key"
    if isinstance(constraint, ForeignKey):
        return "_".join(constraint.columns), "fkey"
    if isinstance(constraint, CheckConstraint):
        used = [name for name in table.column_names if mentions(constraint.expression, name)]
        return (used[0] if len(used) == 1 else None), "check"
    assert isinstance(constraint, ExcludeConstraint)
    names = [unquoted_name(expression) for expression, _ in constraint.elements]
    return "_".join(name if name in table.column_names else "expr" for name in names), "excl"


def unquoted_name(text: str) -> str:
    """A name as it is where it may stand in quotes."""
    return text[1:-1].replace('""', '"') if text.startswith('"') and text.endswith('"') else text
