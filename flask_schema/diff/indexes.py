"""Indexes."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace

from flask_schema.diff.matching import match
from flask_schema.operations.indexes import CreateIndex, DropIndex
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import Index, Table


def compare_indexes(before: Table, after: Table) -> Iterator[Operation]:
    """The indexes of one table; a changed one is dropped and created."""
    matching = match(before.indexes, after.indexes, _content)
    for index in matching.dropped:
        yield DropIndex(after.name, index.name or "", before=index)
    for index in matching.added:
        yield CreateIndex(after.name, index)


def _content(index: Index) -> Hashable:
    """What an index says; whether a key was written verbatim says nothing once its text is canonical."""
    elements = tuple(replace(one, verbatim=False) for one in index.elements)
    return replace(index, name=None, elements=elements)
