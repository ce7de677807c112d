"""Differences for which there is no operation: said aloud, so that nothing is silent."""

from __future__ import annotations

from collections.abc import Iterator

from flask_schema.diff.options import has_operation
from flask_schema.snapshot.elements import Options, QualifiedName, Table
from flask_schema.snapshot.normal import name_order
from flask_schema.snapshot.snapshot import Snapshot


def leftovers(
    before: Snapshot,
    after: Snapshot,
    alterable: frozenset[str] = frozenset(),
    alike: frozenset[QualifiedName] = frozenset(),
) -> tuple[str, ...]:
    """Sentences for the user about what differs in tables that both sides have and stays as it is.

    ``alterable`` are the options of a table that can change, of which nothing needs to be said; ``alike`` tables that
    are known to differ in nothing.
    """
    shared = sorted((before.tables.keys() & after.tables.keys()) - alike, key=name_order)
    return tuple(
        sentence
        for name in shared
        if before.tables[name] != after.tables[name]
        for sentence in _of_table(before.tables[name], after.tables[name], alterable)
    )


def _of_table(before: Table, after: Table, alterable: frozenset[str]) -> Iterator[str]:
    for option, old, new in _changed(before.options, after.options):
        if option in alterable:
            continue
        if has_operation(option):
            continue
        yield (
            f"table {after.name}: option {option} is {old} in the database and {new} in the models; it is left as it is"
        )
    if before.prefixes != after.prefixes:
        yield f"table {after.name}: CREATE TABLE has other prefixes in the models; it is left as it is"
    old_columns = {column.name: column for column in before.columns}
    for column in after.columns:
        old_column = old_columns.get(column.name)
        if old_column is None or old_column.options == column.options:
            continue
        for option, old, new in _changed(old_column.options, column.options):
            yield (
                f"column {after.name}.{column.name}: option {option} is {old} in the database and {new} in the models; "
                "it is left as it is"
            )


def _changed(before: Options, after: Options) -> Iterator[tuple[str, str, str]]:
    old, new = dict(before), dict(after)
    for option in sorted({*old, *new}):
        if old.get(option) != new.get(option):
            yield option, _said(old.get(option)), _said(new.get(option))


def _said(value: object) -> str:
    return "not set" if value is None else repr(value)
