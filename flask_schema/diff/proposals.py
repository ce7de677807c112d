"""Guesses renames: what disappeared and what appeared, scored by how much alike they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from difflib import SequenceMatcher
from typing import TypeVar

from flask_schema.diff.renames import Rename, RenamedColumn, RenamedTable, RenamedValue, carry, certain
from flask_schema.operations.columns import DropColumn
from flask_schema.operations.enums import AlterEnum
from flask_schema.operations.operation import Operation
from flask_schema.operations.tables import DropTable
from flask_schema.snapshot.elements import Column, Enum, QualifiedName, Table
from flask_schema.snapshot.normal import name_order
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass

THRESHOLD = 0.6
"""A score from which two names may mean the same thing; 1.0 is certain."""

_Thing = TypeVar("_Thing")


@dataclass(frozen=True, slots=True)
class Decision:
    """Renames that somebody decided on, and likely ones that nobody was asked about."""

    decided: tuple[Rename, ...]
    undecided: tuple[Rename, ...] = ()


def decide(
    before: Snapshot, after: Snapshot, renames: Sequence[Rename] = (), ask: Callable[[Rename], bool] | None = None
) -> Decision:
    """Ask about likely renames one by one, tables before the columns in them; with no ``ask`` all stay undecided.

    ``renames`` are decided already. A pair that is refused makes room for the next likely one.
    """
    if ask is None:
        return Decision(tuple(renames), propose(before, after, renames))
    decided, refused = list(renames), list[Rename]()
    while True:
        there = carry(before, after, (*decided, *certain(before, after))).snapshot.tables
        waiting = propose(before, after, decided, refused)
        one = next((one for one in waiting if not isinstance(one, RenamedColumn) or one.table in there), None)
        if one is None:
            return Decision(tuple(decided))
        (decided if ask(one) else refused).append(one)


def propose(
    before: Snapshot, after: Snapshot, renames: Sequence[Rename] = (), refused: Sequence[Rename] = ()
) -> tuple[Rename, ...]:
    """Renames that look likely beyond the decided ``renames``, the likeliest first, each thing at most once.

    Columns are looked at in tables that keep their name and in tables that are renamed, decided or
    proposed. ``refused`` ones are not proposed.
    """
    renames = (*renames, *certain(before, after))
    carried = carry(before, after, renames).snapshot
    tables = _propose_tables(carried, after, refused)
    found: list[Rename] = list(tables)
    origins = {one.after: one.before for one in tables}
    for name in sorted(after.tables, key=name_order):
        old = carried.tables.get(origins.get(name, name))
        if old is not None:
            found += _propose_columns(name, old, after.tables[name], refused)
    for name in sorted(carried.enums.keys() & after.enums.keys(), key=name_order):
        taken = {one.before for one in renames if isinstance(one, RenamedValue) and one.enum == name}
        taken |= {one.after for one in renames if isinstance(one, RenamedValue) and one.enum == name}
        found += _propose_values(name, carried.enums[name], after.enums[name], refused, taken)
    return tuple(sorted(found, key=lambda one: (not isinstance(one, RenamedTable), -one.score, one.option)))


def suspicion_of(proposals: Iterable[Rename]) -> Callable[[Operation], str | None]:
    """A function that says of a drop which rename it may be meant as; None for every other operation."""
    said: dict[object, str] = {}
    for one in proposals:
        place: object = one.enum if isinstance(one, RenamedValue) else one.before
        if isinstance(one, RenamedColumn):
            place = (one.table, one.before)
        said[type(one), place] = f"may be meant as a rename of {one.describe()}: --rename '{one.option}' keeps the data"

    def suspicion(operation: Operation) -> str | None:
        if isinstance(operation, DropTable):
            return said.get((RenamedTable, operation.name))
        if isinstance(operation, DropColumn):
            return said.get((RenamedColumn, (operation.table, operation.name)))
        if isinstance(operation, AlterEnum):
            return said.get((RenamedValue, operation.after.name)) if operation.removed else None
        return None

    return suspicion


def _propose_tables(before: Snapshot, after: Snapshot, refused: Sequence[Rename]) -> list[RenamedTable]:
    gone = [before.tables[name] for name in sorted(before.tables.keys() - after.tables.keys(), key=name_order)]
    new = [after.tables[name] for name in sorted(after.tables.keys() - before.tables.keys(), key=name_order)]

    def score(old: Table, one: Table) -> float:
        return 0.0 if RenamedTable(old.name, one.name) in refused else table_score(old, one)

    return [RenamedTable(old.name, one.name, value) for value, old, one in _best(gone, new, score)]


def _propose_columns(
    name: QualifiedName, before: Table, after: Table, refused: Sequence[Rename]
) -> list[RenamedColumn]:
    if before.column_names == after.column_names:
        return []
    gone = [column for column in before.columns if after.column(column.name) is None]
    new = [column for column in after.columns if before.column(column.name) is None]

    def score(old: Column, one: Column) -> float:
        if RenamedColumn(name, old.name, one.name) in refused:
            return 0.0
        return column_score(before, old, after, one)

    return [RenamedColumn(name, old.name, one.name, value) for value, old, one in _best(gone, new, score)]


def _propose_values(
    name: QualifiedName, before: Enum, after: Enum, refused: Sequence[Rename], taken: set[str]
) -> list[RenamedValue]:
    """A value that went while another came in its place, or under a name much like it."""
    gone = [one for one in before.values if one not in after.values and one not in taken]
    new = [one for one in after.values if one not in before.values and one not in taken]

    def score(old: str, one: str) -> float:
        if RenamedValue(name, old, one) in refused:
            return 0.0
        same_place = before.values.index(old) == after.values.index(one) and len(before.values) == len(after.values)
        return round(0.5 * same_place + 0.5 * name_score(old, one), 3)

    return [RenamedValue(name, old, one, value) for value, old, one in _best(gone, new, score)]


def _best(
    gone: Iterable[_Thing], new: list[_Thing], score: Callable[[_Thing, _Thing], float]
) -> list[tuple[float, _Thing, _Thing]]:
    """Pairs with the highest scores, each thing in one pair."""
    scored = [(score(old, one), old, one) for old in gone for one in new]
    scored.sort(key=lambda triple: -triple[0])
    pairs: list[tuple[float, _Thing, _Thing]] = []
    used: set[int] = set()
    for value, old, one in scored:
        if value >= THRESHOLD and not {id(old), id(one)} & used:
            used |= {id(old), id(one)}
            pairs.append((value, old, one))
    return pairs


def table_score(before: Table, after: Table) -> float:
    """How much two tables are alike, 0 to 1: mostly the columns that they share, a little the name."""
    if before.name.schema != after.name.schema:
        return 0.0
    shared = 0.0
    for place, column in enumerate(before.columns):
        other = after.column(column.name)
        if other is not None:
            shared += 1.0 if other.type == column.type else 0.6
        elif after.columns[place : place + 1] and before.column(after.columns[place].name) is None:
            shared += 0.5 if after.columns[place].type == column.type else 0.0
    overlap = 2 * shared / (len(before.columns) + len(after.columns) or 1)
    return round(0.8 * overlap + 0.2 * name_score(before.name.name, after.name.name), 3)


def column_score(before_table: Table, before: Column, after_table: Table, after: Column) -> float:
    """How much two columns are alike, 0 to 1: type, name, place, nullability and default, keys."""
    if before.type != after.type:
        kinds = [one.type.sql.partition("(")[0] for one in (before, after)]
        same_type = 0.5 if kinds[0] == kinds[1] else 0.0
    else:
        same_type = 1.0
    facets = (before.nullable, before.default, before.computed, before.identity)
    same_facets = facets == (after.nullable, after.default, after.computed, after.identity)
    return round(
        0.45 * same_type
        + 0.25 * name_score(before.name, after.name)
        + 0.1 * (_place(before_table, before) == _place(after_table, after))
        + 0.1 * same_facets
        + 0.1 * (_roles(before_table, before) == _roles(after_table, after)),
        3,
    )


def name_score(before: str, after: str) -> float:
    """How much two names are alike, 0 to 1."""
    return SequenceMatcher(None, before.lower(), after.lower(), autojunk=False).ratio()


def _place(table: Table, column: Column) -> int:
    return table.column_names.index(column.name)


def _roles(table: Table, column: Column) -> tuple[object, ...]:
    """What keys and indexes say about a column, names left out."""
    name = column.name
    return (
        table.primary_key is not None and name in table.primary_key.columns,
        any(name in one.columns for one in table.unique_constraints),
        frozenset(one.referred_table for one in table.foreign_keys if name in one.columns),
        any(name in one.columns for one in table.indexes),
    )
