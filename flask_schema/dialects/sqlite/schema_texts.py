"""The texts of one schema's ``sqlite_master``, before any statement and as the statements so far leave them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flask_schema.dialects.dialect import Surroundings
from flask_schema.dialects.sqlite.alteration import Alteration
from flask_schema.dialects.sqlite.canonical import canonical_table
from flask_schema.dialects.sqlite.compiler import SqliteCompiler
from flask_schema.dialects.sqlite.create_table import parse_create_table
from flask_schema.dialects.sqlite.from_text import table_of
from flask_schema.dialects.sqlite.reader import SchemaRow
from flask_schema.dialects.sqlite.rebuild import StoredTable
from flask_schema.dialects.sqlite.scratch import renamed_column
from flask_schema.dialects.sqlite.table_editor import TableEditor
from flask_schema.dialects.sqlite.tokens import quoted, same_name
from flask_schema.errors import ObjectMissing, OfflineRefused
from flask_schema.operations.indexes import CreateIndex
from flask_schema.snapshot.elements import QualifiedName, Table


class SchemaTexts:
    """Read when first asked for: from the database, or, offline, made of what is known of it.

    ``template`` is a table that a script describes itself, for where nothing else is known of it.
    """

    def __init__(self, schema: str | None, compiler: SqliteCompiler, surroundings: Surroundings) -> None:
        self.schema = schema
        self.compiler = compiler
        self.surroundings = surroundings
        self.template: Table | None = None
        self._before: list[SchemaRow] | None = None
        self._rows: list[SchemaRow] | None = None

    @property
    def offline(self) -> bool:
        """Whether there is no database."""
        return self.surroundings.offline

    @property
    def before(self) -> list[SchemaRow]:
        """The rows as they were when they were first asked for."""
        if self._before is None:
            raise ObjectMissing("no table of the schema has been asked for")
        return self._before

    @property
    def rows(self) -> list[SchemaRow]:
        """The rows as they are by now."""
        if self._rows is None:
            self._rows = self._live_rows()
        return self._rows

    def stored(self, table: QualifiedName) -> StoredTable:
        """A table's texts as they are by now. Raises ObjectMissing when there is no such table."""
        if self.offline:
            self._make_known(table)
        rows = [row for row in self.rows if same_name(row.table, table.name) and row.sql is not None]
        if self._before is None:
            self._before = self.rows
        own = next((row for row in rows if row.type == "table"), None)
        if own is None:
            raise ObjectMissing(f"there is no table {table}")
        return StoredTable(
            QualifiedName(own.name, table.schema),
            own.sql or "",
            {row.name: row.sql or "" for row in rows if row.type == "index"},
            {row.name: row.sql or "" for row in rows if row.type == "trigger"},
        )

    def described(self, stored: StoredTable) -> StoredTable | None:
        """The texts of the table as a script describes it (``copy_from``), None where it does not; triggers stay."""
        if self.template is None:
            return None
        table = replace(self.template, name=QualifiedName(stored.name.name))
        rows = list(self._rows_of(table))
        indexes = {row.name: row.sql or "" for row in rows if row.type == "index"}
        return StoredTable(stored.name, rows[0].sql or "", indexes, stored.triggers)

    def put(self, alteration: Alteration) -> None:
        """Put a table's new texts in the place of those it had."""
        after = alteration.after
        name = after.name.name
        kept = [row for row in self.rows if not (same_name(row.table, name) and row.type in ("table", "index"))]
        made = [SchemaRow("table", name, name, after.sql)]
        made += [SchemaRow("index", index, name, sql) for index, sql in after.indexes.items()]
        self._rows = made + kept

    def rename_column(self, table: QualifiedName, name: str, new_name: str) -> None:
        """Let SQLite rename a column in a scratch database; where that fails, the database is read anew."""
        self._rows = renamed_column(self.rows, table.name, name, new_name)

    def _live_rows(self) -> list[SchemaRow]:
        rows = self.surroundings.query(
            f"SELECT type, name, tbl_name, sql FROM {quoted(self.schema or 'main')}.sqlite_master"
        )
        return [SchemaRow(*row) for row in rows]

    # -- offline ------------------------------------------------------------------------------

    def _make_known(self, name: QualifiedName) -> None:
        """Take in the rows that ``sqlite_master`` would have. Raises OfflineRefused when the table is not known."""
        if self._rows is not None and any(same_name(row.name, name.name) for row in self._rows):
            return
        try:
            table = self.surroundings.table(name) or self.template
        except OfflineRefused:
            if self.template is None:
                raise
            table = self.template
        if table is None:
            raise ObjectMissing(f"there is no table {name}")
        made = list(self._rows_of(table)) if self._rows is not None else self._known_rows(table)
        self._rows = [*(self._rows or ()), *made]

    def _known_rows(self, table: Table) -> list[SchemaRow]:
        try:
            snapshot = self.surroundings.snapshot()
        except OfflineRefused:
            return list(self._rows_of(table))
        rows = [
            row for name, one in snapshot.tables.items() if name.schema == self.schema for row in self._rows_of(one)
        ]
        for name, view in snapshot.views.items():
            listed = ", ".join(quoted(column) for column in dict(view.options).get("columns", ()))
            head = f"CREATE VIEW {quoted(name.name)}{f' ({listed})' if listed else ''}"
            rows.append(SchemaRow("view", name.name, name.name, f"{head} AS {view.definition}"))
        rows += [
            SchemaRow("trigger", trigger.name, owner.name, trigger.definition)
            for (owner, _), trigger in snapshot.triggers.items()
            if owner.schema == self.schema
        ]
        return rows

    def _rows_of(self, table: Table) -> Iterator[SchemaRow]:
        own = table.name.name
        yield SchemaRow("table", own, own, known_text(table, self.compiler))
        for index in table.indexes:
            for sql in self.compiler.create_index(CreateIndex(QualifiedName(own), index)):
                yield SchemaRow("index", index.name or "", own, str(sql))


def known_text(table: Table, compiler: SqliteCompiler) -> str:
    """The table's CREATE TABLE: the text that was read, while it still fits the elements, else one made of them."""
    if table.sql is not None:
        read = canonical_table(table_of(parse_create_table(table.sql), table.name, table.indexes))
        if read == canonical_table(table):
            return table.sql
    editor = TableEditor(compiler.table_definition(without_schema(table)))
    editor.rename(quoted(table.name.name))
    return editor.text


def without_schema(table: Table) -> Table:
    """A table as SQLite keeps it: neither its own name nor those of its foreign keys carry the schema."""
    keys = tuple(replace(key, referred_table=QualifiedName(key.referred_table.name)) for key in table.foreign_keys)
    return replace(table, name=QualifiedName(table.name.name), foreign_keys=keys)
