"""Changes the text of a CREATE TABLE in single places; everything else of it stays as it stands."""

from __future__ import annotations

import re

from flask_schema.dialects.sqlite import create_table as parts
from flask_schema.dialects.sqlite.create_table import Clause, ColumnText, TableText, parse_create_table
from flask_schema.dialects.sqlite.tokens import folded, quoted, same_name, tokens_of


class TableEditor:
    """The text of one table. Texts put in are finished SQL. ``parsed`` always fits ``text``."""

    def __init__(self, text: str) -> None:
        self.parsed: TableText = parse_create_table(text)

    @property
    def text(self) -> str:
        """The CREATE TABLE as it is now."""
        return self.parsed.text

    def column(self, name: str) -> ColumnText | None:
        """The column of that name, found as SQLite does: the case of ASCII letters makes no difference."""
        return next((column for column in self.parsed.columns if same_name(column.name, name)), None)

    def named(self, name: str) -> list[Clause]:
        """The constraints of that name, on a column or on the table; SQLite does not mind several."""
        return [one for one in self.parsed.clauses() if one.name is not None and same_name(one.name, name)]

    def primary_key(self) -> Clause | None:
        """The primary key's clause, or None."""
        return next((one for one in self.parsed.clauses() if one.kind == parts.PRIMARY_KEY), None)

    # -- columns ------------------------------------------------------------------------------

    def add_column(self, specification: str, after: str | None = None, before: str | None = None) -> None:
        """Put a column in after or before a named one, or last."""
        separator = self._separator()
        neighbour = self.column(before) if before is not None else None
        if neighbour is not None:
            self._put(neighbour.span.start, neighbour.span.start, specification + separator)
            return
        neighbour = (self.column(after) if after is not None else None) or self.parsed.columns[-1]
        self._put(neighbour.span.end, neighbour.span.end, separator + specification)

    def drop_column(self, name: str) -> None:
        """Take a column out, with what is written on it."""
        columns = self.parsed.columns
        place = next(place for place, one in enumerate(columns) if same_name(one.name, name))
        column = columns[place]
        if column.comma is not None:
            self._cut_with_comma(column.comma, column.span.start, column.span.end)
            return
        following = columns[1].span.start if len(columns) > 1 else column.span.end
        self._put(column.span.start, following, "")

    def set_type(self, name: str, sql: str) -> None:
        """Give a column another type; its collation stays."""
        column = self._existing(name)
        if column.type_span is not None:
            self._put(*column.type_span, sql)
        else:
            self._put(column.name_span.end, column.name_span.end, f" {sql}")

    def set_collation(self, name: str, collation: str | None) -> None:
        """Give a column another collation; None is SQLite's own, BINARY."""
        self._set_clause(name, parts.COLLATE, f"COLLATE {collation}" if collation is not None else None)

    def set_not_null(self, name: str, not_null: bool, on_conflict: str | None = None) -> None:
        """Add or take away NOT NULL; a column that says so already keeps its words."""
        column = self._existing(name)
        if not_null and column.clause(parts.NOT_NULL) is not None:
            return
        self._set_clause(name, parts.NULL, None)
        conflict = f" ON CONFLICT {on_conflict}" if on_conflict else ""
        self._set_clause(name, parts.NOT_NULL, f"NOT NULL{conflict}" if not_null else None)

    def set_default(self, name: str, sql: str | None) -> None:
        """Give a column another default, or None."""
        self._set_clause(name, parts.DEFAULT, f"DEFAULT {sql}" if sql is not None else None)

    def set_generated(self, name: str, sql: str | None) -> None:
        """Give a column another ``GENERATED ALWAYS AS (...)``, or None for a plain column."""
        self._set_clause(name, parts.GENERATED, sql)

    def set_autoincrement(self, name: str, wanted: bool) -> None:
        """Add or take away AUTOINCREMENT, which only the key on the column itself can carry."""
        key = self.primary_key()
        if key is None or (key.autoincrement is not None) == wanted:
            return
        if not wanted:
            assert key.autoincrement is not None
            self._cut(*key.autoincrement)
            return
        if key in self.parsed.constraints:
            words = f"CONSTRAINT {quoted(key.name)} PRIMARY KEY" if key.name is not None else "PRIMARY KEY"
            conflict = f" ON CONFLICT {key.on_conflict}" if key.on_conflict else ""
            self.drop_clause(key)
            self._append_clause(name, f"{words}{conflict} AUTOINCREMENT")
        else:
            self._put(key.span.end, key.span.end, " AUTOINCREMENT")

    # -- constraints --------------------------------------------------------------------------

    def add_constraint(self, sql: str) -> None:
        """Add a constraint of the table, last."""
        spans = [column.span for column in self.parsed.columns] + [one.span for one in self.parsed.constraints]
        end = max(span.end for span in spans)
        self._put(end, end, self._separator() + sql)

    def add_constraint_before(self, clause: Clause, sql: str) -> None:
        """Add a constraint of the table in front of one that it has."""
        self._put(clause.span.start, clause.span.start, sql + self._separator())

    def drop_clause(self, clause: Clause) -> None:
        """Take out a constraint that ``parsed`` holds now."""
        if clause.comma is not None:
            self._cut_with_comma(clause.comma, *clause.span)
        else:
            self._cut(*clause.span)

    def name_clause(self, clause: Clause, name: str) -> None:
        """Give a constraint a name, in the place of the one that it has."""
        start = end = clause.span.start
        if clause.name is not None:
            end += tokens_of(self.text[start : clause.span.end])[1].end
        self._put(start, end, f"CONSTRAINT {quoted(name)}{'' if end > start else ' '}")

    def rename(self, qualified: str) -> None:
        """Give the table another name, already quoted."""
        self._put(*self.parsed.name_span, qualified)

    def set_options(self, *, without_rowid: bool, strict: bool) -> None:
        """Make it WITHOUT ROWID and STRICT, or not."""
        if (self.parsed.without_rowid, self.parsed.strict) == (without_rowid, strict):
            return
        words = [word for word, wanted in (("WITHOUT ROWID", without_rowid), ("STRICT", strict)) if wanted]
        self._put(self.parsed.body_end + 1, len(self.text), f" {', '.join(words)}" if words else "")

    # -- the text -----------------------------------------------------------------------------

    def _existing(self, name: str) -> ColumnText:
        column = self.column(name)
        assert column is not None, f"no column {name} in {self.text[:60]}"
        return column

    def _set_clause(self, name: str, kind: str, sql: str | None) -> None:
        """Put ``sql`` in the place of a column's clauses of that kind; None takes them out."""
        found = [clause for clause in self._existing(name).clauses if clause.kind == kind]
        for clause in reversed(found[1:]):
            self._cut(*clause.span)
        if found and sql is not None:
            self._put(*found[0].span, sql)
        elif found:
            self._cut(*found[0].span)
        elif sql is not None:
            self._append_clause(name, sql)

    def _append_clause(self, name: str, sql: str) -> None:
        column = self._existing(name)
        end = column.type_span.end if column.type_span is not None else column.name_span.end
        if sql.startswith("GENERATED"):
            end = column.span.end
        self._put(end, end, f" {sql}")

    def _separator(self) -> str:
        """What stands between two definitions, in the manner of this text."""
        places = [(column.comma, column.span.start) for column in self.parsed.columns]
        places += [(constraint.comma, constraint.span.start) for constraint in self.parsed.constraints]
        for comma, start in places:
            if comma is not None and not self.text[comma + 1 : start].strip():
                return self.text[comma:start]
        return ", "

    def _cut_with_comma(self, comma: int, start: int, end: int) -> None:
        """Take out a definition and the comma before it; a comment that stands between them stays."""
        between = self.text[comma + 1 : start]
        self._put(comma, end, between.rstrip(" \t") if between.strip() else "")

    def _cut(self, start: int, end: int) -> None:
        """Take out a part and the blanks before it."""
        before = self.text[:start]
        kept = before if re.search(r"--[^\n]*\n[ \t]*\Z", before) else before.rstrip()
        self._put(len(kept), end, "" if self.text[end : end + 1] in (" ", ",", ")", "\n", "\t", "") else " ")

    def _put(self, start: int, end: int, sql: str) -> None:
        self.parsed = parse_create_table(self.text[:start] + sql + self.text[end:])


def column_names(parsed: TableText) -> dict[str, str]:
    """The names of all columns by their folded form, in order."""
    return {folded(column.name): column.name for column in parsed.columns}
