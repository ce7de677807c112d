"""Columns that were added, dropped or changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace

from flask_schema.operations.columns import AddColumn, AlterColumn, ColumnFacets, DropColumn
from flask_schema.operations.operation import UNSET, Operation
from flask_schema.snapshot.elements import Column, QualifiedName, Table

FacetJudge = Callable[[QualifiedName, str, Column, Column], bool | None]
"""Asked with table, facet (``type``, ``default``, ...), column before and after: True for different, False for
the same, None to leave it to the comparison of values."""


def compare_columns(before: Table, after: Table, judge: FacetJudge | None = None) -> Iterator[Operation]:
    """Operations on the columns of one table; the order of its columns is not compared.

    Additions come in the models' order. Drops come from the last to the first, so that their inverse
    puts the columns back in the order that they had.
    """
    if before.columns == after.columns and judge is None:
        return
    old = {column.name: column for column in before.columns}
    new = {column.name: column for column in after.columns}
    for column in after.columns:
        if column.name not in old:
            yield AddColumn(after.name, column)
        elif column != old[column.name] or judge is not None:
            changed = changed_facets(after.name, old[column.name], column, judge)
            if changed.known():
                whole = ColumnFacets.of(old[column.name])
                yield AlterColumn(after.name, column.name, before=replace(whole, name=UNSET), after=changed)
    for column in reversed(before.columns):
        if column.name not in new:
            yield DropColumn(after.name, column.name, before=column)


def changed_facets(table: QualifiedName, before: Column, after: Column, judge: FacetJudge | None) -> ColumnFacets:
    """The facets of ``after`` that differ from ``before``, the name left out."""
    changed = {}
    for facet in fields(ColumnFacets):
        if facet.name == "name":
            continue
        old, new = getattr(before, facet.name), getattr(after, facet.name)
        verdict = judge(table, facet.name, before, after) if judge is not None else None
        if old != new if verdict is None else verdict:
            changed[facet.name] = new
    return ColumnFacets(**changed)
