"""Operations on the columns of a table."""

from __future__ import annotations

from dataclasses import field, fields, replace
from typing import ClassVar

from flask_schema.errors import Irreversible, ObjectMissing
from flask_schema.operations.operation import UNSET, Operation, Unset, operation, table_of
from flask_schema.snapshot.elements import (
    Column,
    Computed,
    Constraint,
    DataType,
    ExcludeConstraint,
    ForeignKey,
    Identity,
    Index,
    Options,
    QualifiedName,
    Table,
)
from flask_schema.snapshot.identifiers import mentions, quote_mark, renamed
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass


@operation
@dataclass(frozen=True, slots=True)
class AddColumn(Operation):
    """Add ``column`` to a table, with the constraints and indexes written on it.

    ``insert_before`` and ``insert_after`` name a neighbour where the database can place a column. ``stands_in``:
    its default is for rows whose values are lost, and goes again.
    """

    directive: ClassVar[str] = "add_column"
    table: QualifiedName
    column: Column
    constraints: tuple[Constraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    if_not_exists: bool = False
    inline_references: bool = False
    insert_before: str | None = None
    insert_after: str | None = None
    stands_in: bool = field(default=False, compare=False)

    def describe(self) -> str:
        return f"add column {self.table}.{self.column.name}"

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.table})

    def invert(self) -> Operation:
        return DropColumn(self.table, self.column.name, before=self.column)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        table = table_of(snapshot, self.table)
        if table.column(self.column.name) is not None:
            if self.if_not_exists:
                return snapshot
            raise ObjectMissing(f"there is a column {self.table}.{self.column.name} already")
        names = list(table.column_names)
        place = len(names)
        if self.insert_before in names:
            place = names.index(self.insert_before)
        elif self.insert_after in names:
            place = names.index(self.insert_after) + 1
        columns = (*table.columns[:place], self.column, *table.columns[place:])
        table = replace(table, columns=columns, indexes=table.indexes + self.indexes)
        for constraint in self.constraints:
            table = table.with_constraint(constraint)
        return snapshot.with_table(table)


@operation
@dataclass(frozen=True, slots=True)
class DropColumn(Operation):
    """Drop the column ``name``; ``before`` is what it was, when that is known."""

    directive: ClassVar[str] = "drop_column"
    destroys_data: ClassVar[bool] = True
    table: QualifiedName
    name: str
    if_exists: bool = False
    before: Column | None = None
    options: Options = ()

    def describe(self) -> str:
        return f"drop column {self.table}.{self.name}"

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.table})

    def invert(self) -> Operation:
        if self.before is None:
            raise Irreversible(f"{self.describe()} has no way back: the column's type is not known")
        return AddColumn(self.table, self.before)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        table = table_of(snapshot, self.table)
        if table.column(self.name) is None:
            if self.if_exists:
                return snapshot
            raise ObjectMissing(f"there is no column {self.table}.{self.name}")
        return snapshot.with_table(without_column(table, self.name))


def without_column(table: Table, name: str) -> Table:
    """The table without a column, and without the constraints and indexes that need it."""
    key = table.primary_key
    return replace(
        table,
        columns=tuple(column for column in table.columns if column.name != name),
        primary_key=None if key is not None and name in key.columns else key,
        unique_constraints=tuple(one for one in table.unique_constraints if name not in one.columns),
        foreign_keys=tuple(one for one in table.foreign_keys if name not in one.columns),
        checks=tuple(one for one in table.checks if not mentions(one.expression, name)),
        excludes=tuple(
            one for one in table.excludes if not any(mentions(expression, name) for expression, _ in one.elements)
        ),
        indexes=tuple(one for one in table.indexes if not index_needs(one, name)),
    )


def index_needs(index: Index, name: str) -> bool:
    """Whether an index cannot stay without the column ``name``."""
    if name in index.columns or name in index.include:
        return True
    texts = [one.expression for one in index.elements if not one.is_column]
    return any(mentions(text, name) for text in (*texts, index.where or ""))


@dataclass(frozen=True, slots=True)
class ColumnFacets:
    """Facets of a column, each UNSET where nothing is said of it (None means: there is none)."""

    type: DataType | Unset = UNSET
    nullable: bool | Unset = UNSET
    default: str | Unset | None = UNSET
    computed: Computed | Unset | None = UNSET
    identity: Identity | Unset | None = UNSET
    autoincrement: bool | Unset = UNSET
    comment: str | Unset | None = UNSET
    name: str | Unset = UNSET

    @classmethod
    def of(cls, column: Column) -> ColumnFacets:
        """All facets of a column that is known whole."""
        return cls(**{facet.name: getattr(column, facet.name) for facet in fields(cls)})

    def known(self) -> dict[str, object]:
        """The facets that something is said of, by name."""
        return {
            facet.name: getattr(self, facet.name) for facet in fields(self) if getattr(self, facet.name) is not UNSET
        }

    def applied_to(self, column: Column) -> Column:
        """The column with these facets put in."""
        return replace(column, **self.known())  # type: ignore[arg-type]


@operation
@dataclass(frozen=True, slots=True)
class AlterColumn(Operation):
    """Change facets of the column ``name``: those known in ``after``.

    ``before`` holds what is known of the column as it is. ``using`` is PostgreSQL's conversion expression.
    """

    directive: ClassVar[str] = "alter_column"
    table: QualifiedName
    name: str
    before: ColumnFacets = ColumnFacets()
    after: ColumnFacets = ColumnFacets()
    using: str | None = None
    insert_before: str | None = None
    insert_after: str | None = None
    options: Options = ()

    def describe(self) -> str:
        facets = [facet for facet in self.after.known() if facet != "name"]
        changed = f" ({', '.join(facets)})" if facets else ""
        if self.after.name is not UNSET:
            return f"rename column {self.table}.{self.name} to {self.after.name}{changed}"
        return f"alter column {self.table}.{self.name}{changed or ' (nothing)'}"

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.table})

    def invert(self) -> Operation:
        known = self.before.known()
        changed = self.after.known()
        missing = [facet for facet in changed if facet not in known and facet != "name"]
        if missing:
            raise Irreversible(f"{self.describe()} has no way back: existing {', '.join(missing)} not known")
        new_name = self.after.name if isinstance(self.after.name, str) else self.name
        back: dict[str, object] = {facet: known[facet] for facet in changed if facet != "name"}
        kept: dict[str, object] = {facet: value for facet, value in known.items() if facet != "name"}
        if new_name != self.name:
            back["name"] = self.name
        return AlterColumn(
            self.table,
            new_name,
            before=ColumnFacets(**{**kept, **{key: value for key, value in changed.items() if key != "name"}}),  # type: ignore[arg-type]
            after=ColumnFacets(**back),  # type: ignore[arg-type]
        )

    def replay(self, snapshot: Snapshot) -> Snapshot:
        table = table_of(snapshot, self.table)
        column = table.column(self.name)
        if column is None:
            raise ObjectMissing(f"there is no column {self.table}.{self.name}")
        altered = self.after.applied_to(column)
        columns = tuple(altered if one.name == self.name else one for one in table.columns)
        replayed = snapshot.with_table(replace(table, columns=columns))
        if altered.name != self.name:
            replayed = renamed_in(replayed, self.table, self.name, altered.name)
        return replayed


def renamed_in(snapshot: Snapshot, table: QualifiedName, before: str, after: str) -> Snapshot:
    """The snapshot with all that names a renamed column following it, in this table and in foreign keys of others.

    Expressions follow too, as they do in a database, which keeps them as trees and not as text.
    """

    def pointing(key: ForeignKey) -> ForeignKey:
        if key.referred_table != table:
            return key
        return replace(key, referred_columns=_renamed(key.referred_columns, before, after))

    tables = {
        name: replace(one, foreign_keys=tuple(pointing(key) for key in one.foreign_keys))
        for name, one in snapshot.tables.items()
    }
    if table in tables:
        tables[table] = _renamed_inside(tables[table], before, after, quote_mark(snapshot.dialect))
    return replace(snapshot, tables=tables)


def _renamed(columns: tuple[str, ...], before: str, after: str) -> tuple[str, ...]:
    return tuple(after if name == before else name for name in columns)


def _renamed_inside(table: Table, before: str, after: str, mark: str) -> Table:
    key = table.primary_key
    return replace(
        table,
        columns=tuple(_renamed_expression(column, before, after, mark) for column in table.columns),
        primary_key=replace(key, columns=_renamed(key.columns, before, after)) if key is not None else None,
        unique_constraints=tuple(
            replace(one, columns=_renamed(one.columns, before, after)) for one in table.unique_constraints
        ),
        foreign_keys=tuple(replace(one, columns=_renamed(one.columns, before, after)) for one in table.foreign_keys),
        checks=tuple(replace(one, expression=renamed(one.expression, before, after, mark)) for one in table.checks),
        excludes=tuple(_renamed_exclude(one, before, after, mark) for one in table.excludes),
        indexes=tuple(_renamed_index(one, before, after, mark) for one in table.indexes),
    )


def _renamed_expression(column: Column, before: str, after: str, mark: str) -> Column:
    if column.computed is None:
        return column
    expression = renamed(column.computed.expression, before, after, mark)
    return replace(column, computed=replace(column.computed, expression=expression))


def _renamed_exclude(exclude: ExcludeConstraint, before: str, after: str, mark: str) -> ExcludeConstraint:
    elements = tuple((renamed(expression, before, after, mark), operator) for expression, operator in exclude.elements)
    where = renamed(exclude.where, before, after, mark) if exclude.where is not None else None
    return replace(exclude, elements=elements, where=where)


def _renamed_index(index: Index, before: str, after: str, mark: str) -> Index:
    elements = tuple(
        replace(
            one,
            expression=_renamed((one.expression,), before, after)[0]
            if one.is_column
            else renamed(one.expression, before, after, mark),
        )
        for one in index.elements
    )
    where = renamed(index.where, before, after, mark) if index.where is not None else None
    return replace(index, elements=elements, where=where, include=_renamed(index.include, before, after))
