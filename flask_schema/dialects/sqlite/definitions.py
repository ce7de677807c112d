"""Reads the CREATE TABLE texts of a whole schema: each is cut at its commas, and equal definitions are parsed once.

Columns are alike from table to table, and constraints are but for their names. What a definition says does not depend
on the others, if a comma behind it really ends it. That is so when it is whole: its quotes and parentheses are closed,
it can be parsed, and there are no comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final, NamedTuple

from flask_schema.dialects.sqlite import create_table as parts
from flask_schema.dialects.sqlite.canonical import folded_names
from flask_schema.dialects.sqlite.create_table import TABLE_CONSTRAINTS, TableText, parse_create_table
from flask_schema.dialects.sqlite.from_text import column_of, constraint_of, spelled_index, table_options
from flask_schema.dialects.sqlite.tokens import texts_of, unquoted
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    Constraint,
    ForeignKey,
    Index,
    Options,
    PrimaryKey,
    QualifiedName,
    Table,
    UniqueConstraint,
)

_NAME: Final = r"[A-Za-z_]\w*|\"[^\",]+\""
_ACTION: Final = "CASCADE|RESTRICT|SET NULL|SET DEFAULT"
_HEAD: Final = re.compile(rf"CREATE TABLE (?:{_NAME})\s*\(")
_NAMED: Final = re.compile(rf"\s*CONSTRAINT (?P<name>{_NAME}) (?=CHECK|UNIQUE|PRIMARY|FOREIGN)")
_COLUMN: Final = re.compile(rf"\s*(?P<name>{_NAME}) (?P<rest>.*)\Z", re.DOTALL)
_FOREIGN_KEY: Final = re.compile(
    rf"\s*FOREIGN KEY ?\((?P<columns>(?:{_NAME})(?:, (?:{_NAME}))*)\) REFERENCES (?P<table>{_NAME}) ?"
    rf"\((?P<referred>(?:{_NAME})(?:, (?:{_NAME}))*)\)"
    rf"(?: ON DELETE (?P<ondelete>{_ACTION}))?(?: ON UPDATE (?P<onupdate>{_ACTION}))?\s*\Z"
)
"""A foreign key as SQLAlchemy writes it."""
_OPEN: Final = frozenset("'\"`[")
"""Tokens that are the beginning of a quoted one whose end is not there."""


class Definition(NamedTuple):
    """What stands between two commas: a column with its constraints, or constraints of the table (column is None).

    ``mentions`` are the columns that constraints of the table are on. ``numbers``: its key has AUTOINCREMENT.
    """

    column: Column | None
    constraints: tuple[Constraint, ...]
    mentions: tuple[str, ...] = ()
    numbers: bool = False


class Definitions:
    """The definitions of one schema that were met; they are kept as long as it is read."""

    def __init__(self, schema: str | None) -> None:
        self._schema = schema
        self._known: dict[str, Definition] = {}
        self._rests: dict[str, Definition | None] = {}
        self._options: dict[str, Options | None] = {}

    def table(self, sql: str, name: QualifiedName, indexes: Iterable[Index] = ()) -> Table | None:
        """A CREATE TABLE as a table, or None for one that has to be parsed as a whole."""
        found = self._cut(sql)
        if found is None:
            return None
        columns: list[Column] = []
        constraints: dict[type[Constraint], list[Any]] = {}
        mentions: list[str] = []
        numbers = False
        for one in found:
            if one.column is not None:
                columns.append(one.column)
            if one.constraints:
                for constraint in one.constraints:
                    constraints.setdefault(constraint.__class__, []).append(constraint)
                mentions += one.mentions
                numbers = numbers or one.numbers
        names = {column.name for column in columns}
        options = self._options_after(sql[sql.rindex(")") + 1 :])
        if options is None or not names.issuperset(mentions):
            return None
        return Table(
            name=name,
            columns=tuple(columns),
            primary_key=constraints[PrimaryKey][0] if PrimaryKey in constraints else None,
            unique_constraints=tuple(constraints.get(UniqueConstraint, ())),
            foreign_keys=tuple(constraints.get(ForeignKey, ())),
            checks=tuple(constraints.get(CheckConstraint, ())),
            indexes=tuple(_spelled(index, names) for index in indexes),
            options=(("autoincrement", True), *options) if numbers else options,
            sql=sql,
        )

    def _cut(self, sql: str) -> list[Definition] | None:
        head, end = _HEAD.match(sql), sql.rfind(")")
        if head is None or end < 0 or "--" in sql or "/*" in sql:
            return None
        known, found, waiting = self._known, [], ""
        for piece in sql[head.end() : end].split(","):
            if waiting:
                piece = f"{waiting},{piece}"  # noqa: PLW2901 - the comma was inside of a definition
            definition = known.get(piece)
            if definition is None:
                definition = self._definition(piece)
            if definition is None:
                waiting = piece
            else:
                waiting = ""
                found.append(definition)
        twice = len(set(map(id, found))) < len(found)  # elements of one table are told apart by identity
        return found if found and not waiting and not twice else None

    def _definition(self, text: str) -> Definition | None:
        """A definition that was not met yet; None where ``text`` is not the whole of one."""
        if text.count("(") != text.count(")"):
            return None
        named = _NAMED.match(text)
        if named is not None:  # the rest may well be known; the name is the table's own
            rest = text[named.end() :]
            bare = self._known.get(rest) or self._definition(rest)
            if bare is None or bare.column is not None or len(bare.constraints) != 1:
                return None  # several have no comma between them
            return bare._replace(constraints=(_named(bare.constraints[0], unquoted(named["name"])),))
        found = self._foreign_key(text) or self._column(text) or self._parsed(text)
        if found is not None:
            self._known[text] = found
        return found

    def _foreign_key(self, text: str) -> Definition | None:
        found = _FOREIGN_KEY.match(text)
        if found is None:
            return None
        columns = tuple(map(unquoted, found["columns"].split(", ")))
        referred = tuple(map(unquoted, found["referred"].split(", ")))
        table = QualifiedName(unquoted(found["table"]), self._schema)
        key = ForeignKey(columns, table, referred, None, found["onupdate"], found["ondelete"])
        return Definition(None, (key,), columns)

    def _column(self, text: str) -> Definition | None:
        """A column without constraints, parsed once for all that differ in nothing but their name."""
        found = _COLUMN.match(text)
        if found is None or found["name"].upper() in TABLE_CONSTRAINTS:
            return None
        rest = found["rest"]
        if rest not in self._rests:
            self._rests[rest] = self._parsed(f"x {rest}")
        alike = self._rests[rest]
        if alike is None or alike.column is None or alike.constraints:
            return None
        return Definition(alike.column.called(unquoted(found["name"])), ())

    def _parsed(self, text: str) -> Definition | None:
        parsed = _parsed(f"CREATE TABLE t ({text}\n)") if _OPEN.isdisjoint(texts_of(text)) else None
        if parsed is None or len(parsed.columns) > 1 or bool(parsed.columns) == bool(parsed.constraints):
            return None
        clauses = parsed.clauses()
        declared = folded_names(one.name for one in parsed.columns)
        made = (constraint_of(clause, declared, self._schema) for clause in clauses)
        constraints = tuple(one for one in made if one is not None)
        numbers = any(one.kind == parts.PRIMARY_KEY and one.autoincrement is not None for one in clauses)
        if parsed.columns:
            return Definition(column_of(parsed.columns[0]), constraints, (), numbers)
        mentions = tuple(name for clause in clauses for name in clause.columns)
        return Definition(None, constraints, mentions, numbers)

    def _options_after(self, tail: str) -> Options | None:
        if tail not in self._options:
            parsed = _parsed(f"CREATE TABLE t (x){tail}")
            self._options[tail] = table_options(parsed, None) if parsed is not None else None
        return self._options[tail]


def _parsed(text: str) -> TableText | None:
    try:
        return parse_create_table(text, places=False)
    except (ValueError, IndexError):  # the text is parsed as a whole then, which tells what is wrong with it
        return None


def _named(constraint: Constraint, name: str) -> Constraint:
    if isinstance(constraint, CheckConstraint):
        return CheckConstraint(constraint.expression, name, constraint.options)
    if isinstance(constraint, UniqueConstraint):
        return UniqueConstraint(constraint.columns, name, options=constraint.options)
    return replace(constraint, name=name)


def _spelled(index: Index, names: set[str]) -> Index:
    """The index with its columns spelled as the table spells them."""
    if all(one.expression in names for one in index.elements if one.is_column):
        return index
    return spelled_index(index, folded_names(names))
