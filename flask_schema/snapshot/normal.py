"""Snapshots in a fixed order: what is a set in the database is sorted, columns keep their places."""

from __future__ import annotations

from dataclasses import replace

from flask_schema.snapshot.elements import (
    CheckConstraint,
    Constraint,
    ExcludeConstraint,
    ForeignKey,
    Index,
    QualifiedName,
    Table,
)
from flask_schema.snapshot.snapshot import Snapshot


def name_order(name: QualifiedName) -> tuple[str, str]:
    """A sort key for qualified names: the default schema first."""
    return (name.schema or "", name.name)


def constraint_order(constraint: Constraint, columns: tuple[str, ...] = ()) -> tuple[object, ...]:
    """A sort key for constraints of one table: by the places of their columns, then by what they say.

    Checks without a name are alike to it, so that they keep their order: databases number them by it.
    """
    places = {name: place for place, name in enumerate(columns)}
    if isinstance(constraint, CheckConstraint):
        return ((), constraint.name or "", constraint.expression if constraint.name else "")
    if isinstance(constraint, ExcludeConstraint):
        return ((), constraint.name or "", repr(constraint))
    keys = tuple(places.get(name, len(places)) for name in constraint.columns)
    target = name_order(constraint.referred_table) if isinstance(constraint, ForeignKey) else ()
    return (keys, constraint.name or "", (*target, repr(constraint)))


def index_order(index: Index) -> tuple[str, str]:
    """A sort key for the indexes of one table."""
    return (index.name or "", repr(index))


def sorted_table(table: Table) -> Table:
    """The table with constraints and indexes in a fixed order; columns stay as they are."""
    names = table.column_names
    return replace(
        table,
        unique_constraints=tuple(sorted(table.unique_constraints, key=lambda one: constraint_order(one, names))),
        foreign_keys=tuple(sorted(table.foreign_keys, key=lambda one: constraint_order(one, names))),
        checks=tuple(sorted(table.checks, key=constraint_order)),
        excludes=tuple(sorted(table.excludes, key=constraint_order)),
        indexes=tuple(sorted(table.indexes, key=index_order)),
    )


def sorted_snapshot(snapshot: Snapshot) -> Snapshot:
    """The snapshot with every mapping in the order of its names and every table sorted."""
    return replace(
        snapshot,
        tables={name: sorted_table(snapshot.tables[name]) for name in sorted(snapshot.tables, key=name_order)},
        enums={name: snapshot.enums[name] for name in sorted(snapshot.enums, key=name_order)},
        sequences={name: snapshot.sequences[name] for name in sorted(snapshot.sequences, key=name_order)},
        views={name: snapshot.views[name] for name in sorted(snapshot.views, key=name_order)},
        functions={key: snapshot.functions[key] for key in sorted(snapshot.functions, key=_overload_order)},
        triggers={key: snapshot.triggers[key] for key in sorted(snapshot.triggers, key=_overload_order)},
    )


def _overload_order(key: tuple[QualifiedName, str]) -> tuple[tuple[str, str], str]:
    return (name_order(key[0]), key[1])
