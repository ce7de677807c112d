"""One table in the middle of a change: its text, its indexes, and what has gone."""

from __future__ import annotations

from dataclasses import field

from flask_schema.dialects.sqlite.compiler import SqliteCompiler
from flask_schema.dialects.sqlite.create_table import Clause, ColumnText, parse_create_table
from flask_schema.dialects.sqlite.from_text import constraint_of, table_of
from flask_schema.dialects.sqlite.rebuild import StoredTable
from flask_schema.dialects.sqlite.table_editor import TableEditor, column_names
from flask_schema.dialects.sqlite.tokens import folded
from flask_schema.dialects.statement import Statement
from flask_schema.errors import ObjectMissing
from flask_schema.operations.groups import TableTemplate
from flask_schema.snapshot.elements import (
    Column,
    Constraint,
    DataType,
    QualifiedName,
    Table,
)
from flask_schema.values import dataclass


@dataclass(slots=True)
class TableState:
    """One table while operations are applied to it.

    ``template`` is what a batch block says of the table itself; ``described`` is given where that is all of it, and
    then counts instead of what is ``stored``. ``sources`` maps each column to the one of
    ``stored`` that fills it. ``dropped`` are columns, ``gone`` constraints and ``gone_indexes`` that went with
    them; ``in_block``: a batch block may bring them back with a column of the old name. ``checks`` are
    queries that must find nothing before the change. ``numbered`` says which columns get or lose AUTOINCREMENT.
    ``conversions`` are expressions that fill columns in the place of what ``sources`` says (``sqlite_using``).
    ``retyped`` columns got another type. ``emptied`` are the kinds of which all constraints without a name go.
    """

    compiler: SqliteCompiler
    stored: StoredTable
    template: TableTemplate
    described: StoredTable | None = None
    editor: TableEditor = field(init=False)
    indexes: dict[str, str] = field(init=False)
    sources: dict[str, str] = field(init=False)
    dropped: list[str] = field(default_factory=list)
    in_block: bool = False
    gone: list[Constraint] = field(default_factory=list)
    gone_indexes: dict[str, str] = field(default_factory=dict)
    checks: list[Statement] = field(default_factory=list)
    numbered: dict[str, bool] = field(default_factory=dict)
    conversions: dict[str, str] = field(default_factory=dict)
    retyped: list[str] = field(default_factory=list)
    emptied: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        start = self.described or self.stored
        self.editor = TableEditor(start.sql)
        self.indexes = dict(start.indexes)
        present = column_names(parse_create_table(self.stored.sql))
        names = (column.name for column in self.editor.parsed.columns)
        self.sources = {name: present[folded(name)] for name in names if folded(name) in present}

    @property
    def name(self) -> QualifiedName:
        """The table's name."""
        return self.stored.name

    @property
    def after(self) -> StoredTable:
        """The table as the operations so far leave it."""
        return StoredTable(self.name, self.editor.text, self.indexes, self.stored.triggers)

    def column(self, name: str) -> ColumnText:
        """The column's text. Raises ObjectMissing."""
        found = self.editor.column(name)
        if found is None:
            raise ObjectMissing(f"there is no column {self.name}.{name}")
        return found

    @property
    def state(self) -> tuple[str, dict[str, str], dict[str, str]]:
        """The texts as they are by now, to see whether anything changes."""
        return self.editor.text, dict(self.indexes), dict(self.conversions)

    def _constraint(self, clause: Clause) -> Constraint | None:
        return constraint_of(clause, column_names(self.editor.parsed), self.name.schema)

    def _bare_table(self) -> Table:
        """The table's columns alone: those of now and those dropped, since constraints may be named after them."""
        names = [*column_names(self.editor.parsed).values(), *self.dropped]
        return Table(self.name, tuple(Column(name, DataType("")) for name in names))

    def table(self) -> Table:
        """The table as an element, without its indexes."""
        return table_of(self.editor.parsed, self.name)


def replace_constraints(table: Table, found: list[Constraint]) -> Table:
    """The table with these constraints."""
    for constraint in found:
        table = table.with_constraint(constraint)
    return table
