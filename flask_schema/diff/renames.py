"""Renames: decided ones are carried out before anything is compared, others are only proposed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field

from flask_schema.diff.keys import drop
from flask_schema.errors import UsageError
from flask_schema.operations.columns import AlterColumn, ColumnFacets, DropColumn, index_needs
from flask_schema.operations.constraints import DropConstraint
from flask_schema.operations.indexes import DropIndex
from flask_schema.operations.operation import Operation, table_of
from flask_schema.operations.tables import DropTable, RenameTable
from flask_schema.snapshot.elements import CheckConstraint, Constraint, ExcludeConstraint, QualifiedName, Table
from flask_schema.snapshot.identifiers import mentions
from flask_schema.snapshot.normal import name_order, sorted_table
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass


@dataclass(frozen=True, slots=True)
class RenamedTable:
    """The table ``before`` is called ``after`` now. ``score`` is 1.0 when somebody said so, less for a guess."""

    before: QualifiedName
    after: QualifiedName
    score: float = field(default=1.0, compare=False)

    def describe(self) -> str:
        """In words, for a question to the user."""
        return f"table {self.before} to {self.after}"

    @property
    def option(self) -> str:
        """What ``--rename`` takes for it."""
        return f"{self.before}:{self.after}"


@dataclass(frozen=True, slots=True)
class RenamedColumn:
    """In ``table`` (by the name that it has afterwards) the column ``before`` is called ``after`` now."""

    table: QualifiedName
    before: str
    after: str
    score: float = field(default=1.0, compare=False)

    def describe(self) -> str:
        """In words, for a question to the user."""
        return f"column {self.table}.{self.before} to {self.after}"

    @property
    def option(self) -> str:
        """What ``--rename`` takes for it."""
        return f"{self.table}.{self.before}:{self.table}.{self.after}"


@dataclass(frozen=True, slots=True)
class RenamedValue:
    """The value ``before`` of the enum type ``enum`` is called ``after`` now; rows that hold it follow."""

    enum: QualifiedName
    before: str
    after: str
    score: float = field(default=1.0, compare=False)

    def describe(self) -> str:
        """In words, for a question to the user."""
        return f"value {self.before!r} of enum {self.enum} to {self.after!r}"

    @property
    def option(self) -> str:
        """What ``--rename`` takes for it."""
        return f"{self.enum}.{self.before}:{self.enum}.{self.after}"


Rename = RenamedTable | RenamedColumn | RenamedValue


@dataclass(frozen=True, slots=True)
class Carried:
    """The operations that carry out renames, and the snapshot after them."""

    operations: tuple[Operation, ...]
    snapshot: Snapshot


def certain(before: Snapshot, after: Snapshot) -> tuple[Rename, ...]:
    """The renames that the models ask for with ``info={"renamed_from": "old"}`` of a table or column, and with
    ``info={"renamed_values": {"old": "new"}}`` of a column of an enum type.

    A hint counts while the old name is there and the new one is not; afterwards it does nothing.
    """
    found: list[Rename] = []
    for name in sorted(after.tables, key=name_order):
        table = after.tables[name]
        origin = name
        if name not in before.tables and table.renamed_from:
            origin = QualifiedName(table.renamed_from.rpartition(".")[2], name.schema)
            if origin in before.tables:
                found.append(RenamedTable(origin, name))
        old = before.tables.get(origin)
        if old is None:
            continue
        found += [
            RenamedColumn(name, column.renamed_from, column.name)
            for column in table.columns
            if column.renamed_from and old.column(column.renamed_from) and old.column(column.name) is None
        ]
    for name in sorted(before.enums.keys() & after.enums.keys(), key=name_order):
        there, wanted = before.enums[name].values, after.enums[name].values
        found += [
            RenamedValue(name, one, other)
            for one, other in after.enums[name].renamed_values
            if one in there and other in wanted and one not in wanted and other not in there
        ]
    return tuple(found)


def parse_rename(text: str, before: Snapshot, after: Snapshot) -> Rename:
    """``old:new`` for a table, ``table.old:table.new`` for a column (``table`` by either name, with its schema),
    ``enum.old:enum.new`` for a value of an enum type.

    Raises UsageError when the text has another form or the names are not there.
    """
    old, colon, new = text.partition(":")
    if not (old and colon and new) or ":" in new:
        raise UsageError(f"--rename {text!r} is not of the form old:new", hint="write table.old:table.new for a column")
    tables = [(one, other) for one in _read(old, before) for other in _read(new, after)]
    for one, other in tables:
        if one.schema == other.schema:
            return RenamedTable(one, other)
    owner, _, column = old.rpartition(".")
    new_owner, _, new_column = new.rpartition(".")
    for name in sorted(before.enums.keys() & after.enums.keys(), key=name_order):
        named = str(name) == owner and new_owner in (owner, "")
        if named and column in before.enums[name].values and new_column in after.enums[name].values:
            return RenamedValue(name, column, new_column)
    for table in [*_read(new_owner or owner, after), *_read(owner, after)]:
        there = [before.tables[one] for one in (*_read(owner, before), *_read(str(table), before))]
        if after.tables[table].column(new_column) and (not there or any(one.column(column) for one in there)):
            return RenamedColumn(table, column, new_column)
    raise UsageError(
        f"--rename {text!r}: there is no {old!r} in the database that could be {new!r} in the models",
        hint="write old:new for a table, table.old:table.new for a column",
    )


def _read(text: str, snapshot: Snapshot) -> list[QualifiedName]:
    return [name for name in sorted(snapshot.tables, key=name_order) if text and str(name) == text]


def value_renames(renames: Iterable[Rename]) -> dict[QualifiedName, tuple[tuple[str, str], ...]]:
    """The renamed values of each enum type."""
    found: dict[QualifiedName, tuple[tuple[str, str], ...]] = {}
    for one in renames:
        if isinstance(one, RenamedValue):
            found[one.enum] = (*found.get(one.enum, ()), (one.before, one.after))
    return found


def carry(before: Snapshot, after: Snapshot, renames: Sequence[Rename]) -> Carried:
    """Carry out ``renames`` on ``before``; what stands on a name that is needed is dropped first.

    The first of several renames of one thing counts. Renamed values of enum types are left to the operation
    that alters the type. Raises ObjectMissing when a rename
    names something that is not there.
    """
    journey = _Journey(before)
    journey.rename_tables({one.before: one.after for one in reversed(renames) if isinstance(one, RenamedTable)})
    columns: dict[QualifiedName, dict[str, str]] = {}
    for one in reversed(renames):
        if isinstance(one, RenamedColumn):
            columns.setdefault(one.table, {})[one.before] = one.after
    for table in sorted(columns, key=name_order):
        if table in after.tables:
            journey.rename_columns(table, columns[table])
    return Carried(tuple(journey.operations), journey.snapshot)


class _Journey:
    """Collects operations and keeps the snapshot after them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.operations: list[Operation] = []

    def go(self, operation: Operation) -> None:
        self.snapshot = operation.replay(self.snapshot)
        self.operations.append(operation)

    def rename_tables(self, renames: dict[QualifiedName, QualifiedName]) -> None:
        for target in sorted(renames.values(), key=name_order):
            if target in self.snapshot.tables and target not in renames:
                self.drop_table(target)
        taken = {name.name for name in self.snapshot.tables}
        steps = _steps({one.name: other.name for one, other in sorted(renames.items())}, taken)
        schemas = {one.name: one.schema for one in renames}
        for old, new in steps:
            schema = schemas.setdefault(new, schemas[old])
            self.go(RenameTable(QualifiedName(old, schema), new))

    def drop_table(self, name: QualifiedName) -> None:
        for other in sorted(self.snapshot.tables, key=name_order):
            for key in self.snapshot.tables[other].foreign_keys:
                if key.referred_table == name and other != name:
                    self.go(drop(other, key))
        self.go(DropTable(name, before=sorted_table(self.snapshot.tables[name])))

    def rename_columns(self, name: QualifiedName, renames: dict[str, str]) -> None:
        for target in sorted(renames.values()):
            if table_of(self.snapshot, name).column(target) is not None and target not in renames:
                self.drop_column(name, target)
        taken = set(table_of(self.snapshot, name).column_names)
        for old, new in _steps(renames, taken):
            column = self.snapshot.tables[name].column(old)
            facets = ColumnFacets() if column is None else ColumnFacets.of(column)
            known = {facet: value for facet, value in facets.known().items() if facet != "name"}
            self.go(AlterColumn(name, old, before=ColumnFacets(**known), after=ColumnFacets(name=new)))  # type: ignore[arg-type]

    def drop_column(self, name: QualifiedName, column: str) -> None:
        for other in sorted(self.snapshot.tables, key=name_order):
            for key in self.snapshot.tables[other].foreign_keys:
                if key.referred_table == name and column in key.referred_columns and other != name:
                    self.go(drop(other, key))
        table = sorted_table(self.snapshot.tables[name])
        for constraint in _relying(table, column):
            self.go(DropConstraint(name, constraint.name, drop(name, constraint).kind, before=constraint))
        for index in table.indexes:
            if index_needs(index, column):
                self.go(DropIndex(name, index.name or "", before=index))
        self.go(DropColumn(name, column, before=table.column(column)))


def _relying(table: Table, column: str) -> Iterator[Constraint]:
    """The constraints of ``table`` that cannot stay without ``column``, foreign keys first."""
    for constraint in reversed(table.constraints):
        if isinstance(constraint, CheckConstraint):
            if mentions(constraint.expression, column):
                yield constraint
        elif isinstance(constraint, ExcludeConstraint):
            if any(mentions(expression, column) for expression, _ in constraint.elements):
                yield constraint
        elif column in constraint.columns:
            yield constraint


def _steps(renames: dict[str, str], taken: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Single renames in an order in which no name is taken; a swap goes by way of a third name."""
    waiting = dict(sorted(renames.items()))
    names = set(taken)
    while waiting:
        old = next((one for one, new in waiting.items() if new not in names), None)
        if old is None:
            old = next(iter(waiting))
            aside = f"{old}_renamed"
            while aside in names:
                aside += "_"
            waiting[aside] = waiting.pop(old)
            new = aside
        else:
            new = waiting.pop(old)
        yield old, new
        names = (names - {old}) | {new}
