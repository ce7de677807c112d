"""Tables that were added or dropped, and everything in those that stayed."""

from __future__ import annotations

from collections.abc import Iterator

from flask_schema.diff.checks import compare_checks
from flask_schema.diff.columns import FacetJudge, compare_columns
from flask_schema.diff.comments import compare_comments
from flask_schema.diff.excludes import compare_excludes
from flask_schema.diff.indexes import compare_indexes
from flask_schema.diff.keys import compare_foreign_keys, compare_primary_keys, compare_unique_constraints
from flask_schema.diff.options import compare_options
from flask_schema.operations.operation import Operation
from flask_schema.operations.tables import AlterTableOptions, CreateTable, DropTable
from flask_schema.snapshot.elements import QualifiedName, Table
from flask_schema.snapshot.normal import sorted_table
from flask_schema.snapshot.snapshot import Snapshot


def compare_tables(
    before: Snapshot,
    after: Snapshot,
    judge: FacetJudge | None = None,
    options: frozenset[str] = frozenset(),
    alike: frozenset[QualifiedName] = frozenset(),
) -> Iterator[Operation]:
    """Operations on all tables, in no particular order.

    ``options`` are those of a table that can change. ``alike`` tables differ in nothing; a ``judge`` may see it
    otherwise.
    """
    for name, table in after.tables.items():
        if judge is None and name in alike:
            continue
        if name not in before.tables:
            yield CreateTable(sorted_table(table))
        elif judge is not None or before.tables[name] != table:
            old = before.tables[name]
            yield from compare_columns(old, table, judge)
            yield from compare_primary_keys(old, table)
            yield from compare_unique_constraints(old, table)
            yield from compare_foreign_keys(before, after, name)
            yield from compare_checks(old, table)
            yield from compare_excludes(old, table)
            yield from compare_indexes(old, table)
            yield from compare_comments(old, table)
            yield from compare_table_options(old, table, options)
            yield from compare_options(old, table)
    for name, table in before.tables.items():
        if name not in after.tables:
            yield DropTable(name, before=sorted_table(table))


def compare_table_options(before: Table, after: Table, alterable: frozenset[str]) -> Iterator[Operation]:
    """The options of one table that can change; ``leftovers`` says the others."""
    old, new = dict(before.options), dict(after.options)
    changed = sorted(key for key in {*old, *new} if key in alterable and old.get(key) != new.get(key))
    if changed:
        yield AlterTableOptions(
            after.name,
            tuple((key, new.get(key)) for key in changed),
            tuple((key, old.get(key)) for key in changed),
        )
