"""What two snapshots leave open: texts that differ and may still mean the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    ExcludeConstraint,
    ForeignKey,
    Index,
    Options,
    QualifiedName,
    Table,
)
from flask_schema.snapshot.snapshot import Snapshot

_OF_THE_DEED = frozenset({"concurrently", "not_valid"})
"""Options that say how something is made; once it is there, they say nothing more."""


@dataclass(frozen=True, slots=True)
class Question:
    """One element of the table that the models want: is it what the database has?

    ``facet`` is ``type``, ``default``, ``computed``, ``check``, ``index`` or ``exclude``; ``place`` is the place of
    the column, check, index or exclude in ``table``.
    """

    table: Table
    facet: str
    place: int

    def describe(self) -> str:
        """The element in a few words, for a note."""
        table = self.table
        if self.facet in ("type", "default", "computed"):
            return f"the {self.facet} of column {table.name}.{table.columns[self.place].name}"
        named: str | None
        if self.facet == "check":
            named = table.checks[self.place].name or table.checks[self.place].expression
        elif self.facet == "index":
            named = table.indexes[self.place].name
        else:
            named = table.excludes[self.place].name or "EXCLUDE"
        return f"the {self.facet} {named} of table {table.name}"


def pairs(before: Snapshot, after: Snapshot) -> Iterator[tuple[Table, Table]]:
    """The tables that both sides have; a declared rename pairs two names."""
    for name, table in after.tables.items():
        old = before.tables.get(name)
        if old is None and table.renamed_from is not None:
            old = before.tables.get(QualifiedName(table.renamed_from, name.schema))
        if old is not None:
            yield old, table


def column_before(table: Table, column: Column) -> Column | None:
    """The column of ``table`` that ``column`` was; a declared rename counts."""
    old = table.column(column.name)
    return table.column(column.renamed_from) if old is None and column.renamed_from is not None else old


def questions(before: Table, after: Table) -> Iterator[Question]:
    """What is to be asked about one table."""
    for place, column in enumerate(after.columns):
        old = column_before(before, column)
        if old is None or old == column:
            continue
        if old.type.sql != column.type.sql and old.type.enum is None and column.type.enum is None:
            yield Question(after, "type", place)
        if None not in (old.default, column.default) and old.default != column.default:
            yield Question(after, "default", place)
        if None not in (old.computed, column.computed) and old.computed != column.computed:
            yield Question(after, "computed", place)
    for facet, old_ones, new_ones in (
        ("check", before.checks, after.checks),
        ("index", before.indexes, after.indexes),
        ("exclude", before.excludes, after.excludes),
    ):
        yield from (Question(after, facet, place) for place in _open_places(old_ones, new_ones))


_Element = CheckConstraint | Index | ExcludeConstraint


def _open_places(before: Iterable[_Element], after: Iterable[_Element]) -> Iterator[int]:
    """The places of wanted elements that the database has not word by word, while it has others that they may be."""
    had, new = list(before), list(after)
    had_contents = [replace(one, name=None) for one in had]
    unnamed = [one for one in new if one.name is None]
    left = [one for one, content in zip(had, had_contents, strict=True) if one not in new and content not in unnamed]
    for place, one in enumerate(new):
        is_there = one in had if one.name is not None else one in had_contents
        if not is_there and any(one.name in (None, old.name) for old in left):
            yield place


# -- what needs no server ---------------------------------------------------------------------


def without_deeds(before: Table, after: Table) -> Table:
    """``before`` with what differs from ``after`` only in how it was made taken from there."""
    return replace(
        before,
        checks=tuple(_like(one, after.checks) for one in before.checks),
        foreign_keys=tuple(_like(one, after.foreign_keys) for one in before.foreign_keys),
        indexes=tuple(_like(one, after.indexes) for one in before.indexes),
    )


_Made = TypeVar("_Made", CheckConstraint, ForeignKey, Index)


def _like(one: _Made, wanted: Iterable[_Made]) -> _Made:
    """NOT VALID in the models says how to make a constraint; in the database it is a state that counts."""
    if any(key in _OF_THE_DEED for key, _ in one.options):
        return one
    for other in wanted:
        if any(key in _OF_THE_DEED for key, _ in other.options):
            bare = replace(other, options=_bare(other.options))
            if replace(bare, name=None) == replace(one, name=None) and other.name in (None, one.name):
                return replace(one, options=other.options)
    return one


def _bare(options: Options) -> Options:
    return tuple(pair for pair in options if pair[0] not in _OF_THE_DEED)
