"""CHECK constraints."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from flask_schema.diff.keys import drop
from flask_schema.diff.matching import match
from flask_schema.operations.constraints import CreateCheckConstraint
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import CheckConstraint, Table


def compare_checks(before: Table, after: Table) -> Iterator[Operation]:
    """The checks of one table, compared by expression; whether two texts mean the same was settled before."""
    matching = match(before.checks, after.checks, _content)
    for check in matching.dropped:
        yield drop(after.name, check)
    for check in matching.added:
        yield CreateCheckConstraint(after.name, check)


def _content(check: CheckConstraint) -> Hashable:
    return (check.expression, check.options)
