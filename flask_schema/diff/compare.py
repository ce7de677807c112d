"""The comparison of two whole snapshots."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from flask_schema.diff.columns import FacetJudge
from flask_schema.diff.default_names import DefaultName, DefaultSequence, renamed_along, sequences_along
from flask_schema.diff.entangled import recreate_foreign_keys, recreate_namesakes
from flask_schema.diff.enums import compare_enums, widened_first
from flask_schema.diff.names import renamed_in_place
from flask_schema.diff.ordering import ordered
from flask_schema.diff.programs import Sides, plan_programs
from flask_schema.diff.renames import Rename, carry, certain, value_renames
from flask_schema.diff.retyped import recreate_on_retyped
from flask_schema.diff.sequences import compare_sequences
from flask_schema.diff.tables import compare_tables
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import QualifiedName
from flask_schema.snapshot.snapshot import Snapshot

Settle = Callable[[Snapshot, Snapshot], tuple[Snapshot, Snapshot, frozenset[QualifiedName]]]
"""Gives both snapshots with the same text for what means the same, and tables that are known to differ in nothing."""

Include = Callable[[Operation], bool]
"""Asked for each difference, before ordering; False leaves it out."""


def diff(
    before: Snapshot,
    after: Snapshot,
    *,
    renames: Sequence[Rename] = (),
    settle: Settle | None = None,
    include: Include | None = None,
    judge: FacetJudge | None = None,
    renamable: frozenset[str] = frozenset(),
    holds: frozenset[str] = frozenset(),
    default_name: DefaultName | None = None,
    default_sequence: DefaultSequence | None = None,
    table_options: frozenset[str] = frozenset(),
) -> tuple[Operation, ...]:
    """The operations that turn ``before`` into ``after``, in an order that databases accept.

    Both must be in canonical form. ``renames`` are decided ones; those that ``after`` asks for with
    ``renamed_from`` are added. Unmatched drops and additions stay what they are. ``settle`` is the dialect's
    judgement of texts that differ: it is asked when renames are carried out, since it looks for things by name;
    without it both sides must be settled already.
    ``judge`` may overrule the comparison of a column's facet. ``renamable`` says which of ``index`` and
    ``constraint`` the database can rename; the others are dropped and created. ``holds`` says which changes it
    refuses under a view (``diff.programs``) or a computed column (``diff.retyped``). ``default_name`` and
    ``default_sequence`` tell the names that the database makes up, which follow a rename. ``table_options`` are
    those that can change. The same input, in whatever order its mappings are, gives the same operations. Empty
    when nothing differs.
    """
    original = before
    renames = (*renames, *certain(before, after))
    carried = carry(before, after, renames)
    before, alike = carried.snapshot, frozenset[QualifiedName]()
    if settle is not None:
        before, after, alike = settle(before, after)
    found = [
        *compare_enums(before, after, value_renames(renames)),
        *compare_sequences(before, after),
        *compare_tables(before, after, judge, table_options, alike),
    ]
    if include is not None:
        found = [one for one in found if include(one)]
    found = widened_first(found)
    found = renamed_in_place(found, renamable, before)
    found = recreate_on_retyped(found, before, after, holds)
    found += recreate_namesakes(found, before, after)
    found += recreate_foreign_keys(found, before, after)
    if default_name is not None:
        found += list(renamed_along(original, before, after, carried.operations, found, default_name))
    if default_sequence is not None:
        found += sequences_along(original, before, after, carried.operations, default_sequence)
    plan = plan_programs(Sides(original, before, after), carried.operations, found, holds)
    return (*plan.first, *carried.operations, *ordered([*found, *plan.among], before, after), *plan.last)


def invert_all(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """The way back: each operation's inverse, in reverse order. Raises Irreversible."""
    return tuple(one.invert() for one in reversed(tuple(operations)))


def replay_all(snapshot: Snapshot, operations: Iterable[Operation]) -> Snapshot:
    """The snapshot after all ``operations``. Raises ObjectMissing when one does not fit."""
    for one in operations:
        snapshot = one.replay(snapshot)
    return snapshot
