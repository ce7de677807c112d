"""Puts operations into an order that every database accepts. Sorts and cuts cycles; decides nothing else.

Things are dropped before what they stand on and created after it: foreign keys go first and come
last, keys and indexes go before columns and come after them. The same input gives the same output.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import IntEnum, auto
from typing import Any

from flask_schema.diff.cycles import creation_order
from flask_schema.diff.keys import drop
from flask_schema.operations.columns import AddColumn, AlterColumn, DropColumn
from flask_schema.operations.constraints import CreateConstraint, CreateForeignKey, DropConstraint
from flask_schema.operations.enums import AlterEnum
from flask_schema.operations.indexes import CreateIndex, DropIndex
from flask_schema.operations.operation import Operation
from flask_schema.operations.tables import CreateTable, DropTable
from flask_schema.snapshot.elements import QualifiedName
from flask_schema.snapshot.normal import constraint_order, index_order, name_order
from flask_schema.snapshot.snapshot import Snapshot


class Phase(IntEnum):
    """When an operation has its turn."""

    DROP_FOREIGN_KEYS = auto()
    DROP_TABLES = auto()
    DROP_INDEXES = auto()
    DROP_CHECKS = auto()
    DROP_UNIQUES = auto()
    DROP_PRIMARY_KEYS = auto()
    RENAMES = auto()
    TABLE_OPTIONS = auto()
    CREATE_TYPES = auto()
    CREATE_FUNCTIONS = auto()
    DROP_COLUMNS_FIRST = auto()
    ADD_COLUMNS = auto()
    ALTER_COLUMNS = auto()
    ALTER_COMPUTED_COLUMNS = auto()
    ADD_COMPUTED_COLUMNS = auto()
    DROP_COLUMNS = auto()
    NARROW_TYPES = auto()
    CREATE_PRIMARY_KEYS = auto()
    CREATE_UNIQUES = auto()
    CREATE_UNIQUE_INDEXES = auto()
    OTHERS = auto()
    CREATE_TABLES = auto()
    CREATE_CHECKS = auto()
    CREATE_INDEXES = auto()
    CREATE_FOREIGN_KEYS = auto()
    COMMENTS = auto()
    DROP_FUNCTIONS = auto()
    DROP_TYPES = auto()


_DROPS = {
    "foreignkey": Phase.DROP_FOREIGN_KEYS,
    "check": Phase.DROP_CHECKS,
    "exclude": Phase.DROP_CHECKS,
    "unique": Phase.DROP_UNIQUES,
    "primary": Phase.DROP_PRIMARY_KEYS,
}
_BY_DIRECTIVE = {
    "drop_table": Phase.DROP_TABLES,
    "drop_index": Phase.DROP_INDEXES,
    "create_primary_key": Phase.CREATE_PRIMARY_KEYS,
    "create_unique_constraint": Phase.CREATE_UNIQUES,
    "create_table": Phase.CREATE_TABLES,
    "create_check_constraint": Phase.CREATE_CHECKS,
    "create_exclude_constraint": Phase.CREATE_CHECKS,
    "create_index": Phase.CREATE_INDEXES,
    "create_foreign_key": Phase.CREATE_FOREIGN_KEYS,
    "create_enum": Phase.CREATE_TYPES,
    "create_sequence": Phase.CREATE_TYPES,
    "alter_sequence": Phase.CREATE_TYPES,
    "alter_table_options": Phase.TABLE_OPTIONS,
    "rename_sequence": Phase.RENAMES,
    "rename_index": Phase.RENAMES,
    "rename_constraint": Phase.RENAMES,
    "create_function": Phase.CREATE_FUNCTIONS,
    "replace_function": Phase.CREATE_FUNCTIONS,
    "drop_function": Phase.DROP_FUNCTIONS,
    "drop_enum": Phase.DROP_TYPES,
    "drop_sequence": Phase.DROP_TYPES,
    "create_table_comment": Phase.COMMENTS,
    "drop_table_comment": Phase.COMMENTS,
    "set_row_ttl": Phase.COMMENTS,
    "remove_row_ttl": Phase.DROP_INDEXES,
    "set_locality": Phase.COMMENTS,
}


def phase(operation: Operation) -> Phase:
    """The phase of an operation; one that this module does not know stands in the middle."""
    if isinstance(operation, DropConstraint):
        return _DROPS.get(operation.kind or "", Phase.DROP_UNIQUES)
    if isinstance(operation, (AddColumn, AlterColumn, DropColumn)):
        return _phase_of_column(operation)
    if isinstance(operation, AlterEnum):
        return Phase.NARROW_TYPES if operation.removed else Phase.CREATE_TYPES
    if isinstance(operation, CreateIndex) and operation.index.unique:
        return Phase.CREATE_UNIQUE_INDEXES  # a foreign key of a new table may rely on it
    return _BY_DIRECTIVE.get(operation.directive, Phase.OTHERS)


def _phase_of_column(operation: AddColumn | AlterColumn | DropColumn) -> Phase:
    """Computed columns come after the columns that they may use, and go before them."""
    if isinstance(operation, AddColumn):
        return Phase.ADD_COLUMNS if operation.column.computed is None else Phase.ADD_COMPUTED_COLUMNS
    if isinstance(operation, DropColumn):
        computed = operation.before is not None and operation.before.computed is not None
        return Phase.DROP_COLUMNS_FIRST if computed else Phase.DROP_COLUMNS
    return Phase.ALTER_COMPUTED_COLUMNS if "computed" in operation.after.known() else Phase.ALTER_COLUMNS


def ordered(operations: Iterable[Operation], before: Snapshot, after: Snapshot) -> tuple[Operation, ...]:
    """The operations in their order; foreign keys of new or dropped tables are cut out where they form cycles."""
    rest = [one for one in operations if not isinstance(one, (CreateTable, DropTable))]
    made, cut = _created([one for one in operations if isinstance(one, CreateTable)])
    gone, freed = _dropped([one for one in operations if isinstance(one, DropTable)])
    spellings = {(one.table, one.column.name.casefold()) for one in rest if isinstance(one, AddColumn)}
    placed = sorted([*rest, *cut, *freed], key=lambda one: _order(one, spellings, before, after))
    position = [_phase_among(one, spellings) for one in placed]
    for phase_of_tables, tables in ((Phase.CREATE_TABLES, made), (Phase.DROP_TABLES, gone)):
        place = next((place for place, one in enumerate(position) if one > phase_of_tables), len(position))
        placed[place:place] = tables
        position[place:place] = [phase_of_tables] * len(tables)
    return tuple(placed)


def _phase_among(operation: Operation, spellings: set[tuple[QualifiedName, str]]) -> Phase:
    """A column goes before another comes that only its spelling tells apart: most databases see one name."""
    if isinstance(operation, DropColumn) and (operation.table, operation.name.casefold()) in spellings:
        return Phase.DROP_COLUMNS_FIRST
    return phase(operation)


def _order(
    operation: Operation, spellings: set[tuple[QualifiedName, str]], before: Snapshot, after: Snapshot
) -> tuple[Any, ...]:
    """Sort key: phase, table, and within a table what the operation is about; columns keep the order given."""
    place = name_order(_subject(operation))
    detail: tuple[Any, ...] = ()
    if isinstance(operation, CreateConstraint):
        columns = after.tables[operation.table].column_names if operation.table in after.tables else ()
        detail = constraint_order(operation.constraint, columns)
    elif isinstance(operation, DropConstraint) and operation.before is not None:
        columns = before.tables[operation.table].column_names if operation.table in before.tables else ()
        detail = constraint_order(operation.before, columns)
    elif isinstance(operation, CreateIndex):
        detail = index_order(operation.index)
    elif isinstance(operation, DropIndex) and operation.before is not None:
        detail = index_order(operation.before)
    return (_phase_among(operation, spellings), place, detail)


def _subject(operation: Operation) -> QualifiedName:
    """The name that an operation is sorted by within its phase: a table's, a type's or a sequence's."""
    for attribute in ("table", "name"):
        found = getattr(operation, attribute, None)
        if isinstance(found, QualifiedName):
            return found
    for attribute in ("enum", "sequence", "after"):
        found = getattr(getattr(operation, attribute, None), "name", None)
        if isinstance(found, QualifiedName):
            return found
    return min(operation.touches(), key=name_order, default=QualifiedName(""))


def _created(operations: Sequence[CreateTable]) -> tuple[list[Operation], list[Operation]]:
    by_name = {one.table.name: one for one in operations}
    tables, cut = creation_order(one.table for one in operations)
    made: list[Operation] = [replace(by_name[table.name], table=table) for table in tables]
    return made, [CreateForeignKey(name, key) for name, key in cut]


def _dropped(operations: Sequence[DropTable]) -> tuple[list[Operation], list[Operation]]:
    known = {one.name: one for one in operations if one.before is not None}
    tables, cut = creation_order(one.before for one in known.values() if one.before is not None)
    unknown: list[Operation] = [one for one in operations if one.before is None]
    gone: list[Operation] = [replace(known[table.name], before=table) for table in reversed(tables)]
    return [*unknown, *gone], [drop(name, key) for name, key in cut]
