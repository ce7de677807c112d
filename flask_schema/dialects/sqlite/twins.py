"""Foreign keys that say the same: SQLite lets a table have several, and reflection sees the first only.

Scripts that could not drop a key without a name have added one beside it. Alembic copies a table with the keys that
have names first, and reflects one of those that say the same; so the named one is what such a history ends with.
"""

from __future__ import annotations

from flask_schema.dialects.sqlite import create_table as parts
from flask_schema.dialects.sqlite.create_table import Clause
from flask_schema.dialects.sqlite.from_text import constraint_of
from flask_schema.dialects.sqlite.table_editor import TableEditor, column_names
from flask_schema.dialects.sqlite.tokens import folded
from flask_schema.snapshot.elements import ForeignKey

Key = tuple[object, ...]


def later_twins(editor: TableEditor) -> list[Clause]:
    """The foreign keys before which another stands with the same columns and the same target."""
    seen: set[Key] = set()
    found = []
    for clause in editor.parsed.clauses():
        key = _of_clause(clause, editor)
        if key is not None and key in seen:
            found.append(clause)
        elif key is not None:
            seen.add(key)
    return found


def unnamed_twin(editor: TableEditor, key: ForeignKey) -> Clause | None:
    """The table's first foreign key without a name that says the same as ``key``."""
    wanted = _of_key(key)
    clauses = (clause for clause in editor.parsed.constraints if clause.name is None)
    return next((clause for clause in clauses if _of_clause(clause, editor) == wanted), None)


def _of_clause(clause: Clause, editor: TableEditor) -> Key | None:
    if clause.kind != parts.FOREIGN_KEY:
        return None
    key = constraint_of(clause, column_names(editor.parsed), None)
    return _of_key(key) if isinstance(key, ForeignKey) else None


def _of_key(key: ForeignKey) -> Key:
    columns, referred = (tuple(map(folded, names)) for names in (key.columns, key.referred_columns))
    return columns, folded(key.referred_table.name), referred
