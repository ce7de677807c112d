"""Reads the text of a CREATE TABLE, as SQLite keeps it in ``sqlite_master``, into its parts and their places.

The grammar is that of https://sqlite.org/lang_createtable.html and, where SQLite takes more than it
documents (constraints without commas between them, a name without a constraint), of its ``parse.y``.
"""

from __future__ import annotations

from dataclasses import field
from typing import Final

from flask_schema.dialects.sqlite.tokens import Span, closing, texts_of, tokens_of, unquoted
from flask_schema.values import dataclass

_COLUMN_CLAUSES: Final = frozenset(
    ("CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "AS", "GENERATED")
)
TABLE_CONSTRAINTS: Final = frozenset(("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"))
"""The words that a constraint of the table begins with, and no column's definition."""

PRIMARY_KEY, UNIQUE, CHECK, FOREIGN_KEY = "primary key", "unique", "check", "foreign key"
NOT_NULL, NULL, DEFAULT, COLLATE, GENERATED = "not null", "null", "default", "collate", "generated"
NAME_ONLY = "name"

_NOWHERE: Final = Span(0, 0)


@dataclass(slots=True)
class Reference:
    """What follows REFERENCES. ``columns`` is empty when the target's primary key is meant."""

    table: str
    columns: tuple[str, ...] = ()
    ondelete: str | None = None
    onupdate: str | None = None
    match: str | None = None
    deferrable: bool | None = None
    initially: str | None = None


@dataclass(slots=True)
class Clause:
    """A constraint of a column or of the table, DEFAULT, COLLATE and GENERATED among them.

    ``span`` takes in ``CONSTRAINT name``. ``columns`` are those of a key (of its column, when it stands
    on one). ``text`` is the expression of a check or computed column without parentheses, a default as
    it stands, or a collation's name. ``autoincrement`` is the place of that word. ``comma`` is the place of
    the comma before a constraint of the table.
    """

    kind: str
    span: Span
    name: str | None = None
    columns: tuple[str, ...] = ()
    text: str = ""
    on_conflict: str | None = None
    autoincrement: Span | None = None
    stored: bool = False
    reference: Reference | None = None
    comma: int | None = None


@dataclass(slots=True)
class ColumnText:
    """A column's definition. ``type`` is spelled evenly; ``type_span`` is None where there is no type."""

    name: str
    name_span: Span
    type: str
    type_span: Span | None
    clauses: list[Clause]
    span: Span
    comma: int | None = None

    def clause(self, kind: str) -> Clause | None:
        """The first clause of that kind, or None."""
        return next((clause for clause in self.clauses if clause.kind == kind), None)

    @property
    def is_generated(self) -> bool:
        """Whether its values are computed and cannot be inserted."""
        return any(clause.kind == GENERATED for clause in self.clauses)


@dataclass(slots=True)
class TableText:
    """A whole CREATE TABLE. ``body_end`` is the place of the parenthesis that closes the columns."""

    text: str
    name: str
    name_span: Span
    columns: list[ColumnText] = field(default_factory=list)
    constraints: list[Clause] = field(default_factory=list)
    body_end: int = 0
    without_rowid: bool = False
    strict: bool = False

    def clauses(self) -> list[Clause]:
        """All clauses: those of columns in order, then those of the table."""
        return [clause for column in self.columns for clause in column.clauses] + self.constraints


def parse_create_table(text: str, *, places: bool = True) -> TableText:
    """Parse a CREATE TABLE. Raises ValueError for a text that is none (``AS SELECT``, ``CREATE VIRTUAL TABLE``).

    Without ``places`` all spans and commas are at 0: reading a whole schema needs none, and is faster so.
    """
    return _Parser(text, places).table()


class _Parser:
    def __init__(self, text: str, places: bool) -> None:
        self.text = text
        self.places = places
        self.texts = texts_of(text)
        self.words = [one.upper() for one in self.texts]
        self.words.append("")
        self.place = 0
        self._starts: list[int] | None = None

    # -- moving -------------------------------------------------------------------------------

    def fail(self, expected: str) -> ValueError:
        found = self.texts[self.place] if self.place < len(self.texts) else "the end"
        return ValueError(f"expected {expected} and found {found} in {self.text[:60]!r}")

    def accept(self, *words: str) -> bool:
        """Move over these words when they come next."""
        place = self.place
        for word in words:
            if self.words[place] != word:
                return False
            place += 1
        self.place = place
        return True

    def expect(self, word: str) -> str:
        if self.words[self.place] != word:
            raise self.fail(word)
        return self.take()

    def take(self) -> str:
        if self.place >= len(self.texts):
            raise self.fail("more")
        self.place += 1
        return self.texts[self.place - 1]

    def start_of(self, place: int) -> int:
        if self._starts is None:
            self._starts = [token.start for token in tokens_of(self.text)]
        return self._starts[place] if place < len(self._starts) else len(self.text)

    def start(self) -> int:
        return self.start_of(self.place) if self.places else 0

    def end(self) -> int:
        return self.start_of(self.place - 1) + len(self.texts[self.place - 1]) if self.places else 0

    def last(self) -> Span:
        """The place of the token that was taken last."""
        return Span(self.start_of(self.place - 1), self.end()) if self.places else _NOWHERE

    def comma(self) -> int | None:
        """Move over a comma when it comes next; its place."""
        if self.words[self.place] != ",":
            return None
        self.place += 1
        return self.last().start

    def parentheses(self) -> str:
        """Move over ``( ... )``; the text inside."""
        if self.words[self.place] != "(":
            raise self.fail("(")
        opening, end = self.place, closing(self.texts, self.place)
        self.place = end + 1
        return self.text[self.start_of(opening) + 1 : self.start_of(end)]

    # -- the table ----------------------------------------------------------------------------

    def table(self) -> TableText:
        self.expect("CREATE")
        if not self.accept("TEMP"):
            self.accept("TEMPORARY")
        self.expect("TABLE")
        self.accept("IF", "NOT", "EXISTS")
        name = self.take()
        if self.accept("."):
            name = self.take()
        parsed = TableText(self.text, unquoted(name), self.last())
        self.expect("(")
        comma: int | None = None
        while self.words[self.place] not in TABLE_CONSTRAINTS:
            parsed.columns.append(self.column(comma))
            comma = self.comma()
            if comma is None:
                break
        self.table_constraints(parsed.constraints, comma)
        self.expect(")")
        parsed.body_end = self.last().start
        self.options(parsed)
        return parsed

    def table_constraints(self, constraints: list[Clause], comma: int | None) -> None:
        while self.words[self.place] != ")":
            constraint = self.table_constraint()
            constraint.comma = comma
            constraints.append(constraint)
            comma = self.comma()

    def options(self, parsed: TableText) -> None:
        while self.place < len(self.texts):
            if self.accept("WITHOUT"):
                self.take()
                parsed.without_rowid = True
            elif self.accept("STRICT"):
                parsed.strict = True
            elif not self.accept(",") and not self.accept(";"):
                raise self.fail("a table option")

    # -- columns ------------------------------------------------------------------------------

    def column(self, comma: int | None) -> ColumnText:
        name = self.take()
        parsed = ColumnText(unquoted(name), self.last(), "", None, [], _NOWHERE, comma)
        first, start = self.place, self.start()
        self.skip_type()
        if self.place > first:
            parsed.type_span = Span(start, self.end())
            parsed.type = even_type(self.texts[first : self.place])
        while self.words[self.place] not in (",", ")"):
            self.column_clause(parsed)
        parsed.span = Span(parsed.name_span.start, self.end())
        return parsed

    def skip_type(self) -> None:
        while True:
            word = self.words[self.place]
            if word in (",", ")", "") or (word in _COLUMN_CLAUSES and not self.is_name("GENERATED", "ALWAYS")):
                return
            self.place = closing(self.texts, self.place) + 1 if word == "(" else self.place + 1

    def is_name(self, word: str, unless: str) -> bool:
        return self.words[self.place] == word and self.words[self.place + 1] != unless

    def column_clause(self, column: ColumnText) -> None:
        start = self.start()
        name = unquoted(self.take()) if self.accept("CONSTRAINT") else None
        word = self.words[self.place]
        if word in ("DEFERRABLE", "INITIALLY") or (word == "NOT" and self.words[self.place + 1] == "DEFERRABLE"):
            self.late_deferral(column)
            return
        clause = Clause(NAME_ONLY, Span(start, start), name)
        if not self.key_clause(clause, column.name) and not self.value_clause(clause) and name is None:
            raise self.fail("a column constraint")
        clause.span = Span(start, self.end())
        column.clauses.append(clause)

    def key_clause(self, clause: Clause, column: str) -> bool:
        if self.accept("PRIMARY", "KEY"):
            clause.kind, clause.columns = PRIMARY_KEY, (column,)
            self.primary_key_end(clause)
        elif self.accept("UNIQUE"):
            clause.kind, clause.columns, clause.on_conflict = UNIQUE, (column,), self.on_conflict()
        elif self.accept("REFERENCES"):
            clause.kind, clause.columns, clause.reference = FOREIGN_KEY, (column,), self.reference()
        else:
            return False
        return True

    def value_clause(self, clause: Clause) -> bool:
        if self.accept("NOT", "NULL"):
            clause.kind, clause.on_conflict = NOT_NULL, self.on_conflict()
        elif self.accept("NULL"):
            clause.kind, clause.on_conflict = NULL, self.on_conflict()
        elif self.accept("CHECK"):
            clause.kind, clause.text = CHECK, self.parentheses().strip()
        elif self.accept("DEFAULT"):
            clause.kind, clause.text = DEFAULT, self.default()
        elif self.accept("COLLATE"):
            clause.kind, clause.text = COLLATE, unquoted(self.take())
        elif self.accept("GENERATED", "ALWAYS", "AS") or self.accept("AS"):
            clause.kind, clause.text = GENERATED, self.parentheses().strip()
            clause.stored = self.accept("STORED")
            self.accept("VIRTUAL")
        else:
            return False
        return True

    def late_deferral(self, column: ColumnText) -> None:
        """DEFERRABLE with something between it and its REFERENCES belongs to the last foreign key."""
        keys = [clause for clause in column.clauses if clause.reference is not None]
        reference = keys[-1].reference if keys else None
        self.deferral(reference or Reference(""))

    def primary_key_end(self, clause: Clause) -> None:
        if not self.accept("ASC"):
            self.accept("DESC")
        clause.on_conflict = self.on_conflict()
        if self.words[self.place] == "AUTOINCREMENT":
            self.take()
            clause.autoincrement = self.last()

    def default(self) -> str:
        if self.words[self.place] == "(":
            return f"({self.parentheses()})"
        sign = self.take() if self.words[self.place] in ("+", "-") else ""
        return sign + self.take()

    def on_conflict(self) -> str | None:
        return self.take().upper() if self.accept("ON", "CONFLICT") else None

    # -- references ---------------------------------------------------------------------------

    def reference(self) -> Reference:
        found = Reference(unquoted(self.take()))
        if self.words[self.place] == "(":
            found.columns = self.column_list()
        while True:
            if self.accept("ON", "DELETE"):
                found.ondelete = self.action()
            elif self.accept("ON", "UPDATE"):
                found.onupdate = self.action()
            elif self.accept("MATCH"):
                found.match = self.take().upper()
            else:
                break
        self.deferral(found)
        return found

    def action(self) -> str | None:
        if self.accept("NO", "ACTION"):
            return None
        if self.accept("SET"):
            return f"SET {self.take().upper()}"
        return self.take().upper()

    def deferral(self, reference: Reference) -> None:
        if self.accept("NOT", "DEFERRABLE"):
            reference.deferrable = False
        elif self.accept("DEFERRABLE"):
            reference.deferrable = True
        if self.accept("INITIALLY"):
            reference.initially = self.take().upper()

    def column_list(self) -> tuple[str, ...]:
        """The names in ``(a, b COLLATE x DESC)``, without what follows each."""
        end = closing(self.texts, self.place)
        names, fresh = [], True
        for text in self.texts[self.place + 1 : end]:
            if fresh:
                names.append(unquoted(text))
            fresh = text == ","
        self.place = end + 1
        return tuple(names)

    # -- constraints of the table -------------------------------------------------------------

    def table_constraint(self) -> Clause:
        start = self.start()
        name = unquoted(self.take()) if self.accept("CONSTRAINT") else None
        clause = Clause(NAME_ONLY, Span(start, start), name)
        if self.accept("PRIMARY", "KEY"):
            clause.kind, clause.columns = PRIMARY_KEY, self.column_list()
            if self.words[self.place - 2] == "AUTOINCREMENT":
                start = self.start_of(self.place - 2)
                clause.autoincrement = Span(start, start + len("AUTOINCREMENT"))
            clause.on_conflict = self.on_conflict()
        elif self.accept("UNIQUE"):
            clause.kind, clause.columns = UNIQUE, self.column_list()
            clause.on_conflict = self.on_conflict()
        elif self.accept("CHECK"):
            clause.kind, clause.text = CHECK, self.parentheses().strip()
            clause.on_conflict = self.on_conflict()
        elif self.accept("FOREIGN", "KEY"):
            clause.kind, clause.columns = FOREIGN_KEY, self.column_list()
            self.expect("REFERENCES")
            clause.reference = self.reference()
        elif name is None:
            raise self.fail("a table constraint")
        clause.span = Span(start, self.end())
        return clause


def even_type(texts: list[str]) -> str:
    """A type's tokens in one spelling: ``DECIMAL(10, 2)``, words in upper case."""
    if len(texts) == 1:
        return texts[0].upper()
    even = ""
    for one in texts:
        if one in ("(", ")", ","):
            even += one
        elif even and even[-1] not in "(+-":
            even += f" {one.upper()}"
        else:
            even += one.upper()
    return even
