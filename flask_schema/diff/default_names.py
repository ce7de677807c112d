"""Names that the database made up from those of a table and its columns, when these are renamed.

A constraint that the models do not name keeps its made-up name through a rename; a fresh database would make up
another one. It is renamed along, so that both are the same; one that somebody named otherwise is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from flask_schema.operations.columns import AlterColumn
from flask_schema.operations.constraints import DropConstraint
from flask_schema.operations.operation import Operation
from flask_schema.operations.renames import RenameConstraint
from flask_schema.operations.sequences import RenameSequence
from flask_schema.operations.tables import RenameTable
from flask_schema.snapshot.elements import CheckConstraint, Constraint, ForeignKey, QualifiedName, Table
from flask_schema.snapshot.normal import name_order
from flask_schema.snapshot.snapshot import Snapshot

DefaultSequence = Callable[[str, str], str | None]
"""The name that the database gives the sequence of a column, by the table's and the column's; None without one."""

DefaultName = Callable[[Table, Constraint], str | None]
"""The name that the database gives a constraint of a table that has none; None where it gives none."""


def renamed_along(
    original: Snapshot,
    carried: Snapshot,
    after: Snapshot,
    renames: Iterable[Operation],
    changes: Iterable[Operation],
    default_name: DefaultName,
) -> Iterator[Operation]:
    """The renames of constraints that follow ``renames``, which lead from ``original`` to ``carried``."""
    gone = {(one.table, one.name) for one in changes if isinstance(one, DropConstraint)}
    for name, current in sorted(_followed(original, renames).items(), key=lambda pair: name_order(pair[1])):
        table, now, wanted = original.tables[name], carried.tables.get(current), after.tables.get(current)
        if now is None or wanted is None:
            continue
        bare = nameless(table)
        taken = _taken(carried, current)
        for constraint in now.constraints:
            before = next((one for one in table.constraints if one.name == constraint.name), None)
            meant = next((one for one in wanted.constraints if one == replace(constraint, name=None)), None)
            if before is None or meant is None or (current, constraint.name) in gone:
                continue
            new_name = default_name(wanted, meant)
            made_up = (default_name(table, before), default_name(bare, replace(before, name=None)))
            if constraint.name in made_up and constraint.name and new_name and new_name not in taken:
                yield RenameConstraint(current, constraint.name, new_name)


def _taken(snapshot: Snapshot, name: QualifiedName) -> set[str | None]:
    """Names that no constraint of a table can get: keys share theirs with all tables and indexes of the schema."""
    near = [table for key, table in snapshot.tables.items() if key.schema == name.schema]
    constraints = (one for table in near for one in table.constraints)
    keys = {one.name for one in constraints if not isinstance(one, (CheckConstraint, ForeignKey))}
    own = {one.name for one in snapshot.tables[name].constraints}
    return own | keys | {index.name for table in near for index in table.indexes} | {one.name.name for one in near}


def nameless(table: Table) -> Table:
    """The table as if none of its constraints had been given a name, in the order of those that they have."""
    ordered = sorted(table.constraints, key=lambda one: (len(one.name or ""), one.name or ""))
    bare = replace(table, primary_key=None, unique_constraints=(), foreign_keys=(), checks=(), excludes=())
    for one in ordered:
        bare = bare.with_constraint(replace(one, name=None))
    return bare


def _followed(original: Snapshot, renames: Iterable[Operation]) -> dict[QualifiedName, QualifiedName]:
    """The tables in which something was renamed, by the name that they had, with the one that they have."""
    names = {name: name for name in original.tables}
    touched: set[QualifiedName] = set()
    for one in renames:
        if isinstance(one, RenameTable):
            found = next((name for name, now in names.items() if now == one.name), None)
            if found is not None:
                names[found] = one.after
                touched.add(found)
        elif isinstance(one, AlterColumn):
            touched |= {name for name, now in names.items() if now == one.table}
    return {name: names[name] for name in touched}


def sequences_along(
    original: Snapshot, carried: Snapshot, after: Snapshot, renames: Sequence[Operation], default: DefaultSequence
) -> Iterator[Operation]:
    """The renames of the sequences that SERIAL and identity columns take their numbers from."""
    for name, current in sorted(_followed(original, renames).items(), key=lambda pair: name_order(pair[1])):
        table, now, wanted = original.tables[name], carried.tables.get(current), after.tables.get(current)
        if now is None or wanted is None:
            continue
        for before, column in zip(table.columns, now.columns, strict=False):
            meant = wanted.column(column.name)
            if meant is None or not (meant.autoincrement or meant.identity) or before.sequence != column.sequence:
                continue
            new_name = default(current.name, column.name)
            if before.sequence == default(name.name, before.name) != new_name and before.sequence and new_name:
                yield RenameSequence(QualifiedName(before.sequence, current.schema), new_name)
