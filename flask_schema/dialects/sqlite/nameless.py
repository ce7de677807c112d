"""Constraints without a name, dropped by scripts that had their names from an inspector: it has none for them.

One of several cannot be told from the others. Where as many are dropped as there are, that does not matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from flask_schema.dialects.dialect import Surroundings
from flask_schema.operations.constraints import KINDS, DropConstraint
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import Constraint, QualifiedName


def nameless_drops(operations: Iterable[Operation]) -> Counter[tuple[QualifiedName, str]]:
    """How many constraints of a table and a kind are to be dropped without a word about which ones."""
    return Counter(
        (one.table, one.kind)
        for one in operations
        if isinstance(one, DropConstraint) and one.name is None and one.before is None and one.kind
    )


def nameless(constraints: Iterable[Constraint]) -> Counter[str]:
    """How many constraints without a name there are of each kind."""
    return Counter(KINDS[type(one)] for one in constraints if one.name is None)


def some_are_left(waiting: Sequence[Operation], surroundings: Surroundings) -> bool:
    """Whether fewer are to be dropped than there are: the script may be about to drop the others."""
    for (name, kind), number in nameless_drops(waiting).items():
        table = surroundings.table(name)
        if table is not None and number < nameless(table.constraints)[kind]:
            return True
    return False
