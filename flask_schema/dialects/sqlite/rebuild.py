"""The rebuild of a table: SQLite's documented way to change what ALTER TABLE cannot.

https://sqlite.org/lang_altertable.html#otheralter: a new table is made beside the old one, the rows are
copied, the old one is dropped, the new one takes its name, and indexes and triggers are made again from
their texts. Views and the triggers of other tables stay in place meanwhile: with ``legacy_alter_table`` on,
SQLite neither checks nor rewrites them when the new table gets the old name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from typing import Final

from flask_schema.dialects.sqlite.create_index import in_schema
from flask_schema.dialects.sqlite.create_table import TableText, parse_create_table
from flask_schema.dialects.sqlite.table_editor import TableEditor
from flask_schema.dialects.sqlite.tokens import literal, quoted
from flask_schema.dialects.statement import Statement
from flask_schema.snapshot.elements import QualifiedName
from flask_schema.values import dataclass

PREFIX: Final = "_flask_schema_new_"
"""Tables whose names begin so are half-made; a killed process may leave one behind."""


@dataclass(slots=True)
class StoredTable:
    """What ``sqlite_master`` holds of a table: its text and, by name, those of its indexes and triggers."""

    name: QualifiedName
    sql: str
    indexes: dict[str, str] = field(default_factory=dict)
    triggers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Rebuild:
    """One pass over a table: from ``before`` to ``after``.

    ``sources`` has, for each column of ``after`` by name, the column of ``before`` that it is filled from;
    one that is not in it is new. ``conversions`` are expressions over ``before`` that fill columns in its place.
    ``legacy_alter_table`` is the setting to return to.
    """

    before: StoredTable
    after: StoredTable
    sources: dict[str, str]
    legacy_alter_table: bool = False
    conversions: dict[str, str] = field(default_factory=dict)

    def statements(self) -> Iterator[Statement]:
        """The statements in order. Foreign keys must not be enforced while they run."""
        name = self.before.name
        place = f"{quoted(name.schema)}." if name.schema else ""
        new_name = PREFIX + name.name
        table, new_table = place + quoted(name.name), place + quoted(new_name)
        yield Statement(f"DROP TABLE IF EXISTS {new_table}")
        editor = TableEditor(self.after.sql)
        editor.rename(new_table)
        yield Statement(editor.text)
        yield from self._copy(table, new_table)
        yield from self._sequence(place, new_name)
        yield Statement("PRAGMA legacy_alter_table = ON")
        yield Statement(f"DROP TABLE {table}")
        yield Statement(f"ALTER TABLE {new_table} RENAME TO {quoted(name.name)}")
        if not self.legacy_alter_table:
            yield Statement("PRAGMA legacy_alter_table = OFF")
        for sql in (*self.after.indexes.values(), *self.after.triggers.values()):
            yield Statement(in_schema(sql, name.schema))

    def _copy(self, table: str, new_table: str) -> Iterator[Statement]:
        before, after = parse_create_table(self.before.sql), parse_create_table(self.after.sql)
        pairs = [
            (quoted(column.name), self.conversions.get(column.name) or quoted(self.sources[column.name]))
            for column in after.columns
            if (column.name in self.sources or column.name in self.conversions) and not column.is_generated
        ]
        rowid = _free_rowid(before, after)
        if rowid is not None:
            pairs.insert(0, (rowid, rowid))
        if pairs:
            targets, values = (", ".join(side) for side in zip(*pairs, strict=True))
            insert = "INSERT OR ABORT" if _resolves_conflicts(after) else "INSERT"
            yield Statement(f"{insert} INTO {new_table} ({targets}) SELECT {values} FROM {table}")

    def _sequence(self, place: str, new_name: str) -> Iterator[Statement]:
        """AUTOINCREMENT goes on where it was, also when the rows with the highest numbers are gone."""
        if not (_numbered(self.before.sql) and _numbered(self.after.sql)):
            return
        sequence, new, old = f"{place}sqlite_sequence", literal(new_name), literal(self.before.name.name)
        yield Statement(f"DELETE FROM {sequence} WHERE name = {new}")
        yield Statement(f"INSERT INTO {sequence} (name, seq) SELECT {new}, seq FROM {sequence} WHERE name = {old}")


def _resolves_conflicts(parsed: TableText) -> bool:
    """Whether a constraint would drop or replace rows by itself, which must fail while rows are copied."""
    return any(clause.on_conflict is not None for clause in parsed.clauses())


def _numbered(sql: str) -> bool:
    return any(clause.autoincrement is not None for clause in parse_create_table(sql).clauses())


def _free_rowid(before: TableText, after: TableText) -> str | None:
    """A name for the rowid where both tables have one that no column stands for, else None."""
    if before.without_rowid or after.without_rowid or _has_alias(before) or _has_alias(after):
        return None
    taken = {column.name.lower() for parsed in (before, after) for column in parsed.columns}
    return next((name for name in ("rowid", "_rowid_", "oid") if name not in taken), None)


def _has_alias(parsed: TableText) -> bool:
    key = next((clause for clause in parsed.clauses() if clause.kind == "primary key"), None)
    if key is None or len(key.columns) != 1:
        return False
    return any(column.type == "INTEGER" for column in parsed.columns if column.name.lower() == key.columns[0].lower())
