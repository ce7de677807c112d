"""EXCLUDE constraints."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace

from flask_schema.diff.keys import drop
from flask_schema.diff.matching import match
from flask_schema.operations.constraints import CreateExcludeConstraint
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import ExcludeConstraint, Table


def compare_excludes(before: Table, after: Table) -> Iterator[Operation]:
    """The exclusion constraints of one table."""
    matching = match(before.excludes, after.excludes, _content)
    for exclude in matching.dropped:
        yield drop(after.name, exclude)
    for exclude in matching.added:
        yield CreateExcludeConstraint(after.name, exclude)


def _content(exclude: ExcludeConstraint) -> Hashable:
    return replace(exclude, name=None)
